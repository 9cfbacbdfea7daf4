"""An evaluation that is cut off leaves nothing half done."""

import subprocess
import sys

from tests import business
from tests.database import Database
from tests.faults.conftest import wait_until, waiting_for_a_lock

EVALUATE = [sys.executable, "manage.py", "sync_alerts"]
WRITTEN = """
    SELECT (SELECT count(*) FROM public.system_alerts), (SELECT count(*) FROM gouvernance.alert_events),
           (SELECT count(*) FROM gouvernance.alert_periods), (SELECT count(*) FROM gouvernance.sync_runs),
           (SELECT count(DISTINCT run) FROM gouvernance.check_runs)
"""


def test_killed_half_way_it_leaves_no_alert_event_period_or_run(fresh_database: Database) -> None:
    with fresh_database.owner() as owner, fresh_database.owner() as holder:
        for _ in range(20):
            business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
        with holder.transaction():
            # Its run comes last: it waits here with all alerts written and none committed.
            holder.execute("LOCK TABLE gouvernance.sync_runs IN SHARE MODE")
            evaluation = subprocess.Popen(
                EVALUATE, env=fresh_database.env, stderr=subprocess.PIPE, text=True
            )
            wait_until(
                lambda: bool(waiting_for_a_lock(owner, "finish_evaluation")),
                "an evaluation that waits",
            )
            (process,) = waiting_for_a_lock(owner, "finish_evaluation")
            owner.execute("SELECT pg_terminate_backend(%s)", [process])
            _, said = evaluation.communicate(timeout=60)
        assert evaluation.returncode == 1
        assert "Évaluation échouée, aucune alerte n’a été modifiée" in said
        assert owner.execute(WRITTEN).fetchone() == (0, 0, 0, 0, 0)

        subprocess.run(
            EVALUATE, env=fresh_database.env, check=True, capture_output=True, timeout=60
        )
        assert owner.execute(WRITTEN).fetchone() == (20, 20, 20, 1, 1)
