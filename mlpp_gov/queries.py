"""Named queries: a folder of .sql files, one query each."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Queries:
    folder: Path

    def text(self, name: str) -> str:
        """A named query as it is written, to make another of it."""
        return _text(self.folder / f"{name}.sql")

    def fetch(
        self, name: str, using: str = DEFAULT_DB_ALIAS, /, **parameters: Any
    ) -> list[dict[str, Any]]:
        """Every row of a named query, by column; `using` is the connection's alias."""
        with connections[using].cursor() as cursor:
            cursor.execute(self.text(name), parameters)
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
