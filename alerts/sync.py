"""Run the SQL function that turns anomalies into alerts."""

from typing import NamedTuple

from django.db import connection


class SyncOutcome(NamedTuple):
    """Number of alerts that one evaluation opened, refreshed, reopened and resolved."""

    opened: int
    refreshed: int
    reopened: int
    resolved: int


def sync_alerts(limit: int | None = None) -> SyncOutcome:
    """Evaluate once, atomically (contract, section 3); safe from any number of processes.

    `limit` bounds what is inserted or refreshed, CRITICAL first.
    Raises django.db.DatabaseError; nothing has changed then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gouvernance.sync_alerts(%s)", [limit])
        return SyncOutcome(*cursor.fetchone())
