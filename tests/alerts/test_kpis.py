"""The indicators of alerts, against a dozen periods whose figures are worked out by hand.

The week is Monday 2 to Sunday 8 March 2026 at the depot (Africa/Lubumbashi, UTC+2); the hours below
are local. Opened in it: A to J, ten periods. Before it: K and L.

        severity  occurred        opened       ACK          ended        outcome    lasted
    A   CRITICAL  Mon 06:00       Mon 08:00    Mon 08:30    Mon 12:00    fixed      4 h
    B   CRITICAL  Mon 08:00       Mon 09:00    Mon 11:00    Tue 09:00    claimed    24 h, late
    C   WARN      Mon 00:00       Tue 00:00                 Tue 01:00    gone       1 h
    D   WARN      (unknown)       Tue 08:00                 Tue 11:00    gone       3 h
    E   WARN      after detection Tue 08:00    Tue 14:00    Wed 08:00    accepted   24 h
    F   WARN      Wed 06:00       Wed 10:00    Wed 11:00    Sat 10:00    fixed      72 h, late
    G   WARN      (unknown)       Wed 12:00                 open         late (due Fri 12:00)
    H   CRITICAL  (unknown)       Thu 23:30                 Thu 23:45    gone       15 min
    I   WARN      (unknown)       Sat 08:00    Fri 08:00    Sat 09:00    fixed      1 h, ACK before it began
    J = second period of A's alert, CRITICAL, opened Sun 20:00, open, late since midnight
    K   WARN      opened Fri 27 Feb 08:00, ended Fri 27 Feb 10:00, gone: 2 h, the week before
    L   WARN      opened Sat 28 Feb 08:00, ended Mon 2 Mar 08:00 sharp, gone: 48 h, not before due

TTD known: A 2 h, B 1 h, C 24 h, F 4 h: median (2+4)/2 = 3 h; 90th percentile at position 2.7 of
[1, 2, 4, 24]: 4 + 0.7 × 20 = 18 h. Unknown: D, E, G, H, I, J: 6 of 10.
TTA known: A 0.5 h, B 2 h, E 6 h, F 1 h: median 1.5 h; 90th at 2.7 of [0.5, 1, 2, 6]: 2 + 0.7 × 4 = 4.8 h.
    I's acknowledgement precedes its detection and the week's Saturday counts it on Friday: unknown.
TTM by people: A 4 h, B 24 h, F 72 h, I 1 h: median 14 h; 90th at 2.7 of [1, 4, 24, 72]: 57.6 h.
TTM by the system: C 1 h, D 3 h, H 0.25 h, L 48 h: median 2 h; 90th at 2.7 of [0.25, 1, 3, 48]: 34.5 h.
Accepted: E 24 h. Ended in the week: A B C D E F H I L = 9.
Reopened: J of 10. Kept: A C D E H I = 6; missed: B F G J = 4: 60 %.
"""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from alerts import kpis
from alerts.kpis import Choice, Metric, Span
from mlpp_gov.identity import db_identity
from tests.database import as_owner
from tests.sql.test_guards import as_person

WEEK = Span(date(2026, 3, 2), date(2026, 3, 8))
HOUR = 3600


def at(day, hour, minute=0):
    """Local time in March 2026; days before the first are February's."""
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1, hours=-2)


def plant(cursor, alert, number, **columns):
    columns = {"alert_id": alert, "number": number, **columns}
    cursor.execute(
        f"INSERT INTO gouvernance.alert_periods ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))})",
        list(columns.values()),
    )


@pytest.fixture
def alert_of(db):
    """Plant the alert of a check without its own period; returns its id."""

    def planted(cursor, check, severity):
        cursor.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " VALUES (%s, %s, 'CDR', %s, 'un constat') RETURNING id",
            [check, severity, uuid4()],
        )
        (alert,) = cursor.fetchone()
        cursor.execute("DELETE FROM gouvernance.alert_periods WHERE alert_id = %s", [alert])
        return alert

    return planted


TANK, TRUCK = "STOCK_NEGATIF", "CDR_ARRIVE_STALE"
PERIODS = {
    # name: (check, severity, occurred, opened, ACK, ended, outcome)
    "A": (TANK, "CRITICAL", at(2, 6), at(2, 8), at(2, 8, 30), at(2, 12), "fixed"),
    "B": (TANK, "CRITICAL", at(2, 8), at(2, 9), at(2, 11), at(3, 9), "claimed"),
    "C": (TRUCK, "WARN", at(2, 0), at(3, 0), None, at(3, 1), "gone"),
    "D": (TRUCK, "WARN", None, at(3, 8), None, at(3, 11), "gone"),
    "E": (TRUCK, "WARN", at(3, 9), at(3, 8), at(3, 14), at(4, 8), "accepted"),
    "F": (TRUCK, "WARN", at(4, 6), at(4, 10), at(4, 11), at(7, 10), "fixed"),
    "G": (TRUCK, "WARN", None, at(4, 12), None, None, None),
    "H": (TANK, "CRITICAL", None, at(5, 23, 30), None, at(5, 23, 45), "gone"),
    "I": (TRUCK, "WARN", None, at(7, 8), at(6, 8), at(7, 9), "fixed"),
    "K": (TRUCK, "WARN", None, at(-1, 8), None, at(-1, 10), "gone"),
    "L": (TRUCK, "WARN", None, at(0, 8), None, at(2, 8), "gone"),
}


@pytest.fixture
def week(alert_of, directeur):
    """The periods of the table above; returns the directeur who reads them."""
    with as_owner() as cursor:
        for name, (check, severity, occurred, opened, ack, ended, outcome) in PERIODS.items():
            alert = alert_of(cursor, check, severity)
            plant(
                cursor, alert, 1, severity=severity, occurred_at=occurred, started_at=opened,
                acknowledged_at=ack, ended_at=ended, outcome=outcome,
            )  # fmt: skip
            if name == "A":
                plant(
                    cursor, alert, 2, severity="CRITICAL", previous_ended_at=ended,
                    started_at=at(8, 20),
                )  # fmt: skip
    return directeur


def report(person, span=WEEK, **choice):
    with db_identity(person):
        return kpis.read_report(span, Choice(**choice))


def hours(figure):
    return tuple(value and round(value / HOUR, 3) for value in (figure.median, figure.ninth_decile))


def test_the_time_to_detect_is_over_the_periods_whose_beginning_is_known(week):
    figure = report(week).overall.current[Metric.DETECTION]
    assert (figure.number, figure.known, figure.unknown) == (10, 4, 6)
    assert hours(figure) == (3, 18)


def test_the_time_to_acknowledge_leaves_out_a_clock_that_jumped_back(week):
    figure = report(week).overall.current[Metric.ACKNOWLEDGEMENT]
    assert (figure.number, figure.known) == (5, 4)
    assert hours(figure) == (1.5, 4.8)


def test_the_time_to_resolve_keeps_people_system_and_acceptances_apart(week):
    current = report(week).overall.current
    found = {metric: (current[metric].number, *hours(current[metric])) for metric in Metric}
    assert found[Metric.HUMAN] == (4, 14, 57.6)
    assert found[Metric.AUTOMATIC] == (4, 2, 34.5)
    assert found[Metric.ACCEPTED] == (1, 24, 24)
    assert found[Metric.RESOLVED][0] == 9


def test_rates_are_over_periods_and_what_is_undecided_counts_for_nothing(week):
    current = report(week).overall.current
    assert (current[Metric.OPENED].number, current[Metric.REOPENED].number) == (10, 1)
    assert current.reopening_rate == pytest.approx(0.1)
    assert (current[Metric.KEPT].number, current[Metric.MISSED].number) == (6, 4)
    assert current.kept_rate == pytest.approx(0.6)
    assert current[Metric.REMAINING].number == 2


def test_the_span_before_is_as_long_and_ends_where_this_one_begins(week):
    previous = report(week).overall.previous
    assert previous[Metric.OPENED].number == 2
    assert (previous[Metric.AUTOMATIC].number, *hours(previous[Metric.AUTOMATIC])) == (1, 2, 2)
    # L was closed when its 48 hours were over, not before
    assert (previous[Metric.KEPT].number, previous[Metric.MISSED].number) == (1, 1)


def test_severities_and_checks_add_up_to_the_whole(week):
    found = report(week)
    for groups in (found.by_severity, found.by_check):
        for metric in Metric:
            whole = found.overall.current[metric].number
            assert sum(group.current[metric].number for group in groups.values()) == whole
    critical = found.by_severity["CRITICAL"].current
    assert hours(critical[Metric.DETECTION]) == (1.5, 1.9)  # A 2 h, B 1 h
    assert hours(found.by_check[TANK].current[Metric.DETECTION]) == (1.5, 1.9)


def test_a_choice_narrows_every_figure(week):
    assert report(week, severity="CRITICAL").overall.current[Metric.OPENED].number == 4
    assert report(week, check=TRUCK).overall.current[Metric.OPENED].number == 6
    assert report(week, severity="CRITICAL", check=TRUCK).overall.current.figures == {}


def test_days_are_the_depots(week):
    assert [(day.opened, day.resolved) for day in report(week).days] == [
        (2, 2),  # Monday: A B, and A L ended
        (3, 3),  # Tuesday: C D E; B C D
        (2, 1),  # Wednesday: F G; E
        (1, 1),  # Thursday: H, at 23:30 there, is no Friday's
        (0, 0),
        (1, 2),  # Saturday: I; F I
        (1, 0),  # Sunday: J
    ]


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("choice", [{}, {"severity": "CRITICAL"}, {"check": TRUCK}])
def test_behind_each_figure_are_as_many_periods_as_it_says(week, metric, choice):
    number = report(week, **choice).overall.current[metric].number
    with db_identity(week):
        rows, total = kpis.read_periods(metric, WEEK, Choice(**choice), page=1, size=3)
        beyond, _ = kpis.read_periods(metric, WEEK, Choice(**choice), page=10**12, size=3)
    assert total == number
    assert len(rows) == min(number, 3)
    assert len(beyond) == ((number - 1) % 3 + 1 if number else 0)


def test_the_due_time_of_a_period_is_that_of_due_at(week):
    with as_owner() as cursor:
        cursor.execute("INSERT INTO gouvernance.service_levels VALUES (%s, 'CRITICAL', 5)", [TANK])
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE due_at ="
            " gouvernance.due_at(check_code, severity, started_at, 'Africa/Lubumbashi'))"
            " FROM gouvernance.measured_periods('Africa/Lubumbashi')"
        )
        assert cursor.fetchone() == (12, 12)


def test_an_empty_span_knows_nothing_and_divides_by_nothing(directeur):
    found = report(directeur)
    assert (found.overall.current.kept_rate, found.overall.current.reopening_rate) == (None, None)
    assert found.overall.current[Metric.HUMAN].median is None
    with db_identity(directeur):
        assert kpis.read_now() == kpis.Now(0, 0, 0, 0, 0, 0)
        assert kpis.read_now_and_report(WEEK) == (kpis.Now(0, 0, 0, 0, 0, 0), found)
    assert [day.opened for day in found.days] == [0] * 7


def test_only_open_periods_have_no_time_to_resolve(directeur, make_alert):
    make_alert()
    found = report(directeur, Span.last_days(7)).overall.current
    assert found[Metric.OPENED].number == 1
    assert found[Metric.RESOLVED].number == 0
    assert found.kept_rate is None


def test_what_is_to_handle_now_is_counted_by_alert(directeur, make_alert):
    old = at(2, 8)
    make_alert(severity="CRITICAL", first_detected_at=old)
    taken = make_alert(first_detected_at=old, status="ACK")
    make_alert(status="RESOLVED")
    make_alert()
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.alert_assignments VALUES (%s, %s, %s)",
            [taken, directeur.supabase_user_id, directeur.supabase_user_id],
        )
    with db_identity(directeur):
        now = kpis.read_now()
    assert now == kpis.Now(
        critical=1, warn=2, late_critical=1, late_warn=1, unassigned=2, accepted=0
    )
    assert now.late == 2


@pytest.mark.parametrize("who", ["gerant", "lecture"])
def test_row_level_security_decides_what_is_counted(week, who, request):
    person = request.getfixturevalue(who).supabase_user_id
    sql = "SELECT * FROM gouvernance.measured_periods('UTC')"
    assert as_person(person, sql) == (0, [])
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2026-03-02T06:00:00+02:00", datetime(2026, 3, 2, 4, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("hier", None),
        ("now", None),
        ("infinity", None),
        ("2026-02-31T00:00:00Z", None),
        ("294277-01-01T00:00:00Z", None),
        (None, None),
        (12, None),
        ({"a": 1}, None),
    ],
)
def test_a_period_keeps_when_its_cause_occurred_as_the_payload_said_it_then(make_alert, said, kept):
    alert = make_alert(payload=json.dumps({"occurred_at": said}))
    with as_owner() as cursor:
        cursor.execute(
            'UPDATE public.system_alerts SET payload = \'{"occurred_at": "2026-03-05"}\''
        )
        cursor.execute(
            "SELECT occurred_at FROM gouvernance.alert_periods WHERE alert_id = %s", [alert]
        )
        assert cursor.fetchone() == (kept,)
        cursor.execute("UPDATE public.system_alerts SET status = 'RESOLVED'")
        cursor.execute("UPDATE public.system_alerts SET status = 'OPEN'")
        cursor.execute("SELECT occurred_at FROM gouvernance.alert_periods WHERE number = 2")
        assert cursor.fetchone() == (datetime(2026, 3, 5, tzinfo=UTC),)


def test_a_week_is_a_monday_to_a_sunday():
    assert Span.week(2026, 10) == WEEK
    assert WEEK.previous == Span(date(2026, 2, 23), date(2026, 3, 1))
    with pytest.raises(ValueError, match="week"):
        Span.week(2025, 53)
