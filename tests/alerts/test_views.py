"""ACK and RESOLVE over HTTP: said once, after it is true, and back to where the person was."""

import pytest
from django.contrib.messages import get_messages

from alerts.models import Alert
from mlpp_gov.identity import db_identity
from tests.database import as_owner

LIST = "/governance/integrity/"


@pytest.fixture
def post(directeur, client_of):
    """POST an action as a directeur; returns (response, texts of the messages)."""
    client = client_of(directeur)

    def act(alert_id, action="ack", **data):
        response = client.post(f"/governance/alerts/{alert_id}/{action}/", data)
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return act


def status_of(alert_id):
    with as_owner() as cursor:
        cursor.execute("SELECT status FROM public.system_alerts WHERE id = %s", [alert_id])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("action", "status", "message"),
    [("ack", "ACK", "Alerte acquittée."), ("resolve", "RESOLVED", "Alerte résolue.")],
)
def test_an_action_is_done_and_then_said(post, make_alert, action, status, message):
    alert_id = make_alert()
    response, said = post(alert_id, action)
    assert response.status_code == 302
    assert said == [message]
    assert status_of(alert_id) == status


def test_the_person_goes_back_to_the_same_filters_and_page(post, make_alert):
    back = f"{LIST}?severity=WARN&page=3"
    response, _ = post(make_alert(), next=back)
    assert response.url == back


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        r"\\evil.example",
        "",
        "\r\nX: 1",
    ],
)
def test_the_way_back_never_leaves_the_site(post, make_alert, target):
    response, _ = post(make_alert(), next=target)
    assert response.url == LIST


def test_a_second_click_does_nothing_twice_and_says_who_was_first(post, make_alert, directeur):
    alert_id = make_alert()
    post(alert_id)
    with db_identity(directeur):
        first = Alert.objects.get(pk=alert_id)
    _, said = post(alert_id)
    assert said[-1].startswith(f"Rien n’a été modifié : alerte déjà acquittée par {directeur}, ")
    assert "(Africa/Lubumbashi)" in said[-1]
    with db_identity(directeur):
        assert Alert.objects.get(pk=alert_id).acknowledged_at == first.acknowledged_at


def test_no_success_is_said_when_the_database_refuses(post, make_alert, directeur):
    alert_id = make_alert()
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'pca' WHERE user_id = %s",
            [directeur.supabase_user_id],
        )
    response, said = post(alert_id)
    assert response.status_code == 403
    assert "Rien n’a été modifié" in response.text
    assert said == []
    assert status_of(alert_id) == "OPEN"


def test_an_unknown_alert_is_a_404_page(post):
    response, _ = post("00000000-0000-0000-0000-000000000000")
    assert response.status_code == 404


def test_a_missing_csrf_token_is_refused_and_nothing_changes(directeur, make_alert):
    from django.test import Client

    alert_id = make_alert()
    client = Client(enforce_csrf_checks=True)
    client.force_login(directeur)
    response = client.post(f"/governance/alerts/{alert_id}/ack/")
    assert response.status_code == 403
    assert status_of(alert_id) == "OPEN"


def test_hidden_fields_cannot_choose_the_actor(post, make_alert, directeur, admin):
    alert_id = make_alert()
    post(
        alert_id,
        actor=str(admin.pk),
        acknowledged_by=str(admin.supabase_user_id),
        status="RESOLVED",
    )
    with db_identity(directeur):
        alert = Alert.objects.get(pk=alert_id)
    assert (alert.status, alert.acknowledged_by) == ("ACK", directeur.supabase_user_id)
