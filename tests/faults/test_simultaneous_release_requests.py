"""The same request of the deploy script, sent several times at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from mlpp_gov.roles import Role
from tests.database import Database
from tests.faults.conftest import plant_person, wait_until, waiting_for_a_lock
from tests.releases.api.conftest import RELEASE, Script, issue

SENT = 5


@pytest.fixture
def owner(
    fresh_database: Database, log_in_as_the_application: Callable[[str], None]
) -> psycopg.Connection:
    """The database's owner; every thread's Django is the application on the same database."""
    log_in_as_the_application(fresh_database.url)
    with fresh_database.owner() as owner:
        yield owner


@pytest.fixture
def token(owner: psycopg.Connection) -> str:
    return issue(plant_person(owner, Role.ADMIN, profile="admin", name="Admin"))[0]


def register(token: str, **changed: str):
    """One request with one key, on a connection of its thread's own."""
    try:
        return Script(token).post("releases", key="once", **{**RELEASE, **changed})
    finally:
        connection.close()


def test_of_simultaneous_requests_with_one_key_one_acts_and_all_get_its_answer(
    owner: psycopg.Connection, token: str
) -> None:
    start = Barrier(SENT)

    def send(_: int):
        start.wait(timeout=60)
        return register(token)

    with ThreadPoolExecutor(SENT) as pool:
        answers = list(pool.map(send, range(SENT)))

    assert [answer.status_code for answer in answers] == [201] * SENT
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert sum("Idempotent-Replay" in answer for answer in answers) == SENT - 1
    acts = owner.execute(
        "SELECT count(*) FROM gouvernance.release_events WHERE kind = 'registered'"
    )
    assert acts.fetchone() == (1,)


def test_a_request_waits_for_the_one_before_it_even_where_that_comes_to_nothing(
    owner: psycopg.Connection, token: str, fresh_database: Database
) -> None:
    """The first is held up in its act, the second at the door; then the first loses its connection."""
    with ThreadPoolExecutor(2) as pool, fresh_database.owner() as holder, holder.transaction():
        holder.execute("SELECT gouvernance.one_release_act_at_a_time()")
        first = pool.submit(register, token)
        wait_until(lambda: bool(waiting_for_a_lock(owner, "register_release")), "the first")
        second = pool.submit(register, token)
        wait_until(lambda: bool(waiting_for_a_lock(owner, "begin_release_request")), "the second")
        (pid,) = waiting_for_a_lock(owner, "register_release")
        owner.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert first.result(timeout=60).status_code == 503
    assert second.result(timeout=60).status_code == 201
    assert "Idempotent-Replay" not in second.result()
