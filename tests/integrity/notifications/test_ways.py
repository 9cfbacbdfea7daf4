"""The ways out: names and outcomes, never an address; and tests, one at a time for a recipient."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from alerts.notifications.delivery import deliver
from alerts.notifications.queue import queue_notifications
from alerts.sync import sync_alerts
from integrity.notifications import actions
from mlpp_gov.messaging import NO_MAIL
from mlpp_gov.models import User
from mlpp_gov.roles import SpokenRefusal
from tests.database import as_owner
from tests.integrity.notifications.conftest import PAGE, rows


@pytest.fixture(autouse=True)
def _channels(channels: None) -> None:
    """Every test knows two channels."""


def queued_tests() -> list[str]:
    found = rows(
        "SELECT recipient FROM gouvernance.notification_messages WHERE topic = 'test' ORDER BY id"
    )
    return [recipient for (recipient,) in found]


def write_to(person: User) -> str:
    person.email = "personne@example.org"
    person.save()
    return f"person:{person.pk}"


def test_a_channel_is_a_name_and_a_kind_and_never_its_address(admin, client_of, make_message):
    message = make_message("Le service n’a pas répondu en 10\u00a0s.", state="given_up")
    client = client_of(admin)
    for path in ("", "messages/", f"messages/{message}/", "rules/add/", "rules/1/"):
        text = client.get(f"{PAGE}{path}").text
        assert "jeton-tres-secret" not in text
        assert "127.0.0.1" not in text
    text = client.get(PAGE).text
    assert "astreinte" in text
    assert "tgram" in text
    assert "Jamais essayé." in text


def test_a_channel_that_fails_is_announced_until_it_works_again(pca, client_of, make_message):
    reader = client_of(pca)
    make_message("Le service a refusé le message (HTTP 404).", None, state="sent")
    assert "notice warning" not in reader.get(PAGE).text, "it worked at last"
    for _ in range(2):
        make_message("Le service a refusé le message (HTTP 410).", state="given_up")
    make_message(None, state="sent", recipient="channel:depot")
    text = reader.get(PAGE).text
    assert "les 2 derniers essais ont échoué" in text
    assert "Le service a refusé le message (HTTP 410)." in text
    make_message(None, state="sent")
    assert "notice warning" not in reader.get(PAGE).text


def test_e_mails_are_one_way_whoever_they_go_to(directeur, client_of, make_message):
    make_message("Cette personne n’a pas d’adresse e-mail.", recipient="person:1", state="given_up")
    assert "<strong>E-mail</strong>&nbsp;: le dernier essai a échoué" in (
        client_of(directeur).get(PAGE).text
    )
    make_message(None, recipient="person:2", state="sent")
    assert "notice warning" not in client_of(directeur).get(PAGE).text


def test_a_channel_that_only_past_messages_name_is_still_shown(directeur, client_of, make_message):
    make_message("Ce canal n’est pas dans NOTIFY_CHANNELS.", recipient="channel:ancien")
    text = client_of(directeur).get(PAGE).text
    assert "ancien" in text
    assert "absent de NOTIFY_CHANNELS" in text


def test_a_channel_that_is_gone_is_announced_only_while_a_rule_needs_it(
    admin, act, client_of, make_message
):
    make_message("Ce canal n’est pas dans NOTIFY_CHANNELS.", recipient="channel:ancien")
    assert "notice warning" not in client_of(admin).get(PAGE).text
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.notification_rules (topic, recipient, delivery)"
            " VALUES ('opened', 'channel:ancien', 'at_once')"
        )
    assert "notice warning" in client_of(admin).get(PAGE).text


MARK = "des envois échouent"


@pytest.mark.parametrize("path", ["/governance/", "/governance/integrity/", PAGE])
def test_the_menu_tells_an_administrator_that_messages_do_not_leave(
    path, admin, directeur, client_of, make_message
):
    sync_alerts()
    make_message("raison", recipient="channel:astreinte")
    client_of(admin).get("/account/")  # that they are here is written down once
    with CaptureQueriesContext(connection) as unmarked:
        assert MARK not in client_of(admin).get(path).text, "no rule uses that channel"
    make_message("Le service n’a pas répondu en 10\u00a0s.", recipient="person:1")
    with CaptureQueriesContext(connection) as marked:
        assert MARK in client_of(admin).get(path).text
    assert len(marked) == len(unmarked)
    assert MARK not in client_of(directeur).get(path).text
    make_message(None, recipient="person:2", state="sent")
    assert MARK not in client_of(admin).get(path).text


def test_without_a_mail_server_the_page_says_what_is_missing(settings: Any, admin, act, client_of):
    settings.EMAIL_BACKEND = NO_MAIL
    write_to(admin)
    text = client_of(admin).get(PAGE).text
    assert "personne ne reçoit d’e-mail" in text
    assert "M’envoyer un essai" not in text
    assert "aucun serveur d’e-mail" in act("test/")[1][0]
    assert queued_tests() == []


@pytest.mark.parametrize("who", ["admin", "directeur", "pca"])
def test_whoever_sees_the_page_writes_to_themself_one_test_at_a_time(who, request, act, client_of):
    person = request.getfixturevalue(who)
    recipient = write_to(person)
    assert "M’envoyer un essai" in client_of(person).get(PAGE).text
    response, (said,) = act("test/", who=person)
    assert (response.status_code, response.url) == (302, PAGE)
    assert "personne@example.org" in said
    assert "déjà en route" in act("test/", who=person)[1][-1]
    assert queued_tests() == [recipient]


def test_a_test_arrives_and_its_page_shows_what_was_sent(directeur, act, client_of):
    write_to(directeur)
    act("test/", who=directeur)
    (message,) = queue_notifications()
    assert deliver(message)
    (sent,) = mail.outbox
    text = client_of(directeur).get(f"{PAGE}messages/{message}/").text
    assert sent.subject in text
    assert escape(sent.body) in text
    assert "Envoyé" in text
    assert str(directeur) in text


def test_a_test_that_ended_makes_room_for_the_next(directeur, act, make_message):
    recipient = write_to(directeur)
    make_message(topic="test", recipient=recipient, state="given_up")
    act("test/", who=directeur)
    assert queued_tests() == [recipient, recipient]


def test_who_has_no_address_is_told_whom_to_ask(directeur, act, client_of):
    assert "votre compte n’a pas d’adresse e-mail" in client_of(directeur).get(PAGE).text
    assert "un administrateur peut l’ajouter" in act("test/", who=directeur)[1][0]
    assert queued_tests() == []


def test_an_administrator_tries_a_channel_one_test_at_a_time(act):
    assert "par le canal depot" in act("channels/depot/test/")[1][0]
    assert "déjà en route" in act("channels/depot/test/")[1][-1]
    act("channels/astreinte/test/")
    assert queued_tests() == ["channel:depot", "channel:astreinte"]


@pytest.mark.parametrize("name", ["inconnu", "DEPOT", "a" * 300])
def test_a_channel_that_does_not_exist_is_a_404(act, name):
    assert act(f"channels/{name}/test/")[0].status_code == 404
    assert queued_tests() == []


def test_the_database_lets_others_write_to_themselves_only(directeur, admin):
    for recipient in ("channel:depot", f"person:{admin.pk}"):
        with pytest.raises(SpokenRefusal):
            actions.send_test(recipient, actor=directeur)
    assert queued_tests() == []
