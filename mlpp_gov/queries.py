"""Named queries: a folder of .sql files, one query each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper

Rows = list[dict[str, Any]]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Queries:
    folder: Path

    def text(self, name: str) -> str:
        """A named query as it is written, to make another of it."""
        return _text(self.folder / f"{name}.sql")

    def fetch(self, name: str, using: str = DEFAULT_DB_ALIAS, /, **parameters: Any) -> Rows:
        """Every row of a named query, by column; `using` is the connection's alias."""
        with connections[using].cursor() as cursor:
            cursor.execute(self.text(name), parameters)
            return _rows(cursor)

    def fetch_together(self, *asked: tuple[str, dict[str, Any]]) -> list[Rows]:
        """What fetch() gives for each (name, parameters), asked for in one journey to the server."""
        with connection.cursor() as cursor:
            statements = [cursor.mogrify(self.text(name), values) for name, values in asked]
            cursor.execute("\n;\n".join(statements))
            found = [_rows(cursor)]
            while cursor.nextset():
                found.append(_rows(cursor))
            return found


def _rows(cursor: CursorWrapper) -> Rows:
    columns = [column.name for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
