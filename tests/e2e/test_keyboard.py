"""Everything a directeur does is done without a mouse."""

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, PASSWORD, row_of

TRUCK = "1234AB01"
FOCUSED = "document.activeElement.id"


@pytest.fixture
def page(incident, signed_in):
    return signed_in(Role.DIRECTEUR)


def tab_to(page, wanted):
    """Press Tab until the element of that id has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == wanted:
            return
    pytest.fail(f"Tab never reaches {wanted}")


def test_the_door_opens_in_english_without_a_mouse(cockpit, new_page):
    page = new_page()
    page.context.add_cookies([{"name": "language", "value": "en", "url": cockpit.url}])
    page.goto(f"/login/?next={LIST}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("directeur")
    page.keyboard.press("Tab")
    page.keyboard.type("un autre")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Wrong username or password.")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(cockpit.url + LIST)


def test_the_first_tab_offers_to_skip_to_the_content(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_enter_acknowledges_and_the_focus_stays_on_the_row(page, incident):
    alert = incident.alert(TRUCK)
    tab_to(page, f"ack-{alert}")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    expect(row_of(page, alert)).to_be_focused()
    for _ in ("the checkbox", "the link", "the button"):
        page.keyboard.press("Tab")
    expect(page.locator(f"#resolve-{alert}")).to_be_focused()


def test_a_second_enter_does_nothing(page, incident):
    alert = incident.alert(TRUCK)
    tab_to(page, f"ack-{alert}")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(row_of(page, alert)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)


def test_when_the_row_leaves_the_focus_goes_to_the_one_in_its_place(page, incident):
    first, second = (
        page.locator(".alert-row").nth(n).get_attribute("id").removeprefix("alert-") for n in (0, 1)
    )
    incident.mend()
    tab_to(page, f"resolve-{first}")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_have_text("Alerte résolue.")
    expect(row_of(page, second)).to_be_focused()


def test_the_menu_of_a_phone_opens_by_the_keyboard_and_without_javascript(incident, signed_in):
    phone = signed_in(
        Role.DIRECTEUR, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    link = phone.get_by_role("link", name="Contrôles")
    expect(link).to_be_hidden()
    for _ in ("the way to the content", "the name", "the menu"):
        phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(link).to_be_visible()
    link.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Contrôles")
    expect(phone.get_by_text("Menu, Contrôles")).to_be_visible()
