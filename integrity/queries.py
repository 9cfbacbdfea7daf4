"""The named queries of sql/queries, one file each."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent / "sql" / "queries"


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def fetch(name: str, **parameters: Any) -> list[dict[str, Any]]:
    """Every row of a named query, by column."""
    with connection.cursor() as cursor:
        cursor.execute(_text(name), parameters)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
