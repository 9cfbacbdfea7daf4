"""The rules and the messages, in a browser that runs no script."""

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role

PAGE = "/governance/notifications/"


@pytest.fixture
def page(incident, signed_in):
    incident.ask("UPDATE gouvernance.mlpp_gov_user SET email = 'admin@example.org' RETURNING id")
    return signed_in(Role.ADMIN, path=PAGE, java_script_enabled=False)


def test_a_rule_is_refused_with_what_was_typed_then_added_changed_and_removed(page, incident):
    page.get_by_role("link", name="Ajouter une règle").click()
    page.get_by_label("Sujet").select_option("overdue")
    page.get_by_label("Sévérité").select_option("WARN")
    page.get_by_label("Attente en heures").fill("9999")
    page.get_by_role("button", name="Enregistrer la règle").click()
    expect(page.get_by_text("Un nombre entier d’heures")).to_be_visible()
    expect(page.get_by_label("Sévérité")).to_have_value("WARN")

    page.get_by_label("Attente en heures").fill("99")
    page.get_by_role("button", name="Enregistrer la règle").click()
    expect(page.get_by_text("Règle enregistrée.")).to_be_visible()
    (rule,) = incident.ask("SELECT max(id) FROM gouvernance.notification_rules")

    page.get_by_role("link", name=f"modifier la règle {rule}", exact=False).click()
    page.get_by_label("En service").uncheck()
    page.get_by_role("button", name="Enregistrer la règle").click()
    expect(page.get_by_text("En service\u00a0: oui → non")).to_be_visible()

    page.goto(f"{PAGE}rules/{rule}/")
    page.get_by_role("button", name="Retirer la règle").click()
    expect(page.get_by_text("La règle est retirée.")).to_be_visible()
    assert incident.ask(
        "SELECT count(*) FROM gouvernance.notification_rules WHERE id = %s", rule
    ) == (0,)


def test_a_test_is_asked_for_and_found_among_the_messages(page, incident):
    page.get_by_role("button", name="M’envoyer un essai").click()
    expect(page.get_by_text("Un essai part dans la minute")).to_be_visible()
    page.get_by_role("link", name="Tous les messages").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Administrateur de test")


def test_what_was_given_up_is_sent_again(page, incident):
    incident.ask(
        "INSERT INTO gouvernance.notification_messages (topic, recipient, state)"
        " VALUES ('opened', 'channel:astreinte', 'given_up') RETURNING id"
    )
    page.get_by_role("link", name="Abandonnés").click()
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.get_by_text("Le message va repartir")).to_be_visible()
    expect(page.locator("#state + p")).to_have_text("En attente")
