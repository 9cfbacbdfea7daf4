"""Several people, and several evaluations, at the same moment: real connections, real commits."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from tests import business

UPDATE = "UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s AND status = 'OPEN'"


def test_of_two_simultaneous_acknowledgements_one_wins(fresh_database):
    people = [uuid4(), uuid4()]
    with fresh_database.owner() as owner:
        alert = owner.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " VALUES ('X', 'WARN', 'CDR', gen_random_uuid(), 'm') RETURNING id"
        ).fetchone()[0]
        for person in people:
            owner.execute("INSERT INTO auth.users (id) VALUES (%s)", [person])
            owner.execute(
                "INSERT INTO public.profils (user_id, role) VALUES (%s, 'directeur')", [person]
            )
    start = Barrier(2)

    def acknowledge(person):
        with fresh_database.app() as connection, connection.transaction():
            claims = json.dumps({"sub": str(person), "role": "authenticated"})
            connection.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
            connection.execute("SET LOCAL ROLE authenticated")
            start.wait(timeout=30)
            return connection.execute(UPDATE, [alert]).rowcount

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(acknowledge, people))
    assert sorted(counts) == [0, 1]
    with fresh_database.owner() as owner:
        (winner,) = owner.execute("SELECT acknowledged_by FROM public.system_alerts").fetchone()
    assert winner == people[counts.index(1)]


def test_eight_evaluations_at_once_open_each_alert_once(fresh_database):
    with fresh_database.owner() as owner:
        for _ in range(20):
            business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", "sync_alerts"],
            env=fresh_database.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, outputs
    opened = [int(out.split(",")[0].removeprefix("ouvertes ")) for out, _ in outputs]
    assert sorted(opened) == [0] * 7 + [20]
    with fresh_database.owner() as owner:
        assert owner.execute("SELECT count(*) FROM public.system_alerts").fetchone() == (20,)
        assert owner.execute("SELECT count(*) FROM gouvernance.sync_runs").fetchone() == (8,)


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (
            "ALTER TABLE gouvernance.sync_runs RENAME TO ailleurs",
            1,
            "Évaluation échouée, aucune alerte n’a été modifiée",
        ),
        (
            "DELETE FROM gouvernance.check_thresholds WHERE check_code = 'STOCK_NEGATIF'",
            2,
            "Contrôles en échec, leurs alertes sont restées telles quelles : STOCK_NEGATIF.",
        ),
    ],
)
def test_a_failed_evaluation_exits_non_zero_and_says_why(fresh_database, fault, status, said):
    with fresh_database.owner() as owner:
        owner.execute(fault)
    done = subprocess.run(
        [sys.executable, "manage.py", "sync_alerts"],
        env=fresh_database.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == status
    assert said in done.stderr


def test_the_application_logs_in_with_no_more_rights_than_promised(fresh_database):
    with fresh_database.app() as app:
        attributes = app.execute(
            "SELECT rolsuper, rolinherit, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert attributes == (False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT * FROM public.system_alerts")
