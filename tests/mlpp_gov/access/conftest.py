"""Reading the journal as its owner, after writing what waits."""

from collections.abc import Callable
from typing import Any

import pytest

from mlpp_gov.access.journal import Journal
from tests.database import as_owner

Row = dict[str, Any]


@pytest.fixture
def written(db: None, access_journal: Journal) -> Callable[[], list[Row]]:
    """Every row of the journal, in the order of their writing."""

    def read() -> list[Row]:
        access_journal.flush(held_too=True)
        with as_owner() as cursor:
            cursor.execute("SELECT * FROM gouvernance.access_events ORDER BY id")
            columns = [column.name for column in cursor.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    return read
