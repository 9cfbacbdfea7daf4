"""Keys for who handles many alerts, the field that finds everything, and the way back."""

import re

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import DATABASE, LIST, row_of

TRUCK = "1234AB01"
FOCUSED_ROW = "document.activeElement.closest('.alert-row')?.id ?? document.activeElement.tagName"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def stands_on(page, number):
    expect(page.locator(".alert-row").nth(number)).to_be_focused()


def test_an_alert_is_handled_from_the_keyboard_and_the_place_is_kept(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    press(page, "a", "r", "x", "Enter")  # nobody stands on a row yet
    expect(page.locator(".alert-row :checked")).to_have_count(0)
    press(page, "j")
    stands_on(page, 0)
    press(page, "j", "j", "j", "k")
    stands_on(page, 1)
    row = page.locator(".alert-row").nth(1)
    press(page, "x")
    expect(row.get_by_role("checkbox")).to_be_checked()
    press(page, "x")
    for held in ("Control+a", "Alt+a", "Meta+a"):
        press(page, held)
    assert incident.state(_alert(row))[0] == "OPEN"
    press(page, "a")
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    stands_on(page, 1)  # after the swap
    assert incident.state(_alert(row)) == ("ACK", incident.people[Role.DIRECTEUR], None)
    press(page, "a", "k")  # there is no such button any more
    stands_on(page, 0)
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"{LIST}[0-9a-f-]+/$"))
    press(page, "r")  # of the alert that the page is about: the same question as the button's
    expect(page.get_by_role("heading", level=1)).to_have_text("La cause est toujours là")


def _alert(row):
    return row.get_attribute("id").removeprefix("alert-")


def test_the_help_lists_the_keys_gives_the_focus_back_and_switches_them_off(incident, signed_in):
    page = signed_in(Role.PCA)
    help_dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    press(page, "j", "?")
    expect(help_dialog).to_be_visible()
    expect(help_dialog).not_to_contain_text("acquitter")  # a pca only reads
    for _ in range(12):
        press(page, "Tab")
        assert page.evaluate(
            "document.querySelector('dialog').contains(document.activeElement)"
            " || document.activeElement === document.body"
        )
    press(page, "j")
    expect(help_dialog).to_be_visible()
    press(page, "Escape")
    expect(help_dialog).to_be_hidden()
    stands_on(page, 0)

    page.get_by_role("button", name="Raccourcis").click()
    help_dialog.get_by_label("Utiliser ces touches").uncheck()
    help_dialog.get_by_role("button", name="Fermer").click()
    page.reload()
    press(page, "j", "?", "/", "g", "c")
    expect(help_dialog).to_be_hidden()
    assert page.evaluate(FOCUSED_ROW) == "BODY"
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    page.get_by_role("button", name="Raccourcis").click()
    help_dialog.get_by_label("Utiliser ces touches").check()
    help_dialog.get_by_role("button", name="Fermer").click()
    press(page, "g", "c")
    expect(page).to_have_url(re.compile("/governance/$"))


def test_a_slash_searches_and_what_is_typed_is_never_a_command(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    alert = incident.alert(TRUCK)
    row_of(page, alert).focus()
    press(page, "/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("jarx?/1234 ab")
    expect(page.locator("[data-search]")).to_have_value("jarx?/1234 ab")
    assert incident.state(alert)[0] == "OPEN"
    page.locator("[data-search]").fill("1234 ab-01")
    press(page, "Enter")
    page.get_by_role("link", name=TRUCK, exact=True).click()
    expect(page.locator(".alert-row")).to_have_count(1)
    expect(row_of(page, alert)).to_be_visible()


def test_the_field_searches_without_javascript_and_a_uuid_opens_its_alert(incident, signed_in):
    page = signed_in(Role.PCA, java_script_enabled=False)
    alert = incident.alert(TRUCK)
    page.locator("[data-search]").fill(str(alert))
    page.locator("[data-search]").press("Enter")
    expect(page).to_have_url(re.compile(f"{LIST}{alert}/$"))
    expect(page.get_by_role("button", name="Raccourcis")).to_be_hidden()


def test_filters_and_page_are_kept_through_alert_evidence_and_act(incident, signed_in):
    with DATABASE.owner() as connection:
        connection.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " SELECT 'X', 'WARN', 'CDR', gen_random_uuid(), 'camion ' || n"
            " FROM generate_series(1, 5) AS n"
        )
    filtered = f"{LIST}?severity=WARN&q=camion&page_size=3&page=2"
    page = signed_in(Role.DIRECTEUR, path=filtered)
    page.locator(".alert-row h2 a").first.click()
    page.get_by_role("link", name=re.compile("^Pièces")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pièces")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(_query(filtered))))
    page.locator(".alert-row h2 a").first.click()
    page.get_by_role("button", name="Acquitter").click()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    page.locator("a.back, .breadcrumbs .nearest a").first.click()
    for part in _query(filtered).split("&"):
        expect(page).to_have_url(re.compile(re.escape(part)))
    expect(page.locator(".alert-row")).to_have_count(3)


def _query(address):
    return address.partition("?")[2]


@pytest.mark.parametrize("role", [Role.DIRECTEUR])
def test_every_word_of_the_scripts_is_in_the_readers_language(incident, signed_in, new_page, role):
    with DATABASE.owner() as connection:
        connection.execute(
            "UPDATE gouvernance.mlpp_gov_user SET language = 'en' WHERE role = %s", [role.value]
        )
    page = signed_in(role)
    page.locator(".alert-row").first.get_by_role("checkbox").check()
    expect(page.locator(".picked")).to_have_text("1 alert selected")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text(
        "next, previous row"
    )
