"""Indexes on ML_PP's tables that keep the checks quick: additive, optional, removed by `contract revert`.

One file each, named after its index, holding one CREATE INDEX. Every check is right without them.
"""

from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

FOLDER = Path(__file__).resolve().parent.parent / "integrity/sql/indexes"
# An interrupted CONCURRENTLY leaves an index that costs writes and serves nobody.
INSTALLED = """
    SELECT c.relname, i.indisvalid
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND starts_with(c.relname, 'gouvernance_')
"""


@dataclass(frozen=True)
class Index:
    """One index of ours: there or not, and what PostgreSQL said when it was last asked for it."""

    name: str
    present: bool
    refusal: str = ""


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def status(connection: BaseDatabaseWrapper) -> list[Index]:
    """Return the state of each index; reads only. One that is not valid counts as absent."""
    installed = _installed(connection)
    return [Index(name, present=installed.get(name, False)) for name in names()]


def install(connection: BaseDatabaseWrapper, *, concurrently: bool = False) -> list[Index]:
    """Create what is missing, remove what no file names any more, and return the state of each.

    Without `concurrently`, writes to a table wait while its index is built. With it they go on, and no
    transaction may be open. What PostgreSQL refuses (a column that this installation has not, a table
    of another owner) is told and left out.
    """
    installed = _installed(connection)
    outdated = [name for name, valid in installed.items() if not valid or name not in names()]
    for name in outdated:
        _run(connection, f'DROP INDEX {{{{ concurrently }}}} public."{name}"', concurrently)
    return [
        Index(name, present=not refusal, refusal=refusal)
        for name in names()
        for refusal in [
            _run(connection, (FOLDER / f"{name}.sql").read_text(encoding="utf-8"), concurrently)
        ]
    ]


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop every index of ours."""
    with connection.cursor() as cursor:
        for name in _installed(connection):
            cursor.execute(f'DROP INDEX public."{name}"')


def _installed(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Names of the indexes of ours, each with whether it is valid."""
    with connection.cursor() as cursor:
        cursor.execute(INSTALLED)
        return dict(cursor.fetchall())


def _run(connection: BaseDatabaseWrapper, sql: str, concurrently: bool) -> str:
    """Execute one statement on its own; return what PostgreSQL said when it refused."""
    statement = sql.replace("{{ concurrently }}", "CONCURRENTLY" if concurrently else "")
    try:
        if concurrently:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        else:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(statement)
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return ""
