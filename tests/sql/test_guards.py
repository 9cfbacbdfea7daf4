"""What SQL alone refuses, with no Python in between: raw statements under each role."""

import json
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from tests.database import as_owner


def as_person(person, sql, params=()):
    """Run one statement as ML_PP's API would for that person; return (row count, rows)."""
    claims = json.dumps({"sub": str(person), "role": "authenticated"})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute("SET LOCAL ROLE authenticated")
        cursor.execute(sql, params)
        outcome = cursor.rowcount, cursor.fetchall() if cursor.description else []
        cursor.execute("RESET ROLE")
        return outcome


def alert_row(alert_id):
    with as_owner() as cursor:
        cursor.execute("SELECT * FROM public.system_alerts WHERE id = %s", [alert_id])
        return dict(zip((c.name for c in cursor.description), cursor.fetchone(), strict=True))


@pytest.fixture
def wide_grants(db):
    """An older installation: default grants gave everything to everyone (contract, trap 21)."""
    with as_owner() as cursor:
        cursor.execute("GRANT ALL ON public.system_alerts TO authenticated, anon")


@pytest.fixture
def wide_policy(db):
    """An older policy without TO, open to everybody (contract, traps 13 and 22)."""
    with as_owner() as cursor:
        cursor.execute(
            "CREATE POLICY ancienne ON public.system_alerts USING (true) WITH CHECK (true)"
        )


@pytest.mark.parametrize("who", ["admin", "directeur"])
def test_admin_and_directeur_acknowledge_and_the_database_writes_who_and_when(
    who, request, make_alert
):
    person = request.getfixturevalue(who).supabase_user_id
    alert = make_alert()
    count, _ = as_person(
        person, "UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s", [alert]
    )
    row = alert_row(alert)
    assert count == 1
    assert (row["status"], row["acknowledged_by"]) == ("ACK", person)
    assert row["acknowledged_at"] is not None
    assert row["resolved_by"] is None


def test_pca_reads_and_changes_nothing(pca, make_alert):
    alert = make_alert()
    assert as_person(pca.supabase_user_id, "SELECT 1 FROM public.system_alerts")[0] == 1
    count, _ = as_person(
        pca.supabase_user_id,
        "UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s",
        [alert],
    )
    assert count == 0
    assert alert_row(alert)["status"] == "OPEN"


@pytest.mark.parametrize("who", ["gerant", "operateur", "lecture"])
def test_others_see_no_alert_even_beside_an_older_open_policy(
    who, request, make_alert, wide_grants, wide_policy
):
    person = request.getfixturevalue(who).supabase_user_id
    make_alert()
    assert as_person(person, "SELECT * FROM public.system_alerts") == (0, [])
    assert as_person(person, "UPDATE public.system_alerts SET status = 'ACK'")[0] == 0


def test_a_person_without_claims_sees_nothing(make_alert):
    make_alert()
    assert as_person("", "SELECT * FROM public.system_alerts") == (0, [])


def test_a_second_lesser_profile_takes_the_greater_right_away(directeur, make_alert):
    make_alert()
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.profils (user_id, role) VALUES (%s, 'pca')",
            [directeur.supabase_user_id],
        )
    person = directeur.supabase_user_id
    assert as_person(person, "SELECT 1 FROM public.system_alerts")[0] == 1
    assert as_person(person, "UPDATE public.system_alerts SET status = 'ACK'")[0] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.system_alerts",
        "SELECT * FROM public.v_integrity_checks",
        "SELECT * FROM gouvernance.v_stock_reel",
        "SELECT * FROM gouvernance.sync_runs",
        "SELECT gouvernance.sync_alerts()",
        "SELECT gouvernance.role_of(gen_random_uuid())",
        "UPDATE public.system_alerts SET status = 'ACK'",
        "TRUNCATE public.system_alerts",
    ],
)
def test_anon_is_refused_everywhere(db, make_alert, statement):
    make_alert()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute("SET LOCAL ROLE anon")
        cursor.execute(statement)


def test_anon_sees_nothing_even_with_an_older_installations_grants(
    make_alert, wide_grants, wide_policy
):
    make_alert()
    with as_owner() as cursor:
        cursor.execute("SET LOCAL ROLE anon")
        cursor.execute("SELECT * FROM public.system_alerts")
        assert cursor.fetchall() == []
        cursor.execute("RESET ROLE")


FORGERIES = [
    ("acknowledged_by", "gen_random_uuid()"),
    ("message", "'tout va bien'"),
    ("severity", "'WARN'"),
    ("payload", "'{}'"),
    ("first_detected_at", "now() - interval '1 year'"),
    ("last_detected_at", "now() - interval '1 year'"),
    ("check_code", "'AUTRE'"),
    ("entity_id", "gen_random_uuid()"),
    ("created_at", "now() - interval '1 year'"),
]


@pytest.mark.parametrize(("column", "value"), FORGERIES)
def test_a_directeur_has_no_right_on_other_columns(directeur, make_alert, column, value):
    make_alert(severity="CRITICAL", payload='{"a": 1}')
    with pytest.raises(DatabaseError, match="permission denied"):
        as_person(directeur.supabase_user_id, f"UPDATE public.system_alerts SET {column} = {value}")


@pytest.mark.parametrize(("column", "value"), FORGERIES[1:])
def test_a_directeur_cannot_forge_even_with_an_older_installations_grants(
    directeur, make_alert, wide_grants, column, value
):
    make_alert(severity="CRITICAL", payload='{"a": 1}')
    with pytest.raises(DatabaseError, match="ne se modifie pas à la main"):
        as_person(
            directeur.supabase_user_id,
            f"UPDATE public.system_alerts SET status = 'ACK', {column} = {value}",
        )


def test_forged_actors_and_dates_are_replaced_by_the_real_ones(directeur, make_alert, wide_grants):
    alert, forged = make_alert(), uuid4()
    as_person(
        directeur.supabase_user_id,
        "UPDATE public.system_alerts SET status = 'ACK', acknowledged_by = %s,"
        " acknowledged_at = '2020-01-01', resolved_by = %s, resolved_at = '2020-01-01'",
        [forged, forged],
    )
    row = alert_row(alert)
    assert row["acknowledged_by"] == directeur.supabase_user_id
    assert row["acknowledged_at"].year > 2020
    assert row["resolved_by"] is row["resolved_at"] is None


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("OPEN", "ACK", True),
        ("OPEN", "RESOLVED", True),
        ("ACK", "RESOLVED", True),
        ("ACK", "OPEN", False),
        ("RESOLVED", "OPEN", False),
        ("RESOLVED", "ACK", False),
        ("RESOLVED", "RESOLVED", False),
        ("OPEN", "OPEN", False),
    ],
)
def test_only_the_contracts_transitions_pass(directeur, make_alert, before, after, allowed):
    alert = make_alert(status=before)
    statement = "UPDATE public.system_alerts SET status = %s"
    if allowed:
        assert as_person(directeur.supabase_user_id, statement, [after])[0] == 1
    else:
        with pytest.raises(DatabaseError, match="Transition refusée"):
            as_person(directeur.supabase_user_id, statement, [after])
    assert alert_row(alert)["status"] == (after if allowed else before)


def test_a_directeur_deletes_nothing_even_with_every_grant_and_an_open_policy(
    directeur, make_alert, wide_grants, wide_policy
):
    alert = make_alert()
    assert as_person(directeur.supabase_user_id, "DELETE FROM public.system_alerts")[0] == 0
    assert alert_row(alert)["status"] == "OPEN"


def test_a_directeur_truncates_nothing_although_rls_would_not_stop_it(
    directeur, make_alert, wide_grants
):
    alert = make_alert()
    with pytest.raises(DatabaseError, match="ne se supprime jamais"):
        as_person(directeur.supabase_user_id, "TRUNCATE public.system_alerts")
    assert alert_row(alert)["status"] == "OPEN"


@pytest.mark.parametrize(
    "statement", ["DELETE FROM public.system_alerts", "TRUNCATE public.system_alerts"]
)
def test_not_even_the_owner_deletes_an_alert_by_accident(make_alert, statement):
    make_alert()
    with (
        pytest.raises(DatabaseError, match="ne se supprime jamais"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute(statement)


def test_the_application_login_reads_and_writes_nothing_outside_an_identity(make_alert):
    make_alert()
    for statement in (
        "SELECT * FROM public.system_alerts",
        "SELECT * FROM public.v_integrity_checks",
        "UPDATE public.system_alerts SET status = 'ACK'",
        "SELECT * FROM public.citernes",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_application_login_cannot_rewrite_the_record_of_evaluations(db):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM gouvernance.sync_runs")
