"""People, and an evaluation, on one alert at the same moment."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from alerts import transitions
from alerts.sync import sync_alerts
from mlpp_gov.models import User
from mlpp_gov.roles import Role
from tests.database import Database
from tests.faults.conftest import plant_alert, plant_person, wait_until, waiting_for_a_lock

PEOPLE = 50


@pytest.fixture
def owner(
    fresh_database: Database, log_in_as_the_application: Callable[[str], None]
) -> psycopg.Connection:
    """The database's owner; every thread's Django is the application on the same database."""
    log_in_as_the_application(fresh_database.url)
    with fresh_database.owner() as owner:
        yield owner


def in_a_thread(act: Callable[[], object]) -> Callable[[], object]:
    """The act, on a connection of its thread's own."""

    def acting() -> object:
        try:
            return act()
        finally:
            connection.close()

    return acting


def test_of_fifty_simultaneous_acknowledgements_one_wins_and_is_named_to_the_others(
    owner: psycopg.Connection,
) -> None:
    _, alert = plant_alert(owner)
    people = [
        plant_person(owner, Role.DIRECTEUR, profile="directeur", name=f"Directeur {number}")
        for number in range(PEOPLE)
    ]
    start = Barrier(PEOPLE)

    def acknowledge(person: User) -> transitions.Conflict | None:
        connection.ensure_connection()
        start.wait(timeout=60)
        try:
            transitions.acknowledge(alert, actor=person)
        except transitions.Conflict as conflict:
            return conflict
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(PEOPLE) as pool:
        conflicts = list(pool.map(acknowledge, people))
    (winner,) = [person for person, conflict in zip(people, conflicts, strict=True) if not conflict]
    acknowledged = owner.execute(
        "SELECT status, acknowledged_by, acknowledged_at FROM public.system_alerts"
    ).fetchone()
    assert acknowledged[:2] == ("ACK", winner.supabase_user_id)
    said = [(it.status, it.by, it.at) for it in conflicts if it]
    assert said == [("ACK", winner.full_name, acknowledged[2])] * (PEOPLE - 1)
    events = owner.execute("SELECT actor FROM gouvernance.alert_events WHERE kind = 'acknowledged'")
    assert events.fetchall() == [(winner.supabase_user_id,)]


@pytest.mark.parametrize("status", ["ACK", "RESOLVED"])
def test_what_a_person_did_after_an_evaluation_had_read_the_alert_stands(
    owner: psycopg.Connection, fresh_database: Database, status: str
) -> None:
    """The person's transaction has the row; the evaluation sees the alert OPEN and waits for it."""
    plant_alert(owner)
    person = plant_person(owner, Role.DIRECTEUR, profile="directeur", name="Directeur")
    claims = json.dumps({"sub": str(person.supabase_user_id), "role": "authenticated"})
    with ThreadPoolExecutor(1) as pool, fresh_database.app() as app:
        with app.transaction():
            app.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
            app.execute("SET LOCAL ROLE authenticated")
            app.execute("UPDATE public.system_alerts SET status = %s", [status])
            evaluation = pool.submit(in_a_thread(sync_alerts))
            wait_until(
                lambda: bool(waiting_for_a_lock(owner, "evaluate_check")),
                "an evaluation that waits",
            )
        assert evaluation.result(timeout=60).reopened == 0
    row = owner.execute(
        "SELECT status, coalesce(resolved_by, acknowledged_by) FROM public.system_alerts"
    ).fetchone()
    assert row == (status, person.supabase_user_id)


def test_an_acknowledgement_during_an_evaluation_waits_for_it_and_stands(
    owner: psycopg.Connection, fresh_database: Database
) -> None:
    _, alert = plant_alert(owner)
    person = plant_person(owner, Role.DIRECTEUR, profile="directeur", name="Directeur")
    with ThreadPoolExecutor(2) as pool, fresh_database.owner() as holder:
        with holder.transaction():
            evaluation, acknowledgement = hold_evaluation_then_acknowledge(
                owner, holder, pool, alert, person
            )
        evaluation.result(timeout=60)
        acknowledgement.result(timeout=60)
    row = owner.execute("SELECT status, acknowledged_by FROM public.system_alerts").fetchone()
    assert row == ("ACK", person.supabase_user_id)


def test_an_acknowledgement_of_what_an_evaluation_is_closing_is_a_conflict_with_the_system(
    owner: psycopg.Connection, fresh_database: Database
) -> None:
    truck, alert = plant_alert(owner)
    owner.execute("UPDATE public.cours_de_route SET statut = 'TRANSIT' WHERE id = %s", [truck])
    person = plant_person(owner, Role.DIRECTEUR, profile="directeur", name="Directeur")
    with ThreadPoolExecutor(2) as pool, fresh_database.owner() as holder:
        with holder.transaction():
            evaluation, acknowledgement = hold_evaluation_then_acknowledge(
                owner, holder, pool, alert, person
            )
        assert evaluation.result(timeout=60).resolved == 1
        with pytest.raises(transitions.Conflict) as conflict:
            acknowledgement.result(timeout=60)
    assert (conflict.value.status, conflict.value.by) == ("RESOLVED", "le système")


def hold_evaluation_then_acknowledge(owner, holder, pool, alert, person):
    """Both in progress: the evaluation has written everything but its run, the person waits for it."""
    holder.execute("LOCK TABLE gouvernance.sync_runs IN SHARE MODE")
    evaluation = pool.submit(in_a_thread(sync_alerts))
    wait_until(
        lambda: bool(waiting_for_a_lock(owner, "finish_evaluation")), "an evaluation that waits"
    )
    acknowledgement = pool.submit(in_a_thread(lambda: transitions.acknowledge(alert, actor=person)))
    wait_until(
        lambda: bool(waiting_for_a_lock(owner, 'UPDATE "system_alerts"')),
        "an acknowledgement that waits",
    )
    return evaluation, acknowledgement
