"""Run the SQL functions that turn anomalies into alerts."""

from typing import NamedTuple

from django.db import connection, transaction


class SyncOutcome(NamedTuple):
    """Number of alerts that one evaluation opened, refreshed, reopened and resolved, and the codes
    of the checks that failed: their alerts are as they were."""

    opened: int
    refreshed: int
    reopened: int
    resolved: int
    failing: tuple[str, ...] = ()


@transaction.atomic
def sync_alerts(limit: int | None = None) -> SyncOutcome:
    """Evaluate once, atomically (contract, section 3); safe from any number of processes.

    What `gouvernance.sync_alerts()` does, with each check in a statement of its own, so that
    PostgreSQL holds it to its own time limit. `limit` bounds what is opened, reopened or rewritten;
    CRITICAL alerts are never cut off.
    Raises ValueError for a negative limit and django.db.DatabaseError; nothing has changed then.
    """
    if limit is not None and limit < 0:
        raise ValueError("limit must not be negative")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (statement_timeout,) = cursor.fetchone()
        cursor.execute("SELECT * FROM gouvernance.begin_evaluation()")
        for check_code, time_limit_ms in cursor.fetchall():
            _limit_statements(f"{time_limit_ms}ms")
            cursor.execute(
                "SELECT taken FROM gouvernance.evaluate_check(%s, %s)", [check_code, limit]
            )
            if limit is not None:
                limit = max(limit - cursor.fetchone()[0], 0)
        _limit_statements(statement_timeout)
        cursor.execute("SELECT * FROM gouvernance.finish_evaluation()")
        opened, refreshed, reopened, resolved, failing = cursor.fetchone()
        return SyncOutcome(opened, refreshed, reopened, resolved, tuple(failing))


def _limit_statements(duration: str) -> None:
    """Hold each of this transaction's next statements to that time (PostgreSQL's statement_timeout)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [duration])
