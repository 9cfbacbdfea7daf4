"""Named queries: a folder of .sql files, one query each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Queries:
    folder: Path

    def text(self, name: str) -> str:
        """A named query as it is written, to make another of it."""
        return _text(self.folder / f"{name}.sql")

    def fetch_each(self, **wanted: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Every row of several named queries with their parameters, in one journey to the database.

        All fail when one does.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                ";".join(cursor.mogrify(self.text(name), values) for name, values in wanted.items())
            )
            found = {}
            for name in wanted:
                found[name] = _rows(cursor)
                cursor.nextset()
            return found

    def fetch(
        self, name: str, using: str = DEFAULT_DB_ALIAS, /, **parameters: Any
    ) -> list[dict[str, Any]]:
        """Every row of a named query, by column; `using` is the connection's alias."""
        with connections[using].cursor() as cursor:
            cursor.execute(self.text(name), parameters)
            return _rows(cursor)


def _rows(cursor: Any) -> list[dict[str, Any]]:
    columns = [column.name for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
