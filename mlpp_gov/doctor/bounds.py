"""Questions to a database that may never answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from mlpp_gov.health import hung_up_after

STATEMENT_SECONDS = 5


@contextmanager
def bounded(
    database: BaseDatabaseWrapper, *, seconds: float = 2 * STATEMENT_SECONDS
) -> Iterator[None]:
    """A transaction whose statements the server cuts off after 5 s, and the line after `seconds`.

    Raises django.db.OperationalError when that happens.
    """
    with transaction.atomic(using=database.alias), hung_up_after(database.connection, seconds):
        with database.cursor() as cursor:  # SET LOCAL: a pooler drops what the session sets
            cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
        yield


def asked(question: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Every row of the answer, within bounds. Raises django.db.DatabaseError."""
    with bounded(connection), connection.cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetchall()
