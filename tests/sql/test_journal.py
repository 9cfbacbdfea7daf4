"""The journal of alerts is written by PostgreSQL, whoever changes an alert, and cannot be rewritten."""

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from alerts.sync import SyncOutcome, sync_alerts
from tests import business
from tests.breakage import break_check
from tests.database import as_owner
from tests.sql.test_guards import as_person


def query(sql, *params):
    with as_owner() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def events(alert):
    return query(
        "SELECT kind, source, actor, period, details FROM gouvernance.alert_events"
        " WHERE alert_id = %s ORDER BY id",
        alert,
    )


def kinds(alert):
    return [kind for kind, *_ in events(alert)]


def last_details(alert):
    return json.loads(events(alert)[-1][-1])


def periods(alert):
    return query(
        "SELECT number, outcome, ended_by FROM gouvernance.alert_periods WHERE alert_id = %s"
        " ORDER BY number",
        alert,
    )


def set_status(person, alert, status, context=None):
    """What the application does, without the application."""
    claims = json.dumps({"sub": str(person), "role": "authenticated"})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('request.jwt.claims', %s, true),"
            " set_config('gouvernance.context', %s, true)",
            [claims, json.dumps(context) if context else ""],
        )
        cursor.execute("SET LOCAL ROLE authenticated")
        cursor.execute("UPDATE public.system_alerts SET status = %s WHERE id = %s", [status, alert])
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT set_config('gouvernance.context', '', true),"
            " set_config('request.jwt.claims', '', true)"
        )


@pytest.fixture
def tank(db):
    """A tank below zero in the live view, and its open alert: (tank, alert)."""
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 0)
        business.adjustment(cursor, tank, -4_000)
    sync_alerts()
    ((alert,),) = query("SELECT id FROM public.system_alerts WHERE entity_id = %s", tank)
    return tank, alert


def adjust(tank, delta):
    with as_owner() as cursor:
        business.adjustment(cursor, tank, delta)


ACCEPT = {"intent": "accept", "reason": "erreur_mesure", "until": "2999-01-01T00:00:00+00:00"}


def test_a_detection_opens_a_period_with_its_run(tank):
    _, alert = tank
    ((kind, source, actor, period, details),) = events(alert)
    assert (kind, source, actor, period) == ("opened", "sync", None, 1)
    assert json.loads(details)["figure"] == 4000
    assert periods(alert) == [(1, None, None)]
    ((run,),) = query("SELECT sync_run FROM gouvernance.alert_events")
    assert (run,) in query("SELECT id FROM gouvernance.sync_runs")


def test_nothing_is_written_when_nothing_changed(tank):
    _, alert = tank
    sync_alerts()
    assert kinds(alert) == ["opened"]


def test_a_figure_that_moves_is_written_with_its_difference(tank):
    entity, alert = tank
    adjust(entity, -1_000)
    sync_alerts()
    assert kinds(alert) == ["opened", "refreshed"]
    changes = last_details(alert)["changes"]
    assert changes["figure"] == [4000, 5000]
    assert changes["stock_ambiant"] == [-4000, -5000]
    assert "depot_id" not in changes


def test_an_acknowledgement_names_the_person(tank, directeur):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "ACK")
    assert events(alert)[-1][:4] == ("acknowledged", "person", directeur.supabase_user_id, 1)
    assert query("SELECT acknowledged_by FROM gouvernance.alert_periods") == [
        (directeur.supabase_user_id,)
    ]


def test_a_cause_that_disappears_is_resolved_by_the_system_and_comes_back_as_a_new_period(tank):
    entity, alert = tank
    adjust(entity, 4_000)
    sync_alerts()
    adjust(entity, -1)
    sync_alerts()
    assert kinds(alert) == ["opened", "resolved", "reopened"]
    assert periods(alert) == [(1, "gone", None), (2, None, None)]


def test_resolving_a_cause_that_is_gone_keeps_the_proof(tank, directeur):
    entity, alert = tank
    adjust(entity, 4_000)
    set_status(directeur.supabase_user_id, alert, "RESOLVED", {"intent": "resolve"})
    assert periods(alert) == [(1, "fixed", directeur.supabase_user_id)]
    details = last_details(alert)
    assert details["before"]["figure"] == 4000
    assert details["after"] is None


def test_resolving_a_cause_that_is_still_there_is_refused_with_its_figures(tank, directeur):
    _, alert = tank
    with pytest.raises(DatabaseError, match="n’a pas disparu") as refusal:
        set_status(directeur.supabase_user_id, alert, "RESOLVED", {"intent": "resolve"})
    assert refusal.value.__cause__.sqlstate == "GV002"
    assert json.loads(refusal.value.__cause__.diag.message_detail)["figure"] == 4000
    assert kinds(alert) == ["opened"]


@pytest.mark.parametrize(
    "context", [None, {"intent": "claim"}], ids=["ML_PP’s own screen", "claim"]
)
def test_a_claim_is_reopened_by_the_next_evaluation_and_both_are_told(tank, directeur, context):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", context)
    assert periods(alert) == [(1, "claimed", directeur.supabase_user_id)]
    assert sync_alerts().reopened == 1
    assert kinds(alert) == ["opened", "resolved", "reopened"]
    assert last_details(alert)["after"] == "claimed"


def test_an_accepted_cause_stays_closed(tank, directeur):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    assert periods(alert) == [(1, "accepted", directeur.supabase_user_id)]
    assert sync_alerts().reopened == 0
    assert kinds(alert) == ["opened", "accepted"]


@pytest.mark.parametrize(
    ("delta", "reopened"), [(-399, 0), (-401, 1)], ids=["within the margin", "beyond it"]
)
def test_an_accepted_cause_reopens_when_it_gets_materially_worse(tank, directeur, delta, reopened):
    entity, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    adjust(entity, delta)
    assert sync_alerts().reopened == reopened
    if reopened:
        assert last_details(alert)["acceptance"] == "worse"


def test_an_accepted_cause_reopens_after_its_date(tank, directeur):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    query(
        "UPDATE gouvernance.alert_acceptances"
        " SET accepted_at = now() - interval '2 days', until = now() - interval '1 day'"
    )
    assert sync_alerts().reopened == 1
    assert last_details(alert)["acceptance"] == "expired"


def test_an_accepted_cause_that_disappeared_and_came_back_is_open_again(tank, directeur):
    entity, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    adjust(entity, 24_000)
    assert sync_alerts() == SyncOutcome(0, 0, 0, 0)
    adjust(entity, -24_000)
    assert sync_alerts().reopened == 1
    assert last_details(alert)["acceptance"] == "gone"


def test_an_accepted_warning_reopens_when_it_becomes_critical(directeur, make_alert):
    with as_owner() as cursor:
        truck = business.cdr(cursor, days_old=3, statut="ARRIVE")
    sync_alerts()
    ((alert,),) = query("SELECT id FROM public.system_alerts WHERE entity_id = %s", truck)
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    with as_owner() as cursor:
        cursor.execute(
            "CREATE OR REPLACE VIEW public.v_integrity_checks AS SELECT 'CDR_ARRIVE_STALE' AS check_code,"
            " 'CRITICAL' AS severity, 'CDR' AS entity_type, id AS entity_id, 'm' AS message,"
            " '{}'::jsonb AS payload, now() AS detected_at FROM public.cours_de_route"
        )
    assert sync_alerts().reopened == 1
    assert last_details(alert)["acceptance"] == "worse"


@pytest.mark.parametrize(
    "terms",
    [
        {"reason": "parce que"},
        {"until": "2020-01-01T00:00:00+00:00"},
        {"reason": "autre", "comment": "   "},
        {"margin": -1},
    ],
    ids=["unknown reason", "past date", "no comment", "margin"],
)
def test_terms_that_the_rules_forbid_are_refused_by_the_database(tank, directeur, terms):
    _, alert = tank
    with pytest.raises(IntegrityError):
        set_status(directeur.supabase_user_id, alert, "RESOLVED", {**ACCEPT, **terms})
    assert kinds(alert) == ["opened"]


def test_a_version_that_is_no_longer_the_last_is_refused(tank, directeur):
    entity, alert = tank
    ((seen,),) = query("SELECT max(id) FROM gouvernance.alert_events")
    adjust(entity, -5_000)
    sync_alerts()
    with pytest.raises(DatabaseError, match="a changé depuis") as refusal:
        set_status(directeur.supabase_user_id, alert, "ACK", {"version": seen})
    assert refusal.value.__cause__.sqlstate == "GV001"
    set_status(directeur.supabase_user_id, alert, "ACK", {"version": seen + 1})
    assert kinds(alert)[-1] == "acknowledged"


def test_a_check_that_fails_neither_confirms_nor_forbids(tank, directeur):
    _, alert = tank
    with as_owner() as cursor:
        break_check(cursor, "STOCK_NEGATIF")
    with pytest.raises(DatabaseError, match="n’a pas disparu"):
        set_status(directeur.supabase_user_id, alert, "RESOLVED", {"intent": "resolve"})
    set_status(directeur.supabase_user_id, alert, "RESOLVED", {"intent": "claim"})
    assert "division by zero" in last_details(alert)["unverified"]


@pytest.mark.parametrize(
    "table", ["alert_events", "alert_periods", "alert_acceptances", "alert_assignments"]
)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "UPDATE {} SET alert_id = alert_id",
        "TRUNCATE {}",
        "INSERT INTO {} DEFAULT VALUES",
    ],
)
def test_neither_a_person_nor_the_application_writes_the_journal(tank, directeur, table, statement):
    sql = statement.format(f"gouvernance.{table}")
    with pytest.raises(DatabaseError, match="permission denied"):
        as_person(directeur.supabase_user_id, sql)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "UPDATE {} SET kind = 'note'", "TRUNCATE {}"]
)
def test_not_even_the_owner_rewrites_an_event(tank, statement):
    with pytest.raises(DatabaseError, match="ne se réécrit pas"), transaction.atomic():
        query(statement.format("gouvernance.alert_events"))


def test_periods_of_one_alert_cannot_overlap(tank):
    entity, alert = tank
    for start, previous in (("now()", "NULL"), ("'2020-01-01'", "'2020-01-01'")):
        with pytest.raises(IntegrityError), transaction.atomic():
            query(
                "INSERT INTO gouvernance.alert_periods"
                " (alert_id, number, previous_ended_at, severity, started_at)"
                f" VALUES (%s, 2, {previous}, 'WARN', {start})",
                alert,
            )
    adjust(entity, 4_000)
    sync_alerts()
    with pytest.raises(IntegrityError), transaction.atomic():
        query(
            "INSERT INTO gouvernance.alert_periods"
            " (alert_id, number, previous_ended_at, severity, started_at)"
            " SELECT alert_id, 2, ended_at, 'WARN', ended_at - interval '1 second'"
            " FROM gouvernance.alert_periods WHERE alert_id = %s",
            alert,
        )


@pytest.mark.parametrize("who", ["gerant", "operateur", "lecture"])
def test_others_read_no_history(who, request, tank):
    person = request.getfixturevalue(who).supabase_user_id
    for table in ("alert_events", "alert_periods"):
        assert as_person(person, f"SELECT * FROM gouvernance.{table}") == (0, [])


def test_pca_reads_the_history_and_adds_nothing(pca, tank):
    _, alert = tank
    assert as_person(pca.supabase_user_id, "SELECT 1 FROM gouvernance.alert_events")[0] == 1
    for sql in (
        "SELECT gouvernance.annotate_alert(%s, 'lu')",
        "SELECT gouvernance.assign_alert(%s, auth.uid())",
    ):
        with pytest.raises(DatabaseError) as refusal:
            as_person(pca.supabase_user_id, sql, [alert])
        assert refusal.value.__cause__.sqlstate in ("GV003", "GV004")
    assert kinds(alert) == ["opened"]


def test_a_person_cannot_pass_for_the_evaluation(tank, directeur):
    _, alert = tank
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gouvernance.sync_run', '99', true)")
        set_status(directeur.supabase_user_id, alert, "ACK")
        cursor.execute("SELECT set_config('gouvernance.sync_run', '', true)")
    kind, source, actor, *_ = events(alert)[-1]
    assert (kind, source, actor) == ("acknowledged", "person", directeur.supabase_user_id)


def test_human_transitions_also_reach_ml_pps_own_log(tank, directeur):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "ACK")
    ((user, action, module, target),) = query(
        "SELECT user_id, action, module, details ->> 'alert_id' FROM public.log_actions"
    )
    assert (user, module, target) == (directeur.supabase_user_id, "governance", str(alert))
    assert action == "ALERTE_ACKNOWLEDGED"


@pytest.mark.parametrize(
    "sabotage",
    [
        "DROP TABLE public.log_actions",
        "ALTER TABLE public.log_actions ADD CHECK (module <> 'governance')",
    ],
)
def test_a_log_that_is_missing_or_refuses_stops_nothing_and_is_told(tank, directeur, sabotage):
    _, alert = tank
    query(sabotage)
    set_status(directeur.supabase_user_id, alert, "ACK")
    assert kinds(alert)[-1] == "acknowledged"
    assert "log_actions" in last_details(alert)


def test_an_accepted_alert_that_another_hand_reopened_can_be_accepted_again(tank, directeur):
    _, alert = tank
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    query("UPDATE public.system_alerts SET status = 'OPEN' WHERE id = %s", alert)
    assert last_details(alert)["acceptance"] == "reopened"
    set_status(directeur.supabase_user_id, alert, "RESOLVED", ACCEPT)
    assert [outcome for _, outcome, _ in periods(alert)] == ["accepted", "accepted"]


def test_what_somebody_without_the_right_sets_off_is_not_their_decision(tank, gerant):
    _, alert = tank
    claims = json.dumps({"sub": str(gerant.supabase_user_id), "role": "authenticated"})
    with as_owner() as cursor:  # as an older SECURITY DEFINER function would
        cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute("UPDATE public.system_alerts SET status = 'RESOLVED' WHERE id = %s", [alert])
        cursor.execute("SELECT set_config('request.jwt.claims', '', true)")
    assert events(alert)[-1][:3] == ("resolved", "system", None)


def test_ml_pps_own_server_reads_the_view(tank):
    with as_owner() as cursor:
        cursor.execute("SET LOCAL ROLE service_role")
        cursor.execute("SELECT count(*) FROM public.v_integrity_checks")
        assert cursor.fetchone() == (1,)
        cursor.execute("RESET ROLE")
