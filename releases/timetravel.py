"""Let time pass over everything that releases wrote down: for rehearsals and tests, never in production.

The owner of a throw-away database moves what happened into the past; the rules, which read PostgreSQL's
clock, are the real ones.
"""

from datetime import timedelta

from django.db.backends.utils import CursorWrapper

TABLES = (
    "releases",
    "release_events",
    "release_tokens",
    "gates",
    "gate_voids",
    "checklist_answers",
    "nightly_runs",
    "contract_checks",
    "deployments",
    "freezes",
    "release_incidents",
    "watch_readings",
    "post_mortems",
    "post_mortem_versions",
    "release_requests",
)
MOMENTS = """
    SELECT relname, string_agg(format('%%1$I = %%1$I - %%2$L::interval', attname, %(by)s::text), ', ')
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    WHERE relnamespace = 'gouvernance'::regnamespace AND relname = ANY (%(tables)s)
        AND atttypid IN ('timestamptz'::regtype, 'date'::regtype) AND NOT attisdropped
    GROUP BY relname
"""


def let_time_pass(cursor: CursorWrapper, by: timedelta) -> None:
    """Move all that happened `by` into the past, in the cursor's transaction; for a superuser."""
    cursor.execute(MOMENTS, {"by": f"{by.total_seconds()} seconds", "tables": list(TABLES)})
    changes = cursor.fetchall()
    cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger defends history
    for relation, assignments in changes:
        cursor.execute(f"UPDATE gouvernance.{relation} SET {assignments}")
    cursor.execute("SET LOCAL session_replication_role = origin")
