"""A pca reads everything and changes nothing, whatever the browser is made to send."""

import json
import re

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, row_of

NEGATIVE_TANK = "stock négatif"


@pytest.fixture
def page(incident, signed_in):
    return signed_in(Role.PCA, permissions=["clipboard-read", "clipboard-write"])


def test_the_list_is_filtered_and_says_that_it_is_read_only(page, incident):
    page.get_by_label("Sévérité").select_option("CRITICAL")
    expect(page).to_have_url(re.compile(r"[?&]severity=CRITICAL(&|$)"))
    expect(page.locator(".alert-row")).to_have_count(1)
    expect(page.get_by_text("Lecture seule")).to_be_visible()


def test_an_alert_is_read_and_its_payload_copied(page, incident):
    page.get_by_role("link", name=NEGATIVE_TANK).click()
    page.get_by_role("button", name="Copier le JSON").click()
    expect(page.get_by_text("Copié", exact=True)).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    (payload,) = incident.ask(
        "SELECT payload FROM public.system_alerts WHERE check_code = 'STOCK_NEGATIF'"
    )
    assert copied == payload


def test_no_action_is_offered_on_the_list_or_on_an_alert(page, incident):
    actions = page.get_by_role("button", name=re.compile("Acquitter|Résoudre"))
    expect(page.locator(".alert-row")).to_have_count(3)
    expect(actions).to_have_count(0)
    page.get_by_role("link", name=NEGATIVE_TANK).click()
    expect(page.get_by_role("heading", name="Payload")).to_be_visible()
    expect(actions).to_have_count(0)


@pytest.mark.parametrize("action", ["ack", "resolve"])
def test_a_forged_action_is_refused_and_changes_nothing(page, incident, action):
    alert = incident.alert(NEGATIVE_TANK)
    expect(row_of(page, alert)).to_be_visible()
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"/governance/alerts/{alert}/{action}/",
        form={"csrfmiddlewaretoken": token, "next": LIST},
    )
    assert answer.status == 403
    assert "acquitter et résoudre les alertes" in answer.text()
    assert incident.state(alert) == ("OPEN", None, None)
