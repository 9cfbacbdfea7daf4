"""Reading the live view as its owner does."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import Cursor

from tests.database import as_owner

Anomalies = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def owner(db: None) -> Iterator[Cursor[Any]]:
    """The superuser's cursor, on which a test plants and reads."""
    with as_owner() as cursor:
        yield cursor


@pytest.fixture
def anomalies(owner: Cursor[Any]) -> Anomalies:
    """Rows of v_integrity_checks as dictionaries; of one check when its code is given."""

    def read(code: str | None = None) -> list[dict[str, Any]]:
        owner.execute(
            "SELECT * FROM public.v_integrity_checks WHERE %s IN (check_code, '') ORDER BY 1, 4",
            [code or ""],
        )
        names = [column.name for column in owner.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in owner.fetchall()]
        return [{**row, "payload": json.loads(row["payload"])} for row in rows]

    return read
