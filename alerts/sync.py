"""Run the SQL functions that turn anomalies into alerts."""

import logging
from time import monotonic
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction

from alerts.models import SyncPath

logger = logging.getLogger(__name__)


class SyncOutcome(NamedTuple):
    """Number of alerts that one evaluation opened, refreshed, reopened and resolved, and the codes
    of the checks that failed: their alerts are as they were."""

    opened: int
    refreshed: int
    reopened: int
    resolved: int
    failing: tuple[str, ...] = ()


def sync_alerts(limit: int | None = None, *, path: SyncPath = SyncPath.COMMAND) -> SyncOutcome:
    """Evaluate once, atomically (contract, section 3); safe from any number of processes.

    What `gouvernance.sync_alerts()` does, with each check in a statement of its own, so that
    PostgreSQL holds it to its own time limit. `limit` bounds what is opened, reopened or rewritten;
    CRITICAL alerts are never cut off. The run is recorded with its `path`, a failed one as well.
    Raises ValueError for a negative limit and django.db.DatabaseError; no alert has changed then.
    """
    if limit is not None and limit < 0:
        raise ValueError("limit must not be negative")
    started = monotonic()
    try:
        return _evaluate(limit, path)
    except DatabaseError as error:
        _record_failure(path, monotonic() - started, error)
        raise


@transaction.atomic
def _evaluate(limit: int | None, path: SyncPath) -> SyncOutcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gouvernance.sync_path', %s, true)", [path])
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


def _record_failure(path: SyncPath, seconds: float, error: DatabaseError) -> None:
    """Keep what happened, on a new connection if that one broke; a database that is away keeps nothing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT gouvernance.record_failed_evaluation(%s, %s, %s)",
                [path, seconds, str(error).partition("\n")[0]],
            )
    except DatabaseError:
        logger.warning("L’échec de cette évaluation n’a pas pu être enregistré.")


def _limit_statements(duration: str) -> None:
    """Hold each of this transaction's next statements to that time (PostgreSQL's statement_timeout)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [duration])
