"""gouvernance.sync_alerts(): each sentence of the contract, section 3."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from alerts.models import CheckRun, SyncPath, SyncRun
from alerts.sync import SyncOutcome, sync_alerts
from tests import business
from tests.breakage import break_check, slow_check
from tests.database import as_owner

LONG_AGO = timezone.now() - timedelta(days=9)


def mend(truck):
    with as_owner() as cursor:
        cursor.execute("UPDATE public.cours_de_route SET statut = 'TRANSIT' WHERE id = %s", [truck])


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


def sync_in_one_statement(limit: int | None = None) -> SyncOutcome:
    """What pg_cron calls."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gouvernance.sync_alerts(%s)", [limit])
        opened, refreshed, reopened, resolved, failing = cursor.fetchone()
    return SyncOutcome(opened, refreshed, reopened, resolved, tuple(failing))


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


def test_a_check_that_found_nothing_opens_what_it_then_finds(stale_truck, read_alert):
    mend(stale_truck)
    assert sync_alerts() == SyncOutcome(0, 0, 0, 0)
    quiet = CheckRun.objects.get(check_code="CDR_ARRIVE_STALE")
    assert (quiet.anomalies, quiet.opened, quiet.failure) == (0, 0, None)
    spoil(stale_truck)
    assert sync_alerts().opened == 1
    assert read_alert(stale_truck)["status"] == "OPEN"


def test_what_is_new_is_told_from_what_is_as_it_was_and_dated_once(stale_truck, read_alert):
    sync_alerts()
    set_alert(stale_truck, last_detected_at=LONG_AGO)
    with as_owner() as cursor:
        other = business.cdr(cursor, days_old=3, statut="ARRIVE")
    assert sync_alerts() == SyncOutcome(opened=1, refreshed=1, reopened=0, resolved=0)
    assert read_alert(stale_truck)["last_detected_at"] == read_alert(other)["first_detected_at"]
    assert CheckRun.objects.filter(check_code="CDR_ARRIVE_STALE").latest("run").anomalies == 2


def test_a_payload_that_is_only_written_otherwise_is_no_change(db, read_alert):
    entity = uuid4()
    for payload in ('{"figure": 1.5}', '{"figure": 1.50}'):
        with as_owner() as cursor:
            replace_view(cursor, row(entity_id=entity, payload=payload))
        outcome = sync_alerts()
    assert outcome == SyncOutcome(opened=0, refreshed=1, reopened=0, resolved=0)
    with as_owner() as cursor:
        cursor.execute("SELECT kind FROM gouvernance.alert_events")
        assert cursor.fetchall() == [("opened",)]


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


def test_a_limit_never_cuts_off_a_critical_alert_and_resolves_nothing_that_it_did_cut_off(db):
    rows = [row(code=f"A{n:03}") for n in range(250)]
    rows += [row(code="Z", severity="CRITICAL") for _ in range(3)]
    with as_owner() as cursor:
        replace_view(cursor, ", ".join(rows))
    assert sync_alerts(limit=1).opened == 3
    with as_owner() as cursor:
        cursor.execute("SELECT DISTINCT severity FROM public.system_alerts")
        assert cursor.fetchall() == [("CRITICAL",)]
    assert sync_alerts(limit=50).opened == 50
    assert sync_alerts().opened == 200
    assert sync_alerts(limit=0) == SyncOutcome(opened=0, refreshed=253, reopened=0, resolved=0)


def test_a_change_that_a_limit_cut_off_is_neither_taken_nor_dated_until_it_fits(
    stale_truck, read_alert
):
    sync_alerts()
    set_alert(stale_truck, message="vieux", last_detected_at=LONG_AGO)
    assert sync_alerts(limit=0) == SyncOutcome(0, 0, 0, 0)
    alert = read_alert(stale_truck)
    assert (alert["status"], alert["message"], alert["last_detected_at"]) == (
        "OPEN",
        "vieux",
        LONG_AGO,
    )
    assert sync_alerts(limit=1).refreshed == 1
    assert read_alert(stale_truck)["message"].startswith("Camion")


def test_a_limit_holds_over_all_checks_together_in_both_paths(db):
    with as_owner() as cursor:
        for _ in range(3):
            business.cdr(cursor, days_old=3, statut="ARRIVE")
            business.reception(cursor, volume_15c=5_000)
    assert sync_alerts(limit=4).opened == 4
    assert sync_in_one_statement(limit=1).opened == 1
    assert sync_in_one_statement().opened == 1


def test_a_negative_limit_is_refused(db):
    with pytest.raises(ValueError, match="limit"):
        sync_alerts(limit=-1)
    with pytest.raises(DatabaseError, match="p_limit"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gouvernance.sync_alerts(-1)")


@pytest.mark.parametrize("evaluate", [sync_alerts, sync_in_one_statement])
def test_a_check_that_fails_leaves_the_others_and_its_own_alerts_as_they_are(
    stale_truck, read_alert, evaluate
):
    with as_owner() as cursor:
        business.reception(cursor, volume_15c=5_000)
    evaluate()
    before = read_alert(stale_truck)
    with as_owner() as cursor:
        break_check(cursor, "CDR_ARRIVE_STALE")
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 200_000)
    mend(stale_truck)

    outcome = evaluate()

    assert outcome.failing == ("CDR_ARRIVE_STALE",)
    assert read_alert(stale_truck) == before, "neither resolved nor refreshed"
    assert read_alert(tank)["status"] == "OPEN", "found in the same run"
    of_this_run = CheckRun.objects.filter(run=SyncRun.objects.latest("pk").pk)
    assert of_this_run.get(check_code="RECEPTION_ECART_15C").refreshed == 1
    failed = of_this_run.get(check_code="CDR_ARRIVE_STALE")
    assert (failed.anomalies, failed.failure) == (None, "division by zero")


def test_a_check_that_takes_too_long_is_cut_off_alone(stale_truck, read_alert):
    with as_owner() as cursor:
        slow_check(cursor, "CDR_ARRIVE_STALE")
        spoiled = business.reception(cursor, volume_15c=5_000)
        cursor.execute(
            "UPDATE gouvernance.checks SET time_limit_ms = 100 WHERE code LIKE 'CDR_ARRIVE%'"
        )

    assert sync_alerts().failing == ("CDR_ARRIVE_STALE",)

    assert read_alert(spoiled)["status"] == "OPEN"
    slow = CheckRun.objects.get(check_code="CDR_ARRIVE_STALE")
    assert slow.failure == "canceling statement due to statement timeout"
    assert 100 <= round(slow.duration_ms) < 10_000
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",), "the limit is the check's, not the caller's"


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("1 / (random() * 0) > 0", "division by zero"),
        ("pg_catalog.pg_sleep(60)::text <> ''", "canceling statement due to statement timeout"),
    ],
)
def test_a_check_that_finds_nothing_because_it_cannot_search_is_named(stale_truck, search, said):
    with as_owner() as cursor:
        cursor.execute(
            "CREATE OR REPLACE VIEW gouvernance.check_stock_negatif AS"
            " SELECT 'STOCK_NEGATIF'::text AS check_code, 'CRITICAL'::text AS severity,"
            " 'CITERNE_STOCK'::text AS entity_type, gen_random_uuid() AS entity_id,"
            f" ''::text AS message, '{{}}'::jsonb AS payload, now() AS detected_at WHERE {search}"
        )
        cursor.execute(
            "UPDATE gouvernance.checks SET time_limit_ms = 100 WHERE code = 'STOCK_NEGATIF'"
        )
    assert sync_alerts() == SyncOutcome(1, 0, 0, 0, failing=("STOCK_NEGATIF",))
    failed = CheckRun.objects.get(check_code="STOCK_NEGATIF")
    assert (failed.anomalies, failed.failure) == (None, said)


def test_a_check_that_this_installation_cannot_have_is_named_by_each_run(db):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.checks SET install_error = 'relation absente' WHERE code = 'STOCK_NEGATIF'"
        )
    assert sync_alerts().failing == ("STOCK_NEGATIF",)
    assert CheckRun.objects.get(check_code="STOCK_NEGATIF").failure == "relation absente"


def test_a_check_that_is_switched_off_finds_nothing_and_its_alerts_are_resolved(
    stale_truck, read_alert
):
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.checks SET enabled = false WHERE code = 'CDR_ARRIVE_STALE'"
        )
    assert sync_alerts() == SyncOutcome(opened=0, refreshed=0, reopened=0, resolved=1)
    assert read_alert(stale_truck)["resolved_by"] is None


@pytest.mark.parametrize("code", ["ANCIEN", "CDR_B", "ZONE"])
def test_alerts_of_a_check_that_was_taken_out_are_resolved(
    stale_truck, make_alert, read_alert, code
):
    entity = uuid4()
    make_alert(check_code=code, entity_id=entity)
    assert sync_alerts() == SyncOutcome(opened=1, refreshed=0, reopened=0, resolved=1)
    assert read_alert(entity)["status"] == "RESOLVED"
    sync_alerts()
    runs = CheckRun.objects.filter(check_code="v_integrity_checks")
    assert runs.count() == 1, "then ML_PP’s view has nothing more to say"


def test_a_view_that_somebody_rewrote_is_what_counts(stale_truck, read_alert):
    entity = uuid4()
    with as_owner() as cursor:
        replace_view(
            cursor, row(code="CDR_ARRIVE_STALE", entity_id=entity, message="d’une autre main")
        )
    assert sync_alerts().opened == 1
    assert read_alert(entity)["message"] == "d’une autre main"


def test_what_each_check_gave_is_kept_for_35_days(stale_truck):
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.sync_runs SET started_at = started_at - interval '36 days',"
            " finished_at = finished_at - interval '36 days'"
        )
    sync_alerts()
    runs = CheckRun.objects.filter(check_code="CDR_ARRIVE_STALE")
    assert [(run.anomalies, run.refreshed, run.failure) for run in runs] == [(1, 1, None)]
    assert SyncRun.objects.count() == 2, "the older run itself stays"


def test_each_run_is_recorded_with_its_counts(stale_truck):
    sync_alerts()
    run = SyncRun.objects.get()
    assert (run.opened, run.refreshed, run.reopened, run.resolved) == (1, 0, 0, 0)
    assert run.started_at <= run.finished_at


def test_each_run_says_what_started_it(stale_truck):
    sync_alerts(path=SyncPath.WORKER)
    sync_in_one_statement()
    sync_alerts()
    paths = SyncRun.objects.order_by("id").values_list("path", flat=True)
    assert list(paths) == [SyncPath.WORKER, SyncPath.SQL, SyncPath.COMMAND]


@pytest.mark.parametrize("login", ["app", "owner"])
def test_pg_cron_evaluates_as_the_application_or_as_the_owner(fresh_database, login):
    with fresh_database.owner() as owner, getattr(fresh_database, login)() as cron:
        business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
        cron.execute("SELECT gouvernance.sync_alerts()")  # the whole of the job's command
        run = owner.execute("SELECT opened, path FROM gouvernance.sync_runs").fetchall()
        assert run == [(1, "sql")]


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
