"""gouvernance.sync_alerts(): each sentence of the contract, section 3."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from alerts.models import SyncRun
from alerts.sync import SyncOutcome, sync_alerts
from tests.database import as_owner

LONG_AGO = timezone.now() - timedelta(days=9)


def mend(truck):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.cours_de_route SET statut = 'DECHARGE' WHERE id = %s", [truck]
        )


def spoil(truck):
    with as_owner() as cursor:
        cursor.execute("UPDATE public.cours_de_route SET statut = 'ARRIVE' WHERE id = %s", [truck])


def set_alert(truck, **columns):
    with as_owner() as cursor:
        assignments = ", ".join(f"{name} = %s" for name in columns)
        cursor.execute("ALTER TABLE public.system_alerts DISABLE TRIGGER USER")
        cursor.execute(
            f"UPDATE public.system_alerts SET {assignments} WHERE entity_id = %s",
            [*columns.values(), truck],
        )
        cursor.execute("ALTER TABLE public.system_alerts ENABLE TRIGGER USER")


def replace_view(cursor, rows: str) -> None:
    cursor.execute(
        "CREATE OR REPLACE VIEW public.v_integrity_checks AS"
        f" SELECT v.check_code, v.severity, v.entity_type, v.entity_id, v.message, v.payload, now() AS detected_at"
        f" FROM (VALUES {rows})"
        " AS v(check_code, severity, entity_type, entity_id, message, payload)"
    )


def row(code="A", severity="WARN", entity_id=None, message="m", payload="{}"):
    return f"('{code}', '{severity}', 'CDR', '{entity_id or uuid4()}'::uuid, '{message}', '{payload}'::jsonb)"


def test_a_new_anomaly_becomes_an_open_alert(stale_truck, read_alert):
    assert sync_alerts() == SyncOutcome(opened=1, refreshed=0, reopened=0, resolved=0)
    alert = read_alert(stale_truck)
    assert (alert["check_code"], alert["severity"], alert["status"]) == (
        "CDR_ARRIVE_STALE",
        "WARN",
        "OPEN",
    )
    assert alert["first_detected_at"] == alert["last_detected_at"]
    assert alert["acknowledged_by"] is alert["resolved_at"] is None


def test_an_unchanged_second_run_only_refreshes(stale_truck, read_alert):
    sync_alerts()
    before = read_alert(stale_truck)
    assert sync_alerts() == SyncOutcome(opened=0, refreshed=1, reopened=0, resolved=0)
    assert read_alert(stale_truck)["id"] == before["id"]


def test_a_known_anomaly_keeps_its_first_detection_and_its_acknowledgement(stale_truck, read_alert):
    sync_alerts()
    person = uuid4()
    set_alert(
        stale_truck,
        status="ACK",
        acknowledged_by=person,
        acknowledged_at=LONG_AGO,
        first_detected_at=LONG_AGO,
        last_detected_at=LONG_AGO,
        message="vieux",
        payload="{}",
        severity="CRITICAL",
    )
    assert sync_alerts().refreshed == 1
    alert = read_alert(stale_truck)
    assert (alert["status"], alert["acknowledged_by"]) == ("ACK", person)
    assert alert["acknowledged_at"] == alert["first_detected_at"] == LONG_AGO
    assert alert["last_detected_at"] > LONG_AGO
    assert alert["message"].startswith("Camion")
    assert alert["severity"] == "WARN"
    assert alert["payload"] != "{}"


@pytest.mark.parametrize("status", ["OPEN", "ACK"])
def test_an_anomaly_that_is_gone_is_resolved_by_the_system(stale_truck, read_alert, status):
    sync_alerts()
    person = uuid4()
    set_alert(stale_truck, status=status, acknowledged_by=person, acknowledged_at=LONG_AGO)
    mend(stale_truck)
    assert sync_alerts() == SyncOutcome(opened=0, refreshed=0, reopened=0, resolved=1)
    alert = read_alert(stale_truck)
    assert (alert["status"], alert["resolved_by"]) == ("RESOLVED", None)
    assert alert["resolved_at"] is not None
    assert alert["acknowledged_by"] == person, "who had taken it stays known"


def test_an_anomaly_that_comes_back_opens_a_new_cycle_without_actors(stale_truck, read_alert):
    sync_alerts()
    set_alert(stale_truck, status="ACK", acknowledged_by=uuid4(), acknowledged_at=LONG_AGO)
    mend(stale_truck)
    sync_alerts()
    spoil(stale_truck)
    assert sync_alerts() == SyncOutcome(opened=0, refreshed=0, reopened=1, resolved=0)
    alert = read_alert(stale_truck)
    assert alert["status"] == "OPEN"
    assert [
        alert[name] for name in ("acknowledged_by", "acknowledged_at", "resolved_by", "resolved_at")
    ] == [None] * 4


def test_a_resolved_alert_whose_anomaly_stays_away_is_left_alone(stale_truck, read_alert):
    sync_alerts()
    mend(stale_truck)
    sync_alerts()
    before = read_alert(stale_truck)
    assert sync_alerts() == SyncOutcome(0, 0, 0, 0)
    assert read_alert(stale_truck) == before


def test_two_rows_with_one_key_become_one_alert_with_the_worse_severity(db, read_alert):
    tank = uuid4()
    with as_owner() as cursor:
        replace_view(
            cursor,
            ", ".join(
                [
                    row(entity_id=tank, severity="WARN", message="premier"),
                    row(entity_id=tank, severity="CRITICAL", message="second"),
                ]
            ),
        )
    assert sync_alerts().opened == 1
    assert (read_alert(tank)["severity"], read_alert(tank)["message"]) == ("CRITICAL", "second")
    assert sync_alerts().refreshed == 1


def test_an_info_row_is_no_alert_and_aborts_nothing(db):
    with as_owner() as cursor:
        replace_view(cursor, ", ".join([row(severity="INFO"), row(severity="WARN")]))
    assert sync_alerts() == SyncOutcome(opened=1, refreshed=0, reopened=0, resolved=0)


def test_a_limit_takes_critical_first_and_resolves_nothing_that_it_cut_off(db):
    rows = [row(code=f"A{n:03}") for n in range(250)] + [row(code="Z", severity="CRITICAL")]
    with as_owner() as cursor:
        replace_view(cursor, ", ".join(rows))
    assert sync_alerts(limit=1).opened == 1
    with as_owner() as cursor:
        cursor.execute("SELECT severity FROM public.system_alerts")
        assert cursor.fetchall() == [("CRITICAL",)]
    assert sync_alerts().opened == 250
    assert sync_alerts(limit=1) == SyncOutcome(opened=0, refreshed=1, reopened=0, resolved=0)


def test_a_negative_limit_is_refused(db):
    with pytest.raises(DatabaseError, match="p_limit"), transaction.atomic():
        sync_alerts(limit=-1)


def test_a_failed_run_changes_nothing_and_is_not_counted_as_an_evaluation(stale_truck, read_alert):
    sync_alerts()
    before = read_alert(stale_truck)
    with as_owner() as cursor:
        cursor.execute(
            "CREATE OR REPLACE VIEW public.v_integrity_checks AS"
            " SELECT check_code, severity, entity_type, entity_id, message,"
            " jsonb_build_object('n', 1 / (length(message) - length(message))) AS payload,"
            " now() AS detected_at FROM public.system_alerts"
        )
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        sync_alerts()
    assert read_alert(stale_truck) == before
    assert SyncRun.objects.count() == 1


def test_each_run_is_recorded_with_its_counts(stale_truck):
    sync_alerts()
    run = SyncRun.objects.get()
    assert (run.opened, run.refreshed, run.reopened, run.resolved) == (1, 0, 0, 0)
    assert run.started_at <= run.finished_at


def test_the_run_sees_all_business_rows_although_its_caller_may_read_none(stale_truck):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM public.cours_de_route")
    assert sync_alerts().opened == 1


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_neither_the_internet_nor_a_person_may_run_it(db, role):
    with as_owner() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(%s, 'gouvernance.sync_alerts(integer)', 'EXECUTE')",
            [role],
        )
        assert cursor.fetchone() == (False,)


def test_a_thousand_anomalies_are_all_taken_without_a_limit(db):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.cours_de_route (plaque_camion, statut, created_at)"
            " SELECT 'P' || n, 'ARRIVE', now() - interval '3 days' FROM generate_series(1, 1000) AS n"
        )
    assert sync_alerts().opened == 1000
