"""The periodic evaluation on real workers: once per period, one at a time, whatever becomes of them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest

from mlpp_gov.roles import Role
from tests import business
from tests.database import APP_LOGIN, Database, run_on_server, url_of
from tests.faults.conftest import Pooler, plant_person, wait_until, waiting_for_a_lock

HOUR = 3600
DEFER = """
    SELECT gouvernance.procrastinate_defer_periodic_job_v2(
        'default', %(lock)s, %(task)s, %(task)s, 0, 'test', %(timestamp)s, %(args)s
    )
"""
ATTEMPT = re.compile(
    r"Periodic job sync_alerts\S* (?:deferred for|skipped for|cannot be enqueued)|Période déjà"
)
OVERLAPS = """
    SELECT count(*) FROM gouvernance.sync_runs AS a JOIN gouvernance.sync_runs AS b ON a.id < b.id
    WHERE (a.started_at, a.finished_at) OVERLAPS (b.started_at, b.finished_at)
"""


class Worker:
    """A `manage.py worker` on that database, whose period starts with each hour."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                env={"SYNC_PERIOD_MINUTES": "60", "LOG_LEVEL": "DEBUG", **env},
                stdout=output,
                stderr=output,
            )

    def has_come_to_this_period(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return bool(ATTEMPT.search(self.log.read_text()))

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def working(env: dict[str, str], log: Path) -> Iterator[Worker]:
    worker = Worker(env, log)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.stop()


def worker_env(database: Database) -> dict[str, str]:
    env = {**os.environ, "DATABASE_URL": database.url}
    del env["DATABASE_OWNER_URL"]  # a worker does not need it
    return env


@pytest.fixture
def quiet_database(fresh_database: Database) -> Database:
    """Where the hours of the clock are taken: only what the test defers is worked."""
    hour = int(time.time()) // HOUR * HOUR
    with fresh_database.owner() as owner:
        owner.execute(
            "INSERT INTO gouvernance.procrastinate_periodic_defers"
            " (task_name, periodic_id, defer_timestamp) VALUES"
            " ('sync_alerts', '', %s), ('sync_alerts', '', %s)",
            [hour, hour + HOUR],
        )
    return fresh_database


def defer(app: psycopg.Connection, hours: int, task: str = "sync_alerts") -> int | None:
    """Defer as a worker does at the start of a period, so many hours from now; None when one did."""
    timestamp = (int(time.time()) // HOUR + hours) * HOUR
    values = {"task": task, "timestamp": timestamp, "args": json.dumps({"timestamp": timestamp})}
    values["lock"] = task if task == "sync_alerts" else None
    return app.execute(DEFER, values).fetchone()[0]


def runs(owner: psycopg.Connection) -> list[str]:
    return [path for (path,) in owner.execute("SELECT path FROM gouvernance.sync_runs ORDER BY id")]


def jobs(owner: psycopg.Connection) -> list[str]:
    """States of the evaluations, in the order of their deferral."""
    rows = owner.execute(
        "SELECT status::text FROM gouvernance.procrastinate_jobs"
        " WHERE task_name = 'sync_alerts' ORDER BY id"
    )
    return [status for (status,) in rows]


def all_done(owner: psycopg.Connection) -> bool:
    return not {"todo", "doing"} & set(jobs(owner))


def hours_since(start: float) -> int:
    """How many of the worker's periods there were since."""
    return int(time.time()) // HOUR - int(start) // HOUR + 1


@contextmanager
def evaluation_at_its_end(owner: psycopg.Connection) -> Iterator[None]:
    """An evaluation that is under way, with all alerts written, waits in the block until it ends."""
    with psycopg.connect(owner.info.dsn, autocommit=True) as holder, holder.transaction():
        holder.execute("LOCK TABLE gouvernance.sync_runs IN SHARE MODE")
        yield


def wait_for_the_evaluation(owner: psycopg.Connection) -> None:
    wait_until(
        lambda: bool(waiting_for_a_lock(owner, "finish_evaluation")), "an evaluation that waits"
    )


def test_two_workers_evaluate_each_period_once(fresh_database: Database, tmp_path: Path) -> None:
    env, start = worker_env(fresh_database), time.time()
    with (
        fresh_database.owner() as owner,
        fresh_database.app() as one,
        fresh_database.app() as other,
        working(env, tmp_path / "a.log") as a,
        working(env, tmp_path / "b.log") as b,
    ):
        wait_until(lambda: a.has_come_to_this_period() and b.has_come_to_this_period(), "both")
        wait_until(lambda: all_done(owner), "the first evaluation")
        first = len(runs(owner))
        assert 1 <= first <= hours_since(start)
        for later in range(1, 11, 2):
            assert defer(one, later) is not None
            assert defer(other, later) is None
            wait_until(lambda: all_done(owner), "the evaluation of a later period")
        assert set(runs(owner)) == {"worker"}
        assert first + 5 <= len(runs(owner)) <= hours_since(start) + 5
        assert owner.execute(OVERLAPS).fetchone() == (0,)
        assert (a.stop(), b.stop()) == (0, 0)


def test_missed_periods_are_made_up_for_once(fresh_database: Database, tmp_path: Path) -> None:
    start = time.time()
    with fresh_database.owner() as owner, fresh_database.app() as app:
        # Left behind by the last worker; the eleven periods since then were missed.
        assert defer(app, -12) is not None
        with working(worker_env(fresh_database), tmp_path / "worker.log") as worker:
            wait_until(worker.has_come_to_this_period, "the worker's first period")
            wait_until(lambda: all_done(owner), "the end of its jobs")
        assert 1 <= len(runs(owner)) <= hours_since(start)


@pytest.mark.parametrize("a_later_one_waits", [False, True])
def test_the_evaluation_of_a_killed_worker_is_taken_over(
    quiet_database: Database, tmp_path: Path, a_later_one_waits: bool
) -> None:
    env = worker_env(quiet_database)
    with quiet_database.owner() as owner, quiet_database.app() as app:
        business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
        defer(app, 0)
        with evaluation_at_its_end(owner), working(env, tmp_path / "killed.log") as killed:
            wait_for_the_evaluation(owner)
            killed.process.kill()
            killed.process.wait(timeout=60)
        assert (jobs(owner), runs(owner)) == (["doing"], [])

        owner.execute(
            "UPDATE gouvernance.procrastinate_workers SET last_heartbeat = now() - interval '1 min'"
        )
        if a_later_one_waits:
            defer(app, 2)
        defer(app, 9, task="take_over")
        with working(env, tmp_path / "next.log"):
            wait_until(lambda: all_done(owner) and bool(runs(owner)), "the evaluation taken over")
        assert jobs(owner) == (["aborted", "succeeded"] if a_later_one_waits else ["succeeded"])
        assert runs(owner) == ["worker"]
        assert owner.execute("SELECT count(*) FROM public.system_alerts").fetchone() == (1,)


def test_told_to_stop_it_finishes_its_evaluation(quiet_database: Database, tmp_path: Path) -> None:
    with (
        quiet_database.owner() as owner,
        quiet_database.app() as app,
        working(worker_env(quiet_database), tmp_path / "worker.log") as worker,
    ):
        with evaluation_at_its_end(owner):
            defer(app, 0)
            wait_for_the_evaluation(owner)
            for _ in range(3):  # impatience changes nothing
                worker.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "Waiting for job" in worker.log.read_text(), "the worker stopping")
        assert worker.process.wait(timeout=60) == 0
        assert (jobs(owner), runs(owner)) == (["succeeded"], ["worker"])
        left = owner.execute("SELECT count(*) FROM gouvernance.procrastinate_workers").fetchone()
        assert left == (0,)


def test_an_evaluation_that_fails_as_a_whole_is_recorded_and_the_next_period_tries_again(
    quiet_database: Database, tmp_path: Path
) -> None:
    with (
        quiet_database.owner() as owner,
        quiet_database.app() as app,
        working(worker_env(quiet_database), tmp_path / "worker.log") as worker,
    ):
        with evaluation_at_its_end(owner):
            defer(app, 0)
            wait_for_the_evaluation(owner)
            (process,) = waiting_for_a_lock(owner, "finish_evaluation")
            owner.execute("SELECT pg_terminate_backend(%s)", [process])
            wait_until(lambda: all_done(owner), "the end of its job")
        assert (jobs(owner), runs(owner)) == (["failed"], [])
        failed = owner.execute("SELECT path, failure FROM gouvernance.sync_failures").fetchall()
        assert [path for path, _ in failed] == ["worker"]
        assert "terminating connection" in failed[0][1]

        defer(app, 2)
        wait_until(lambda: all_done(owner), "the next period")
        assert (jobs(owner), runs(owner)) == (["failed", "succeeded"], ["worker"])
        assert worker.stop() == 0


def test_jobs_that_ended_days_ago_are_deleted(quiet_database: Database, tmp_path: Path) -> None:
    with (
        quiet_database.owner() as owner,
        quiet_database.app() as app,
        working(worker_env(quiet_database), tmp_path / "worker.log"),
    ):
        defer(app, 0)
        wait_until(lambda: jobs(owner) == ["succeeded"], "the first evaluation")
        owner.execute("UPDATE gouvernance.procrastinate_events SET at = at - interval '73 hours'")
        defer(app, 2)
        wait_until(lambda: jobs(owner) == ["succeeded", "succeeded"], "a later evaluation")
        defer(app, 9, task="forget_old_jobs")
        wait_until(lambda: jobs(owner) == ["succeeded"], "the deletion of the old one")


def test_it_waits_for_a_database_that_went_away(quiet_database: Database, tmp_path: Path) -> None:
    env = {**worker_env(quiet_database), "LOG_LEVEL": "INFO"}
    with working(env, tmp_path / "worker.log") as worker:
        with quiet_database.owner() as owner, quiet_database.app() as app:
            defer(app, 0)
            wait_until(lambda: jobs(owner) == ["succeeded"], "the first evaluation")
        run_on_server(f'ALTER DATABASE "{quiet_database.name}" ALLOW_CONNECTIONS false')
        run_on_server(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{quiet_database.name}'"
        )
        wait_until(lambda: "a perdu la base" in worker.log.read_text(), "the worker's complaint")
        run_on_server(f'ALTER DATABASE "{quiet_database.name}" ALLOW_CONNECTIONS true')
        with quiet_database.owner() as owner, quiet_database.app() as app:
            defer(app, 2)
            wait_until(lambda: len(runs(owner)) == 2, "an evaluation after the outage")
        assert worker.stop() == 0


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://mlpp_gov_app@127.0.0.1:9/mlpp", "La base de données ne répond pas"),
        (url_of("postgres", user=APP_LOGIN), "La file des tâches n’est pas installée"),
    ],
    ids=["database", "queue"],
)
def test_it_does_not_start_without_its_database_or_its_queue(url: str, sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "worker"],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: {sentence}")


def mails_in(folder: Path) -> dict[str, EmailMessage]:
    """By subject, those that are written to their end (Django's file backend)."""
    texts = [path.read_bytes() for path in folder.glob("*.log")]
    whole = (text for text in texts if text.endswith(b"-" * 79 + b"\n"))
    mails = [message_from_bytes(text, policy=policy.default) for text in whole]
    return {mail["Subject"]: mail for mail in mails}


def test_what_goes_wrong_in_the_tables_is_in_the_mailbox_without_anybody(
    quiet_database: Database, tmp_path: Path
) -> None:
    env = {**worker_env(quiet_database), "MLPP_DATA_DIR": str(tmp_path)}
    mailbox = tmp_path / "mail"
    with (
        quiet_database.owner() as owner,
        quiet_database.app() as app,
        working(env, tmp_path / "worker.log"),
    ):
        plant_person(owner, Role.DIRECTEUR, profile="directeur", name="directrice")
        owner.execute("UPDATE gouvernance.mlpp_gov_user SET email = 'directrice@example.org'")
        cursor = owner.cursor()
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 10_000)
        business.adjustment(cursor, tank, -14_000)

        defer(app, 0)
        wait_until(lambda: "CRITICAL · Stock négatif" in mails_in(mailbox), "the message")

        mail = mails_in(mailbox)["CRITICAL · Stock négatif"]
        assert mail["To"] == "directrice@example.org"
        ((alert,),) = owner.execute(
            "SELECT id FROM public.system_alerts WHERE check_code = 'STOCK_NEGATIF'"
        )
        assert f"/governance/integrity/{alert}/" in mail.get_content()
        assert "TANK3 · Dépôt Daipn" in mail.get_content()


@pytest.mark.parametrize("pooler", [{"default_pool_size": "2"}], indirect=True, ids=str)
def test_it_works_through_a_pooler_in_transaction_mode(
    quiet_database: Database, pooler: Pooler, tmp_path: Path
) -> None:
    env = {
        **worker_env(quiet_database),
        "DATABASE_URL": pooler.url,
        "DATABASE_POOLING": "transaction",
    }
    with (
        quiet_database.owner() as owner,
        quiet_database.app() as app,
        working({**env, "LOG_LEVEL": "INFO"}, tmp_path / "worker.log") as worker,
    ):
        defer(app, 0)
        wait_until(lambda: runs(owner) == ["worker"], "the first evaluation")
        wait_until(lambda: all_done(owner), "the end of its job")
        defer(app, 2)
        wait_until(lambda: runs(owner) == ["worker", "worker"], "the evaluation it polled for")
        assert worker.stop() == 0
    assert not re.search(r"prepared statement| ERROR ", worker.log.read_text())
    assert not re.search(r"prepared statement| ERROR ", pooler.log.read_text())
