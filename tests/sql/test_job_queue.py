"""The job queue belongs to the application: it defers and works jobs; nobody else reaches them."""

import psycopg
import pytest

from tests.database import Database, as_owner
from tests.sql.conftest import Manage

DEFER = """
    SELECT gouvernance.procrastinate_defer_periodic_job_v2(
        'default', NULL, NULL, 'sync_alerts', 0, '', 0, '{}'
    )
"""
WORK = "SELECT gouvernance.procrastinate_register_worker_v1()"
TABLES = ("jobs", "events", "periodic_defers", "workers")


def test_the_application_defers_works_and_deletes_a_job(fresh_database: Database) -> None:
    with fresh_database.app() as app:
        (job,) = app.execute(DEFER).fetchone()
        (worker,) = app.execute(WORK).fetchone()
        fetched = app.execute(
            "SELECT id FROM gouvernance.procrastinate_fetch_job_v2(NULL, %s)", [worker]
        )
        assert fetched.fetchone() == (job,)
        app.execute("SELECT gouvernance.procrastinate_finish_job_v1(%s, 'succeeded', true)", [job])
        left = app.execute("SELECT count(*) FROM gouvernance.procrastinate_jobs").fetchone()
        assert left == (0,)


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "act", [DEFER, WORK, *(f"SELECT * FROM gouvernance.procrastinate_{name}" for name in TABLES)]
)
def test_neither_the_internet_nor_a_person_reaches_it(db: None, role: str, act: str) -> None:
    with as_owner() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute(act)
        cursor.execute("ROLLBACK TO before")


@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE gouvernance.procrastinate_jobs ADD COLUMN note text",
        "TRUNCATE gouvernance.procrastinate_events",
        "SELECT setval('gouvernance.procrastinate_jobs_id_seq', 1)",
        "SELECT gouvernance.grant_job_queue()",
    ],
)
def test_the_application_can_do_nothing_more(fresh_database: Database, act: str) -> None:
    with fresh_database.app() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(act)


def test_redeploying_gives_the_application_what_a_new_release_of_the_queue_brought(
    fresh_database: Database, manage: Manage
) -> None:
    with fresh_database.owner() as owner:
        owner.execute(
            "CREATE FUNCTION gouvernance.procrastinate_new_v1() RETURNS integer RETURN 1;"
            "CREATE SEQUENCE gouvernance.procrastinate_new_id_seq"
        )
    manage(fresh_database, "contract", "deploy")
    with fresh_database.app() as app, fresh_database.owner() as owner:
        assert app.execute("SELECT gouvernance.procrastinate_new_v1()").fetchone() == (1,)
        assert app.execute("SELECT nextval('gouvernance.procrastinate_new_id_seq')").fetchone() == (
            1,
        )
        assert owner.execute(
            "SELECT has_function_privilege('anon', 'gouvernance.procrastinate_new_v1()', 'EXECUTE')"
        ).fetchone() == (False,)
