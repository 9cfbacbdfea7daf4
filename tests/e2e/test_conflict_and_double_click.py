"""Two people, or two clicks, on one alert: it is acknowledged once, and the second is told."""

import re

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, row_of

TRUCK = "1234AB01"
TOLD = re.compile(
    r"Rien n’a été modifié : alerte déjà acquittée par Directeur de test, .*\d{2}:\d{2}"
)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_second_person_reads_who_was_faster_and_when(incident, signed_in, script):
    alert = incident.alert(TRUCK)
    slow = signed_in(Role.ADMIN, java_script_enabled=script)
    fast = signed_in(Role.DIRECTEUR)
    row_of(fast, alert).get_by_role("button", name="Acquitter").click()
    expect(fast.get_by_text("Alerte acquittée.")).to_be_visible()
    row_of(slow, alert).get_by_role("button", name="Acquitter").click()
    expect(slow.locator("#messages")).to_have_text(TOLD)
    expect(row_of(slow, alert)).to_contain_text("Acquittée par Directeur de test")
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)


@pytest.mark.parametrize("place", ["list", "alert"])
def test_a_double_click_acknowledges_once_and_complains_of_nothing(incident, signed_in, place):
    alert = incident.alert(TRUCK)
    page = signed_in(Role.DIRECTEUR, path=LIST if place == "list" else f"{LIST}{alert}/")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.locator(f"#ack-{alert}").dblclick()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    expect(page.locator(f"#ack-{alert}")).to_have_count(0)
    assert len(sent) == 1
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)


@pytest.mark.parametrize("place", ["list", "alert"])
def test_a_click_while_the_first_is_on_its_way_sends_nothing(incident, signed_in, place):
    alert = incident.alert(TRUCK)
    page = signed_in(Role.DIRECTEUR, path=LIST if place == "list" else f"{LIST}{alert}/")
    held = []
    page.route("**/ack/*", lambda route: held.append(route))
    button = page.locator(f"#ack-{alert}")
    box = button.bounding_box()
    with page.expect_request("**/ack/*"):
        button.click(no_wait_after=True)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    held[0].continue_()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    assert len(held) == 1
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)
