"""Sending one message: tried again when it fails, never twice when it may have left."""

import time
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import translation
from procrastinate.jobs import Job

from alerts import tasks
from alerts.notifications import delivery
from alerts.notifications.channels import ChannelError
from alerts.notifications.delivery import Undelivered, deliver
from alerts.notifications.queue import queue_notifications
from tests.alerts.notifications.conftest import ask, only, states, tell

JOBS = (
    "SELECT task_name, queueing_lock, priority, args FROM gouvernance.procrastinate_jobs"
    " WHERE task_name = 'send' ORDER BY id"
)


@pytest.fixture
def waiting(directeur, make_alert):
    """A message that is due."""
    only(severity="CRITICAL")
    make_alert(severity="CRITICAL", check_code="STOCK_NEGATIF")
    (message,) = queue_notifications()
    return message


def fail(monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(delivery, "send", refuse)


def attempts():
    return ask("SELECT outcome, failure FROM gouvernance.notification_attempts ORDER BY id")


def test_what_was_sent_is_kept_as_it_was_sent_and_not_sent_again(waiting):
    assert deliver(waiting)
    assert not deliver(waiting)
    (sent,) = mail.outbox
    assert sent.body.endswith(
        "Environnement\u00a0: development · Version du cockpit\u00a0: v0.0.0+0000000"
    )
    assert ask("SELECT state, subject, body FROM gouvernance.notification_messages") == [
        ("sent", sent.subject, sent.body)
    ]
    assert attempts() == [("sent", None)]


def test_a_channel_is_written_to_in_french_whoever_acts(waiting):
    with translation.override("en"):
        assert deliver(waiting)
    (sent,) = mail.outbox
    assert sent.subject == "CRITICAL · Stock négatif"
    assert "Message automatique" in sent.body


def test_a_failure_is_tried_again_later_and_later_then_given_up(waiting, monkeypatch):
    fail(monkeypatch, ChannelError("Le serveur d’e-mail est injoignable."))
    waits = []
    for _ in range(6):
        with pytest.raises(Undelivered) as undelivered:
            deliver(waiting)
        retry_at = undelivered.value.retry_at
        waits.append(retry_at and retry_at.timestamp() - time.time())
        assert not deliver(waiting) if retry_at else True
        ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    minutes = [round(wait / 60) for wait in waits[:5]]
    assert (minutes, waits[5]) == ([1, 2, 5, 15, 60], None)
    assert states() == ["given_up"]
    assert attempts() == [("failed", "Le serveur d’e-mail est injoignable.")] * 6
    assert not deliver(waiting)


def test_what_trying_again_cannot_cure_is_given_up_at_once(waiting, directeur):
    directeur.email = ""
    directeur.save()
    with pytest.raises(Undelivered) as undelivered:
        deliver(waiting)
    assert undelivered.value.retry_at is None
    assert states() == ["given_up"]
    assert attempts() == [("failed", "Cette personne n’a pas d’adresse e-mail.")]


def test_a_channel_that_fails_leaves_the_others_alone(directeur, make_alert):
    only(recipient="channel:inconnu")
    ask(
        "INSERT INTO gouvernance.notification_rules (topic, recipient, delivery, since)"
        " SELECT topic, 'role:directeur', delivery, since FROM gouvernance.notification_rules"
    )
    make_alert()
    assert len(tell()) == 1
    assert sorted(states()) == ["given_up", "sent"]


def test_who_sends_and_disappears_leaves_a_message_of_unknown_issue(waiting, monkeypatch):
    fail(monkeypatch, RuntimeError("the process dies here"))
    with pytest.raises(RuntimeError):
        deliver(waiting)
    monkeypatch.undo()
    assert tell() == []
    assert states() == ["sending"], "for five minutes somebody may still be at it"
    ask("UPDATE gouvernance.notification_attempts SET started_at = now() - interval '6 minutes'")
    assert tell() == []
    assert states() == ["unknown"]
    assert tell() == []
    assert not deliver(waiting)
    assert mail.outbox == []


def test_a_sender_that_was_only_slow_has_the_last_word(waiting, monkeypatch):
    def send_slowly(*_, **__):
        ask("UPDATE gouvernance.notification_attempts SET started_at = now() - interval '1 hour'")
        queue_notifications()
        assert states() == ["unknown"]

    monkeypatch.setattr(delivery, "send", send_slowly)
    assert deliver(waiting)
    assert states() == ["sent"]


def test_a_clock_that_jumps_back_neither_repeats_nor_breaks_anything(waiting):
    ask(
        "UPDATE gouvernance.alert_periods SET started_at = started_at + interval '1 hour'"
        " WHERE previous_ended_at IS NULL"
    )
    assert deliver(waiting)
    ask(
        "UPDATE gouvernance.notification_attempts SET started_at = started_at + interval '1 hour',"
        " finished_at = finished_at + interval '30 minutes'"
    )
    ask("UPDATE gouvernance.notification_messages SET created_at = created_at + interval '1 hour'")
    assert tell() == []
    assert states() == ["sent"]


def test_a_pass_of_the_worker_defers_one_job_for_each_message_in_its_own_transaction(waiting):
    with transaction.atomic():
        tasks.notify(timestamp=0)
        transaction.set_rollback(True)
    assert ask(JOBS) == []
    tasks.notify(timestamp=0)
    tasks.notify(timestamp=60)
    ((task, lock, priority, args),) = ask(JOBS)
    assert (task, lock) == ("send", f"send:{waiting}")
    assert priority < 0, "the evaluation goes first"
    assert str(waiting) in str(args)


def test_a_job_is_retried_when_the_database_says(waiting, monkeypatch):
    fail(monkeypatch, ChannelError("Le service est injoignable."))
    with pytest.raises(Undelivered) as undelivered:
        tasks.send(message=waiting)
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="send")
    decide = tasks.WhenTheMessageIsDue().get_retry_decision
    assert decide(exception=undelivered.value, job=job).retry_at == undelivered.value.retry_at
    assert decide(exception=Undelivered(1, "", None), job=job) is None
    assert decide(exception=RuntimeError(), job=job) is None


def test_the_command_sends_what_is_due_and_says_what_did_not_leave(
    directeur, make_alert, monkeypatch
):
    only()
    make_alert()
    output = StringIO()
    call_command("notify", stdout=output)
    assert output.getvalue() == "envoyés 1, en échec 0\n"
    fail(monkeypatch, ChannelError("Le serveur d’e-mail est injoignable."))
    make_alert(check_code="CDR_BLOQUE")
    with pytest.raises(CommandError, match="injoignable") as failed:
        call_command("notify", stdout=output)
    assert failed.value.returncode == 2


def test_the_command_says_when_nothing_could_be_queued(db):
    ask("ALTER FUNCTION gouvernance.notifiable(jsonb) RENAME TO away")
    with pytest.raises(CommandError, match="Rien n’a été envoyé") as failed:
        call_command("notify")
    assert failed.value.returncode == 1


def test_a_retry_after_a_change_says_what_is_true_then(waiting, make_alert, monkeypatch):
    fail(monkeypatch, ChannelError("Le service est injoignable."))
    with pytest.raises(Undelivered):
        deliver(waiting)
    monkeypatch.undo()
    ask("UPDATE public.system_alerts SET status = 'RESOLVED'")
    ask("UPDATE gouvernance.notification_messages SET due_at = now()")
    assert tell() == []
    assert states() == ["void"]


def test_attempts_are_committed_before_anything_leaves(waiting, monkeypatch):
    def look(recipient, subject, body, message):
        assert attempts() == [(None, None)]
        assert states() == ["sending"]

    monkeypatch.setattr(delivery, "send", look)
    assert deliver(waiting)


def test_what_an_evaluation_finds_need_not_wait_for_the_next_minute(db):
    later = int(time.time()) + 60
    tasks.evaluate(timestamp=later)
    tasks.evaluate(timestamp=later + 60)
    assert ask(
        "SELECT count(*) FROM gouvernance.procrastinate_jobs WHERE task_name = 'notify'"
    ) == [(1,)]
