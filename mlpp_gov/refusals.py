"""What our functions in PostgreSQL refuse, in Python's terms."""

from collections.abc import Callable

import psycopg
from django.db import DatabaseError
from psycopg.errors import Diagnostic

from mlpp_gov.roles import SpokenRefusal
from mlpp_gov.sentences import spoken


def translated(
    error: DatabaseError,
    invalid: type[ValueError],
    **others: Callable[[Diagnostic], Exception],
) -> Exception:
    """The exception that says what was refused: `invalid` for an impossible value (GV003), SpokenRefusal
    for a person who may not (GV004), or what `others` make of the SQLSTATE that names them.

    Raises the error itself when it is another: raised from itself it would lose its SQLSTATE.
    """
    terms: dict[str, Callable[[Diagnostic], Exception]] = {
        "GV003": lambda refusal: invalid(spoken(refusal.message_primary or "")),
        "GV004": lambda refusal: SpokenRefusal(spoken(refusal.message_primary or "")),
        **others,
    }
    cause = error.__cause__
    if isinstance(cause, psycopg.Error) and cause.sqlstate in terms:
        return terms[cause.sqlstate](cause.diag)
    raise error
