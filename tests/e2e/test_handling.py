"""An alert whose cause stays is accepted, several are handled at once, and what was said remains."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, row_of

NEGATIVE_TANK = "stock négatif"
TRUCKS = ("1234AB01", "5678CD05")


def test_a_cause_that_is_still_there_is_accepted_until_a_date(incident, signed_in):
    alert = incident.alert(NEGATIVE_TANK)
    page = signed_in(Role.DIRECTEUR)
    row_of(page, alert).get_by_role("button", name="Résoudre").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La cause est toujours là")
    expect(page.get_by_label("Raison")).to_be_hidden()
    page.get_by_role("radio", name="Acceptée").check()
    page.get_by_label("Raison").select_option("Erreur de mesure")
    page.get_by_label("Commentaire").fill("Jauge en panne")
    page.get_by_role("button", name="Fermer l’alerte").click()
    expect(page.get_by_text("Une acceptation demande une date de fin.")).to_be_visible()
    expect(page.get_by_label("Commentaire")).to_have_value("Jauge en panne")
    until = timezone.localdate() + timedelta(days=30)
    page.locator("[name=until]").fill(until.isoformat())
    page.get_by_role("button", name="Fermer l’alerte").click()
    expect(page.locator("#messages")).to_contain_text("Alerte acceptée")
    expect(row_of(page, alert)).to_have_count(0)
    page.get_by_role("link", name="1 acceptée").click()
    expect(page.locator(".alert-row")).to_have_count(1)
    expect(row_of(page, alert)).to_contain_text("Acceptée par Directeur de test")
    assert incident.state(alert) == ("RESOLVED", None, incident.people[Role.DIRECTEUR])


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_selection_is_acknowledged_with_one_line_for_each(incident, signed_in, scripts):
    page = signed_in(Role.DIRECTEUR, java_script_enabled=scripts)
    for truck in TRUCKS:
        page.locator(".alert-row", has_text=truck).get_by_role("checkbox").check()
    page.get_by_label("Action").select_option("Acquitter")
    page.get_by_role("button", name="Appliquer à la sélection").click()
    expect(page.get_by_text("2 alertes : 2 faites.")).to_be_visible()
    for truck in TRUCKS:
        expect(page.get_by_role("listitem").filter(has_text=truck)).to_contain_text("Fait")
        acknowledged = ("ACK", incident.people[Role.DIRECTEUR], None)
        assert incident.state(incident.alert(truck)) == acknowledged


def test_a_note_and_an_assignment_stay_in_the_history(incident, signed_in):
    page = signed_in(Role.DIRECTEUR, path=f"{LIST}{incident.alert(NEGATIVE_TANK)}/")
    page.get_by_label("Note").fill("Jaugée ce matin")
    page.get_by_role("button", name="Ajouter la note").click()
    expect(page.locator("#messages")).to_have_text("Note ajoutée.")
    page.get_by_label("Confier à").select_option("Administrateur de test")
    page.get_by_role("button", name="Confier").click()
    expect(page.get_by_text("Alerte confiée à Administrateur de test.")).to_be_visible()
    events = page.locator(".history li")
    expect(events.nth(0)).to_contain_text("Confiée à Administrateur de test")
    expect(events.nth(1)).to_contain_text("Jaugée ce matin")
    expect(events.nth(1)).to_contain_text("Directeur de test")
