"""The same journey in a browser that runs no script."""

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, row_of

TRUCK = "1234AB01"


@pytest.fixture
def page(incident, signed_in):
    return signed_in(Role.DIRECTEUR, java_script_enabled=False)


def test_filters_are_applied_by_their_button(page):
    page.get_by_label("Sévérité").select_option("WARN")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator(".alert-row")).to_have_count(2)
    expect(page.locator(".counter strong")).to_have_text(["2", "0", "2"])
    assert "severity=WARN" in page.url


def test_an_alert_is_acknowledged_and_the_filters_stay(page, incident):
    alert = incident.alert(TRUCK)
    page.goto(f"{LIST}?severity=WARN")
    row_of(page, alert).get_by_role("button", name="Acquitter").click()
    expect(page.get_by_text("Alerte acquittée.")).to_be_visible()
    expect(row_of(page, alert)).to_contain_text("Acquittée par Directeur de test")
    expect(page).to_have_url(f"{incident.url}{LIST}?severity=WARN")
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)


def test_an_alert_is_resolved_and_leaves_the_active_list(page, incident):
    alert = incident.alert(TRUCK)
    incident.mend()
    row_of(page, alert).get_by_role("button", name="Résoudre").click()
    expect(page.get_by_text("Alerte résolue.")).to_be_visible()
    expect(row_of(page, alert)).to_have_count(0)
    assert incident.state(alert) == ("RESOLVED", None, incident.people[Role.DIRECTEUR])


def test_what_needs_a_script_is_not_offered(page, incident):
    page.get_by_role("link", name=TRUCK).click()
    expect(page.get_by_role("heading", name="Payload")).to_be_visible()
    expect(page.get_by_role("button", name="Copier le JSON")).to_be_hidden()


def test_an_administrator_tunes_a_check(incident, signed_in):
    page = signed_in(Role.ADMIN, path=f"{LIST}checks/CDR_ARRIVE_STALE/", java_script_enabled=False)
    delay = page.get_by_label("Délai accordé")
    delay.fill("400")
    page.get_by_role("button", name="Enregistrer les réglages").click()
    expect(page.get_by_text("Une valeur entre 0 et 365 jours.")).to_be_visible()
    expect(delay).to_have_value("400")
    delay.fill("0,5")
    page.get_by_role("button", name="Enregistrer les réglages").click()
    expect(page.get_by_text("Réglages enregistrés")).to_be_visible()
    expect(delay).to_have_value("0,5")
    expect(page.get_by_text("2 jours → 0,5 jours")).to_be_visible()
