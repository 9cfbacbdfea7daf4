"""The database goes away: the person reads so and may try again, and then it is back."""

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.database import run_on_server
from tests.e2e.cockpit import DATABASE, LIST, row_of

TRUCK = "1234AB01"


def close_database():
    run_on_server(f"ALTER DATABASE {DATABASE.name} ALLOW_CONNECTIONS false")
    run_on_server(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE.name}'"
    )


def open_database():
    run_on_server(f"ALTER DATABASE {DATABASE.name} ALLOW_CONNECTIONS true")


@pytest.fixture
def page(incident, signed_in):
    page = signed_in(Role.DIRECTEUR, path=f"{LIST}?severity=WARN")
    expect(page.locator(".alert-row")).to_have_count(2)
    close_database()
    return page


def test_the_page_says_unavailable_until_trying_again_works(page):
    assert page.reload().status == 503
    retry = page.get_by_role("link", name="Réessayer")
    retry.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Service momentanément indisponible")
    open_database()
    retry.click()
    expect(page.locator(".alert-row")).to_have_count(2)
    assert page.url.endswith(f"{LIST}?severity=WARN")


def test_an_action_says_that_it_failed_and_is_tried_again(page, incident):
    page.evaluate("window.sameDocument = true")
    row = page.locator(".alert-row", has_text=TRUCK)
    row.get_by_role("button", name="Acquitter").click()
    expect(page.get_by_role("alert")).to_contain_text("L’action n’a pas abouti (503).")
    expect(row.locator(".alert-state")).to_contain_text("Ouverte")
    open_database()
    page.get_by_role("button", name="Réessayer").click()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    assert page.evaluate("window.sameDocument")
    alert = incident.alert(TRUCK)
    expect(row_of(page, alert)).to_contain_text("Acquittée par Directeur de test")
    assert incident.state(alert) == ("ACK", incident.people[Role.DIRECTEUR], None)
