"""What is kept of an audit, what changed since, and the audit of every day."""

import json
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app

from integrity.queries import fetch
from integrity.rls import audit, history, tasks
from tests.database import as_owner

PUBLIC = "CREATE POLICY {} ON public.clients FOR SELECT USING ((SELECT auth.uid()) IS NOT NULL)"


def plant(sql):
    with as_owner() as cursor:
        cursor.execute(sql)


def record(matrix=None):
    found = audit.run(connection, [])
    history.record(connection, found, path=history.Path.COMMAND, matrix=matrix)
    return found


@pytest.fixture
def reports(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "report", sent.append)
    return sent


def test_an_audit_is_kept_with_its_counts_its_release_and_who_recorded_it(db):
    plant(PUBLIC.format("ancienne"))
    record()
    (kept,) = fetch("rls_audits")
    assert (kept["failing"], kept["warnings"], kept["accepted"], kept["public_policies"]) == (
        1,
        0,
        0,
        1,
    )
    assert (kept["release"], kept["path"], kept["tried"]) == ("v0.0.0+0000000", "command", False)
    assert kept["login"]
    (last,) = fetch("rls_last_audit")
    assert [f["finding"] for f in json.loads(last["findings"])] == ["PUBLIC_POLICY", "FK_AUTH"]


def test_without_a_recorded_audit_the_drift_is_unknown(db):
    assert history.drift(audit.run(connection, [])) is None


def test_drift_names_what_is_new_and_what_is_gone(db):
    plant(PUBLIC.format("ancienne"))
    record()
    plant("DROP POLICY ancienne ON public.clients;" + PUBLIC.format("nouvelle"))
    drift = history.drift(audit.run(connection, []))
    assert [finding.object for finding in drift.new] == ["policy nouvelle ON public.clients"]
    assert [gone.object for gone in drift.gone] == ["policy ancienne ON public.clients"]


def test_a_right_that_grows_on_the_same_object_is_a_drift(db):
    plant("GRANT SELECT ON public.clients TO anon")
    record()
    plant("GRANT UPDATE ON public.clients TO anon")
    drift = history.drift(audit.run(connection, []))
    assert [finding.detail for finding in drift.new] == ["anon : SELECT, UPDATE"]
    assert [gone.detail for gone in drift.gone] == ["anon : SELECT"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE gouvernance.rls_audits SET failing = 0",
        "DELETE FROM gouvernance.rls_audits",
        "TRUNCATE gouvernance.rls_audits",
        "INSERT INTO gouvernance.rls_audits (at, release, path, failing, warnings, accepted,"
        " public_policies, findings) VALUES (now(), 'v', 'worker', 0, 0, 0, 0, '[]')",
    ],
)
def test_the_application_can_not_rewrite_what_was_recorded(db, sql):
    record()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(sql)


def test_not_even_the_owner_rewrites_it(db):
    record()
    with (
        pytest.raises(DatabaseError, match="ne se réécrit pas"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute("DELETE FROM gouvernance.rls_audits")


@pytest.mark.parametrize(("path", "findings"), [("main", "[]"), ("worker", "{}"), ("worker", "3")])
def test_the_database_refuses_what_is_not_an_audit(db, path, findings):
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(
            "SELECT gouvernance.record_rls_audit(now(), 'v', %s, %s, NULL)", [path, findings]
        )


def test_one_audit_a_day_is_recorded_however_often_it_is_asked(db, reports):
    for hour in range(25):
        tasks.audit_every_day(timestamp=int(time.time()) + hour * 3600)
    assert [kept["path"] for kept in fetch("rls_audits")] == ["worker", "worker"]
    assert reports == []


def test_the_workers_know_the_audit_of_every_day():
    app.perform_import_paths()
    assert tasks.NAME in app.tasks


def test_one_that_somebody_recorded_counts_for_the_day(db, reports):
    record()
    tasks.audit_every_day(timestamp=int(time.time()))
    assert [kept["path"] for kept in fetch("rls_audits")] == ["command"]


def test_what_fails_anew_is_reported_once_by_its_code(db, reports):
    tomorrow = int(time.time() + timedelta(days=1).total_seconds())
    plant(PUBLIC.format("ancienne"))
    tasks.audit_every_day(timestamp=tomorrow)
    tasks.audit_every_day(timestamp=tomorrow)
    assert reports == ["Audit RLS, constats bloquants apparus : PUBLIC_POLICY."]
