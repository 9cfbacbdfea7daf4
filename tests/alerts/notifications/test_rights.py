"""Who may decide what is sent, when Python is bypassed; and what the journal keeps of it."""

import json
from datetime import time
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from alerts.notifications.queue import queue_notifications
from tests.alerts.notifications.conftest import ask, only, states, tell
from tests.sql.test_guards import as_person

RULE = {
    "p_rule": None,
    "p_topic": "opened",
    "p_severity": "WARN",
    "p_check": None,
    "p_depot": None,
    "p_recipient": "channel:astreinte",
    "p_delivery": "digest",
    "p_delay_hours": 0,
    "p_quiet_from": time(20),
    "p_quiet_to": time(6),
    "p_details": False,
    "p_recovery": True,
    "p_enabled": True,
}
TABLES = [
    "notification_rules",
    "notification_rule_changes",
    "notification_messages",
    "notification_items",
    "notification_attempts",
]


def set_rule(person, **changes):
    values = {**RULE, **changes}
    sql = f"SELECT gouvernance.set_notification_rule({', '.join(['%s'] * len(values))})"
    return as_person(person.supabase_user_id, sql, list(values.values()))[1][0][0]


def call(person, function, argument):
    sql = f"SELECT gouvernance.{function}(%s)"
    return as_person(person.supabase_user_id, sql, [argument])[1][0][0]


def refused(code, act):
    with pytest.raises(DatabaseError) as refusal:
        act()
    assert refusal.value.__cause__.sqlstate == code


def journal():
    rows = ask(
        "SELECT actor, rule, before, after FROM gouvernance.notification_rule_changes ORDER BY id"
    )
    return [(*row[:2], *(value and json.loads(value) for value in row[2:])) for row in rows]


def test_an_administrator_writes_changes_and_removes_a_rule_and_the_journal_says_so(admin):
    rule = set_rule(admin)
    assert set_rule(admin, p_rule=rule, p_details=True) == rule
    set_rule(admin, p_rule=rule, p_details=True)
    call(admin, "remove_notification_rule", rule)
    call(admin, "remove_notification_rule", rule)
    who = admin.supabase_user_id
    made, changed, removed = journal()
    assert made[:3] == (who, rule, None)
    assert changed[2]["details"] is False
    assert changed[3]["details"] is True
    assert removed[2] == changed[3]
    assert removed[3] is None


def test_a_rule_that_begins_to_hold_again_does_not_tell_what_was_before(admin):
    rule = only(enabled=False)
    old = {"p_rule": rule, "p_recipient": "role:directeur", "p_delivery": "at_once"}
    quiet = {"p_severity": None, "p_quiet_from": None, "p_quiet_to": None}
    since = "SELECT since = now() FROM gouvernance.notification_rules"
    set_rule(admin, **old, **quiet, p_enabled=False, p_details=True)
    set_rule(admin, **old, **quiet)
    assert ask(since) == [(True,)]
    ask("UPDATE gouvernance.notification_rules SET since = now() - interval '1 day'")
    set_rule(admin, **old, **quiet, p_details=True)
    assert ask(since) == [(False,)]
    set_rule(admin, **old, **{**quiet, "p_severity": "CRITICAL"})
    assert ask(since) == [(True,)]


@pytest.mark.parametrize("who", ["directeur", "pca", "gerant", "lecture"])
def test_nobody_else_decides(who, request, make_alert):
    person = request.getfixturevalue(who)
    before = ask("SELECT * FROM gouvernance.notification_rules ORDER BY id")
    refused("GV004", lambda: set_rule(person))
    refused("GV004", lambda: call(person, "remove_notification_rule", before[0][0]))
    refused("GV004", lambda: call(person, "queue_test", "channel:astreinte"))
    refused("GV004", lambda: call(person, "resend", 1))
    assert ask("SELECT * FROM gouvernance.notification_rules ORDER BY id") == before
    assert journal() == []
    assert states() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"p_topic": "autre"},
        {"p_topic": None},
        {"p_severity": "INFO"},
        {"p_check": "PAS_UN_CONTROLE"},
        {"p_depot": uuid4()},
        {"p_recipient": "role:gerant"},
        {"p_recipient": "person:1"},
        {"p_recipient": "channel:"},
        {"p_recipient": "channel:Astreinte"},
        {"p_recipient": "assignee"},
        {"p_delivery": "at_once"},
        {"p_delay_hours": 1},
        {"p_quiet_to": None},
        {"p_quiet_to": time(20)},
        {"p_topic": "check_failing"},
        {"p_topic": "overdue", "p_delay_hours": -1},
        {"p_topic": "weekly_report", "p_severity": None},
        {"p_rule": 0},
    ],
)
def test_an_impossible_rule_is_refused(admin, wrong):
    refused("GV003", lambda: set_rule(admin, **wrong))
    assert journal() == []


def test_the_journal_is_not_even_the_owners_to_rewrite(admin):
    set_rule(admin)
    for act in ("DELETE FROM", "TRUNCATE"):
        with pytest.raises(DatabaseError, match="ne se réécrit pas"), transaction.atomic():
            ask(f"{act} gouvernance.notification_rule_changes")


@pytest.mark.parametrize("table", TABLES)
def test_the_application_writes_nothing_itself(db, table):
    with connection.cursor() as cursor:
        for act in (
            f"INSERT INTO gouvernance.{table} DEFAULT VALUES",
            f"UPDATE gouvernance.{table} SET id = DEFAULT",
            f"DELETE FROM gouvernance.{table}",
            f"TRUNCATE gouvernance.{table}",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(act)


@pytest.mark.parametrize("what", ["subject", "body", "*"])
def test_the_application_does_not_read_what_messages_say(db, what):
    refused_read = f"SELECT {what} FROM gouvernance.notification_messages"
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(refused_read)


@pytest.mark.parametrize("table", TABLES)
def test_only_who_may_read_alerts_reads_them(admin, directeur, pca, gerant, lecture, table):
    message = call(admin, "queue_test", f"person:{admin.pk}")
    ask("SELECT FROM gouvernance.claim_notification(%s, 'UTC')", message)
    set_rule(admin)
    read = f"SELECT count(*) FROM gouvernance.{table}"
    if table == "notification_items":
        with pytest.raises(DatabaseError, match="permission denied"):
            as_person(admin.supabase_user_id, read)
        return
    ((known,),) = ask(read)
    assert known > 0
    for reader in (admin, directeur, pca):
        assert as_person(reader.supabase_user_id, read)[1] == [(known,)]
    for stranger in (gerant, lecture):
        assert as_person(stranger.supabase_user_id, read)[1] == [(0,)]


@pytest.mark.parametrize(
    "call_of_the_engine",
    [
        "queue_notifications('[]', 'UTC')",
        "claim_notification(1, 'UTC')",
        "word_notification(1, '', '')",
        "finish_notification(1)",
        "notifiable('[]')",
    ],
)
def test_people_do_not_work_the_engine(admin, call_of_the_engine):
    with pytest.raises(DatabaseError, match="permission denied"):
        as_person(admin.supabase_user_id, f"SELECT gouvernance.{call_of_the_engine}")


def test_one_fact_has_one_place_even_for_the_owner(directeur, make_alert):
    only()
    make_alert()
    queue_notifications()
    with pytest.raises(DatabaseError, match="notification_items_once"):
        ask(
            "INSERT INTO gouvernance.notification_items"
            " (message, rule, recipient, topic, alert_id, period, severity, key)"
            " SELECT message, rule, recipient, topic, alert_id, period, severity, key"
            " FROM gouvernance.notification_items"
        )


def test_a_person_of_governance_may_test_their_own_address_and_an_admin_any(directeur, admin):
    own = call(directeur, "queue_test", f"person:{directeur.pk}")
    call(admin, "queue_test", "channel:astreinte")
    refused("GV004", lambda: call(directeur, "queue_test", f"person:{admin.pk}"))
    refused("GV003", lambda: call(admin, "queue_test", "personne"))
    asked = "SELECT topic, requested_by FROM gouvernance.notification_messages WHERE id = %s"
    assert ask(asked, own) == [("test", directeur.supabase_user_id)]


def test_one_test_at_a_time_however_often_it_is_asked_for(admin):
    first = call(admin, "queue_test", "channel:astreinte")
    refused("GV003", lambda: call(admin, "queue_test", "channel:astreinte"))
    ask("UPDATE gouvernance.notification_messages SET state = 'given_up' WHERE id = %s", first)
    call(admin, "queue_test", "channel:astreinte")
    refused("GV003", lambda: call(admin, "resend", first))


def test_a_test_that_failed_is_not_tried_again_by_itself(admin):
    call(admin, "queue_test", "channel:absent")
    ((attempt,),) = ask(
        "SELECT attempt FROM gouvernance.claim_notification("
        "(SELECT id FROM gouvernance.notification_messages), 'UTC')"
    )
    assert ask("SELECT gouvernance.finish_notification(%s, 'refusé')", attempt) == [(None,)]
    assert states() == ["given_up"]


def test_a_test_is_sent(directeur):
    call(directeur, "queue_test", f"person:{directeur.pk}")
    (sent,) = tell()
    assert sent.to == [directeur.email]
    assert "essai" in sent.body


@pytest.mark.parametrize(
    ("state", "may"),
    [
        ("given_up", True),
        ("unknown", True),
        ("waiting", False),
        ("sending", False),
        ("sent", False),
        ("void", False),
    ],
)
def test_only_what_was_given_up_or_is_unknown_is_sent_again(admin, state, may):
    message = call(admin, "queue_test", f"person:{admin.pk}")
    ask("UPDATE gouvernance.notification_messages SET state = %s", state)
    if may:
        call(admin, "resend", message)
        assert states() == ["waiting"]
    else:
        refused("GV003", lambda: call(admin, "resend", message))
        assert states() == [state]
