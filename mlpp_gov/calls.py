"""Call one of the database's functions as a person; it decides whether they may."""

from typing import Any

from django.db import DatabaseError, connection

from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from mlpp_gov.refusals import translated


class InvalidInput(ValueError):
    """The database refused what was typed; the text says why."""


def call(sql: str, parameters: list[Any], *, actor: User, source: str = "person") -> Any:
    """The first value of `sql`, run as that person and committed on return.

    Raises InvalidInput when the database refuses what is asked, SpokenRefusal when it refuses the person.
    """
    try:
        with db_identity(actor, source=source), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]
    except DatabaseError as error:
        raise translated(error, InvalidInput) from error
