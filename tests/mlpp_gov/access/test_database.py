"""PostgreSQL keeps the journal: the application adds to it, and nobody takes from it or rewrites it."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.identity import db_identity
from tests.database import as_owner

WRITE = "SELECT gouvernance.record_accesses(%s::jsonb)"
ROW = """[{"at": "AT", "event": "authz_fail", "reason": "", "severity": "WARN", "status": 403,
 "method": "GET", "route": "x", "user_id": null, "role": "", "address": "41.243.7.12",
 "user_agent": "", "request_id": null, "session": "", "typed_name": "", "detail": "",
 "release": "v1", "count": 1}]"""
READ = "SELECT count(*) FROM gouvernance.access_events"


def written_at(at, **replaced):
    text = ROW.replace("AT", at.isoformat())
    for before, after in replaced.items():
        text = text.replace(before, after)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [text])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        READ,
        "INSERT INTO gouvernance.access_events (at) VALUES (now())",
        "UPDATE gouvernance.access_events SET count = 1",
        "DELETE FROM gouvernance.access_events",
        "TRUNCATE gouvernance.access_events",
        "SELECT gouvernance.suspect_accesses()",
        "ALTER TABLE gouvernance.access_events DISABLE TRIGGER append_only",
    ],
)
def test_the_application_can_neither_read_nor_rewrite(statement):
    record(None, Event.PROBE)
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["UPDATE {} SET count = 9", "TRUNCATE {}", "DELETE FROM {}"])
def test_not_even_the_owner_rewrites_it_or_wipes_the_last_month(command):
    written_at(datetime.now(UTC))
    with (
        pytest.raises(DatabaseError, match=r"ne se réécrit pas|ne s’efface pas"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute(command.format("gouvernance.access_events"))


@pytest.mark.parametrize(
    ("person", "sees_all"),
    [("admin", True), ("directeur", True), ("pca", False), ("gerant", False), ("lecture", False)],
)
def test_row_level_security_shows_it_to_admin_and_directeur_only(person, sees_all, request):
    reader = request.getfixturevalue(person)
    written_at(datetime.now(UTC))
    with as_owner() as cursor:
        cursor.execute(READ)
        (there,) = cursor.fetchone()
    assert there
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('request.jwt.claims', format('{\"sub\": \"%%s\"}', %s::text), true),"
            " set_config('role', 'authenticated', true)",
            [str(reader.supabase_user_id)],
        )
        cursor.execute(READ)
        assert cursor.fetchone() == (there if sees_all else 0,)
        cursor.execute("SELECT set_config('role', 'none', true)")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_nobody_else_writes_to_it(role):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute("SELECT set_config('role', %s, true)", [role])
        cursor.execute(WRITE, [ROW.replace("AT", "2026-01-01T00:00:00Z")])


def test_a_person_writes_nothing_there_even_with_sql_of_their_own(admin):
    for statement in (
        "DELETE FROM gouvernance.access_events",
        "UPDATE gouvernance.access_events SET count = 1",
        WRITE.replace("%s", "'[]'"),
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT set_config('role', 'authenticated', true)")
            cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "replaced",
    [
        {'"WARN"': '"URGENT"'},
        {'"count": 1': '"count": 0'},
        {'"status": 403': '"status": 99'},
        {'"authz_fail"': '"Authz fail"'},
        {'"user_agent": ""': '"user_agent": "a\\nb"'},
        {'"user_agent": ""': '"user_agent": "%s"' % ("a" * 201)},
        {'"session": ""': '"session": "a-key-in-clear"'},
        {'"typed_name": ""': '"typed_name": "marie"'},
        {"41.243.7.12": "partout"},
    ],
)
def test_what_is_no_line_of_a_journal_is_refused(replaced):
    with pytest.raises(DatabaseError), transaction.atomic():
        written_at(datetime.now(UTC), **replaced)


def test_a_time_in_the_future_or_too_long_ago_is_brought_back(admin):
    written_at(datetime.now(UTC) + timedelta(days=400))
    written_at(datetime.now(UTC) - timedelta(days=400))
    with db_identity(admin), connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(at) <= clock_timestamp(), min(at) > now() - interval '8 days'"
            " FROM gouvernance.access_events"
        )
        assert cursor.fetchone() == (True, True)


# --- Retention -----------------------------------------------------------------------------------

AGES = (1, 40, 200, 400, 800)  # days


@pytest.fixture
def forget(fresh_database, django_db_blocker):
    """Run the command on a committed journal whose rows have those ages; what it says, what stays."""
    from django.db import connections

    with fresh_database.owner() as owner:
        owner.execute("SET session_replication_role = replica")
        for age in AGES:
            owner.execute(WRITE, [ROW.replace("AT", datetime.now(UTC).isoformat())])
            owner.execute(
                "UPDATE gouvernance.access_events SET at = now() - make_interval(days => %s)"
                " WHERE id = (SELECT max(id) FROM gouvernance.access_events)",
                [age],
            )
    connected = connections["owner"]
    usual = connected.settings_dict["NAME"]
    connected.close()
    connected.settings_dict["NAME"] = fresh_database.name

    def run(*arguments):
        output = StringIO()
        with django_db_blocker.unblock():
            call_command("forget_accesses", *arguments, stdout=output)
        with fresh_database.owner() as owner:
            (kept,) = owner.execute(READ).fetchone()
        return output.getvalue(), kept

    yield run
    with django_db_blocker.unblock():
        connected.close()
    connected.settings_dict["NAME"] = usual


def test_twelve_months_are_kept_unless_said(forget):
    said, kept = forget()
    assert kept == 3
    assert said.startswith("Lignes effacées, antérieures au ")
    assert said.rstrip().endswith(".")
    assert " : 2, la plus ancienne du " in said


def test_a_dry_run_counts_and_forgets_nothing(forget):
    said, kept = forget("--months", "1", "--dry-run")
    assert "Lignes à effacer" in said
    assert " : 4, " in said
    assert kept == len(AGES)


def test_one_month_is_the_least_that_is_kept(forget):
    assert forget("--months", "1")[1] == 1
    for months in ("0", "-3", "121", "tout"):
        with pytest.raises(CommandError):
            forget("--months", months)


def test_an_empty_journal_has_nothing_to_forget(forget):
    forget("--months", "1")
    said, _ = forget("--months", "1")
    assert said.rstrip().endswith(" : 0.")


def test_without_the_owners_url_the_command_says_what_it_needs(monkeypatch):
    from mlpp_gov import database

    monkeypatch.setattr(database, "connections", {})
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("forget_accesses")


def test_the_application_s_login_can_be_given_no_other_way_in(fresh_database):
    with fresh_database.app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("DELETE FROM gouvernance.access_events")
