"""The session ends while a page is open: the next action leads to the login, and back."""

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, fill_login, row_of

TRUCK = "1234AB01"
FILTERED = f"{LIST}?severity=WARN"


@pytest.fixture
def page(incident, signed_in):
    page = signed_in(Role.DIRECTEUR, path=FILTERED)
    expect(page.locator(".alert-row")).to_have_count(2)
    page.context.clear_cookies(name="sessionid")
    return page


def expect_login_then_the_list(page, incident):
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    fill_login(page, Role.DIRECTEUR)
    expect(page).to_have_url(f"{incident.url}{FILTERED}")
    expect(page.locator(".alert-row")).to_have_count(2)


def test_an_action_changes_nothing_and_leads_to_the_login_and_back(page, incident):
    alert = incident.alert(TRUCK)
    row_of(page, alert).get_by_role("button", name="Acquitter").click()
    expect_login_then_the_list(page, incident)
    assert incident.state(alert) == ("OPEN", None, None)


def test_a_filter_leads_to_the_login_and_back(page, incident):
    page.get_by_label("État").select_option("all")
    expect_login_then_the_list(page, incident)
