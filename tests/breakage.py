"""Checks that go wrong, as the owner of the database could make them."""

from typing import Any

from psycopg import Cursor

COLUMNS = (
    "'{code}'::text AS check_code, severity, entity_type, entity_id, message, {payload} AS payload,"
    " now() AS detected_at"
)


def break_check(cursor: Cursor[Any], code: str) -> None:
    """From now on, whoever reads the check, of any entity that has an alert, gets « division by zero »."""
    _redefine(cursor, code, "jsonb_build_object('n', 1 / (length(message) * 0))")


def slow_check(cursor: Cursor[Any], code: str) -> None:
    """From now on, the check takes a minute for each row it finds."""
    _redefine(cursor, code, "jsonb_build_object('n', pg_catalog.pg_sleep(60)::text)")


def _redefine(cursor: Cursor[Any], code: str, payload: str) -> None:
    columns = COLUMNS.format(code=code, payload=payload)
    cursor.execute(
        f"CREATE OR REPLACE VIEW gouvernance.check_{code.lower()} AS SELECT {columns} FROM ("
        " SELECT severity, entity_type, entity_id, message FROM public.system_alerts"
        " UNION ALL SELECT 'WARN', 'CDR', gen_random_uuid(), current_setting('server_version')"
        ") AS fault"
    )
