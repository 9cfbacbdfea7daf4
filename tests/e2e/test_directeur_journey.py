"""The morning of a directeur: see what is wrong, look into it, take it, close it."""

import json
import re

from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, fill_login, row_of

NEGATIVE_TANK = "stock négatif"
TRUCK = "1234AB01"


def test_the_front_door_leads_through_the_login_to_the_list(incident, new_page):
    page = new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    fill_login(page, Role.DIRECTEUR)
    expect(page).to_have_url(f"{incident.url}{LIST}")
    expect(page.get_by_role("banner").get_by_text("Directeur de test")).to_be_visible()


def test_a_wrong_password_is_refused_in_french(incident, new_page):
    page = new_page()
    page.goto("/login/")
    page.get_by_label("Nom d’utilisateur").fill("directeur")
    page.get_by_label("Mot de passe").fill("pas celui-là")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_have_text("Nom d’utilisateur ou mot de passe incorrect.")


def test_critical_comes_first(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    severities = page.locator(".alert-row .alert-severity")
    expect(severities).to_have_text(["CRITICAL", "WARN", "WARN"])
    expect(page.locator(".alert-row").first).to_contain_text(NEGATIVE_TANK)


def test_a_severity_filter_goes_into_the_address_and_the_counters_follow(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    expect(page.locator(".counter strong")).to_have_text(["3", "1", "2"])
    page.get_by_label("Sévérité").select_option("WARN")
    expect(page.locator(".counter strong")).to_have_text(["2", "0", "2"])
    expect(page.get_by_text("sur 3 alertes", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]severity=WARN(&|$)"))
    expect(page.locator(".alert-row")).to_have_count(2)


def test_the_back_button_returns_to_the_list_before_the_filter(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    page.get_by_label("Sévérité").select_option("CRITICAL")
    expect(page.locator(".alert-row")).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(f"{incident.url}{LIST}")
    expect(page.locator(".alert-row")).to_have_count(3)
    expect(page.get_by_label("Sévérité")).to_have_value("")


def test_the_payload_is_copied_as_the_database_holds_it(incident, signed_in):
    page = signed_in(Role.DIRECTEUR, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name=NEGATIVE_TANK).click()
    page.get_by_role("button", name="Copier le JSON").click()
    expect(page.get_by_text("Copié", exact=True)).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    (payload,) = incident.ask(
        "SELECT payload FROM public.system_alerts WHERE check_code = 'STOCK_NEGATIF'"
    )
    assert copied == payload


def test_without_the_right_to_write_the_clipboard_the_payload_is_selected(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject()")
    page.get_by_role("link", name=NEGATIVE_TANK).click()
    page.get_by_role("button", name="Copier le JSON").click()
    expect(page.get_by_text("Texte sélectionné : Ctrl+C")).to_be_visible()
    assert '"stock_ambiant"' in page.evaluate("getSelection().toString()")


def test_the_way_back_from_an_alert_keeps_the_filters(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    page.get_by_label("Sévérité").select_option("WARN")
    expect(page.locator(".alert-row")).to_have_count(2)
    page.get_by_role("link", name=TRUCK).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TRUCK)
    page.get_by_label("Fil d’Ariane").get_by_role("link", name="Intégrité").click()
    expect(page).to_have_url(f"{incident.url}{LIST}?severity=WARN")
    expect(page.locator(".alert-row")).to_have_count(2)


def test_an_acknowledged_row_changes_in_place(incident, signed_in):
    alert = incident.alert(TRUCK)
    page = signed_in(Role.DIRECTEUR, path=f"{LIST}?severity=WARN")
    page.evaluate("window.sameDocument = true")
    row = row_of(page, alert)
    row.get_by_role("button", name="Acquitter").click()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    expect(row.locator(".alert-state")).to_contain_text("Acquittée par Directeur de test")
    expect(row.get_by_role("button")).to_have_text(["Résoudre"])
    expect(page.locator(".alert-row")).to_have_count(2)
    assert page.evaluate("window.sameDocument")
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)


def test_a_resolved_row_leaves_the_active_list(incident, signed_in):
    alert = incident.alert(TRUCK)
    page = signed_in(Role.DIRECTEUR)
    page.evaluate("window.sameDocument = true")
    incident.mend()
    row_of(page, alert).get_by_role("button", name="Résoudre").click()
    expect(page.locator("#messages")).to_have_text("Alerte résolue.")
    expect(row_of(page, alert)).to_have_count(0)
    expect(page.locator(".counter strong")).to_have_text(["2", "1", "1"])
    assert page.evaluate("window.sameDocument")
    assert incident.state(alert) == ("RESOLVED", None, incident.people[Role.DIRECTEUR])


def test_an_alert_is_handled_from_its_own_page(incident, signed_in):
    alert = incident.alert(NEGATIVE_TANK)
    page = signed_in(Role.DIRECTEUR, path=f"{LIST}{alert}/")
    page.get_by_role("button", name="Acquitter").click()
    expect(page.get_by_text("Alerte acquittée.")).to_be_visible()
    incident.mend()
    page.get_by_role("button", name="Résoudre").click()
    expect(page.get_by_text("Alerte résolue.")).to_be_visible()
    expect(page).to_have_url(f"{incident.url}{LIST}{alert}/")
    directeur = incident.people[Role.DIRECTEUR]
    assert incident.state(alert) == ("RESOLVED", directeur, directeur)
