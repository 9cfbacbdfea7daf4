"""Until when an alert is to be handled, who changes that, and whose turn it is when it is late.

Depot's local time is Africa/Lubumbashi, two hours ahead of UTC all the year round.
"""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone

from alerts.models import Alert, is_late
from alerts.wording import due_sentence, next_to_act_sentence
from mlpp_gov.identity import db_identity
from tests.database import as_owner
from tests.sql.test_guards import as_person

ZONE = "Africa/Lubumbashi"


def ask(sql, *params):
    with as_owner() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def due(check, severity, started, zone=ZONE):
    ((at,),) = ask("SELECT gouvernance.due_at(%s, %s, %s, %s)", check, severity, started, zone)
    return at


def levels():
    return ask("SELECT check_code, severity, hours FROM gouvernance.service_levels ORDER BY 1, 2")


def set_level(person, check, severity, hours):
    sql = "SELECT gouvernance.set_service_level(%s, %s, %s)"
    as_person(person.supabase_user_id, sql, [check, severity, hours])


def clear_level(person, check, severity):
    sql = "SELECT gouvernance.clear_service_level(%s, %s)"
    as_person(person.supabase_user_id, sql, [check, severity])


def journal():
    rows = ask(
        "SELECT actor, check_code, severity, before, after"
        " FROM gouvernance.service_level_changes ORDER BY id"
    )
    return [(*row[:3], *(value and json.loads(value) for value in row[3:])) for row in rows]


def reread(person, alert):
    with db_identity(person):
        return Alert.objects.with_handling().get(pk=alert)


@pytest.mark.parametrize(
    ("severity", "started", "expected"),
    [
        # 07:12 UTC is 09:12 at the depot: until midnight there, 22:00 UTC
        ("CRITICAL", datetime(2026, 2, 19, 7, 12, tzinfo=UTC), datetime(2026, 2, 19, 22, tzinfo=UTC)),
        # 23:30 UTC is already the next day at the depot
        ("CRITICAL", datetime(2026, 2, 19, 23, 30, tzinfo=UTC), datetime(2026, 2, 20, 22, tzinfo=UTC)),
        # at midnight sharp a whole day is left
        ("CRITICAL", datetime(2026, 2, 19, 22, tzinfo=UTC), datetime(2026, 2, 20, 22, tzinfo=UTC)),
        ("WARN", datetime(2026, 2, 19, 7, 12, tzinfo=UTC), datetime(2026, 2, 21, 7, 12, tzinfo=UTC)),
        ("INFO", datetime(2026, 2, 19, 7, 12, tzinfo=UTC), None),
    ],
)  # fmt: skip
def test_critical_is_due_the_same_local_day_and_warn_within_48_hours(
    db, severity, started, expected
):
    assert due("STOCK_NEGATIF", severity, started) == expected


def test_a_local_day_has_the_length_that_its_zone_says(db):
    started = datetime(
        2026, 3, 29, 0, 30, tzinfo=UTC
    )  # 01:30 in Paris, before the clocks go forward
    assert due("X", "CRITICAL", started, "Europe/Paris") == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_an_administrator_sets_the_level_of_one_check_and_the_others_keep_theirs(admin):
    started = datetime(2026, 2, 19, 7, tzinfo=UTC)
    set_level(admin, "STOCK_NEGATIF", "CRITICAL", 4)
    set_level(admin, "CDR_ARRIVE_STALE", "WARN", None)
    set_level(admin, "*", "WARN", 72)
    assert due("STOCK_NEGATIF", "CRITICAL", started) == started + timedelta(hours=4)
    assert due("CDR_ARRIVE_STALE", "WARN", started) == datetime(2026, 2, 19, 22, tzinfo=UTC)
    assert due("SORTIE_ECART_15C", "WARN", started) == started + timedelta(hours=72)
    clear_level(admin, "CDR_ARRIVE_STALE", "WARN")
    assert due("CDR_ARRIVE_STALE", "WARN", started) == started + timedelta(hours=72)
    who = admin.supabase_user_id
    assert journal() == [
        (who, "STOCK_NEGATIF", "CRITICAL", None, {"hours": 4}),
        (who, "CDR_ARRIVE_STALE", "WARN", None, {"hours": None}),
        (who, "*", "WARN", {"hours": 48}, {"hours": 72}),
        (who, "CDR_ARRIVE_STALE", "WARN", {"hours": None}, None),
    ]


def test_what_changes_nothing_leaves_no_line_in_the_journal(admin):
    set_level(admin, "*", "WARN", 48)
    clear_level(admin, "STOCK_NEGATIF", "CRITICAL")
    assert journal() == []


@pytest.mark.parametrize("who", ["directeur", "pca", "gerant", "lecture"])
def test_nobody_else_changes_a_level(who, request):
    person = request.getfixturevalue(who)
    before = levels()
    for act in (
        lambda: set_level(person, "*", "WARN", 96),
        lambda: clear_level(person, "*", "WARN"),
    ):
        with pytest.raises(DatabaseError) as refusal:
            act()
        assert refusal.value.__cause__.sqlstate == "GV004"
    for table in ("service_levels", "service_level_changes"):
        with pytest.raises(DatabaseError, match="permission denied"):
            as_person(person.supabase_user_id, f"DELETE FROM gouvernance.{table}")
    assert (levels(), journal()) == (before, [])


@pytest.mark.parametrize(
    ("check", "severity", "hours"),
    [
        ("*", "WARN", 0),
        ("*", "WARN", -1),
        ("*", "WARN", 8761),
        ("*", "INFO", 1),
        ("*", None, 1),
        ("PAS_UN_CONTROLE", "WARN", 1),
    ],
)
def test_an_impossible_level_is_refused(admin, check, severity, hours):
    with pytest.raises(DatabaseError) as refusal:
        set_level(admin, check, severity, hours)
    assert refusal.value.__cause__.sqlstate == "GV003"


def test_the_general_level_cannot_be_taken_away(admin):
    with pytest.raises(DatabaseError) as refusal:
        clear_level(admin, "*", "WARN")
    assert refusal.value.__cause__.sqlstate == "GV003"


def test_not_even_the_owner_rewrites_the_journal_of_levels(admin):
    set_level(admin, "*", "WARN", 72)
    with pytest.raises(DatabaseError, match="ne se réécrit pas"):
        ask("DELETE FROM gouvernance.service_level_changes")


def test_due_counts_from_the_current_period_and_ends_with_it(directeur, make_alert):
    old = timezone.now() - timedelta(days=9)
    alert = make_alert(
        status="RESOLVED", first_detected_at=old, resolved_at=old + timedelta(hours=1)
    )
    assert reread(directeur, alert).due_at is None
    ask("UPDATE public.system_alerts SET status = 'OPEN' WHERE id = %s", alert)
    found = reread(directeur, alert)
    assert found.due_at == found.open_since + timedelta(hours=48)
    assert found.open_since > old + timedelta(days=8)


def test_the_severity_that_counts_is_the_worst_of_the_period(directeur, make_alert):
    alert = make_alert(severity="CRITICAL")
    ask("UPDATE public.system_alerts SET severity = 'WARN' WHERE id = %s", alert)
    found = reread(directeur, alert)
    assert found.due_at - found.open_since <= timedelta(hours=24)


def test_only_active_alerts_past_due_are_late(directeur, make_alert):
    old = timezone.now() - timedelta(days=3)
    late = make_alert(first_detected_at=old)
    taken = make_alert(first_detected_at=old, status="ACK")
    make_alert(first_detected_at=old, status="RESOLVED", resolved_at=timezone.now())
    make_alert()
    with db_identity(directeur):
        assert set(Alert.objects.filter(is_late()).values_list("pk", flat=True)) == {late, taken}


def alert_due(hours, *, delay=48, **fields):
    """An alert due in so many hours, after a delay of so many."""
    at = timezone.now() + timedelta(hours=hours, minutes=1)
    alert = Alert(severity="WARN")
    alert.due_at, alert.open_since = at, at - timedelta(hours=delay)
    alert.assignee = fields.get("assignee")
    return alert


def test_the_delay_is_said_in_words():
    assert due_sentence(alert_due(-3.05)) == "en retard de 3\u00a0h\u00a002"
    assert due_sentence(alert_due(-72)) == "en retard de 3\u00a0jours"
    assert due_sentence(alert_due(50)).startswith("à traiter avant le ")
    closed = Alert()
    closed.due_at = closed.open_since = None
    assert due_sentence(closed) == next_to_act_sentence(closed, {}) == ""


def test_a_midnight_to_come_reads_as_today(directeur, make_alert):
    alert = reread(directeur, make_alert(severity="CRITICAL"))
    assert due_sentence(alert) == "à traiter aujourd’hui, avant minuit"


def test_it_is_the_assignees_turn_then_a_directeurs_then_an_administrators():
    somebody = uuid4()
    names = {somebody: "Awa"}
    assert next_to_act_sentence(alert_due(10, assignee=somebody), names) == "Awa doit agir."
    assert "Confiée à personne" in next_to_act_sentence(alert_due(10), names)
    assert "un directeur doit agir" in next_to_act_sentence(
        alert_due(-40, assignee=somebody), names
    )
    assert "un administrateur doit agir" in next_to_act_sentence(alert_due(-50), names)
