"""The checks of the self-test in their order, and what each of them says."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.utils.module_loading import autodiscover_modules


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What a check saw, and what to do about it; nothing in it is a secret."""

    status: Status
    said: str
    to_do: str = ""


def ok(said: str) -> Finding:
    return Finding(Status.OK, said)


def warn(said: str, to_do: str) -> Finding:
    return Finding(Status.WARN, said, to_do)


def fail(said: str, to_do: str) -> Finding:
    return Finding(Status.FAIL, said, to_do)


NO_DATABASE = Finding(
    Status.UNKNOWN, "La base n’est pas utilisable\u00a0: voyez «\u00a0Base de données\u00a0»."
)


@dataclass(frozen=True)
class Check:
    name: str
    label: str
    look: Callable[[], Finding]
    asks_database: bool

    def finding(self) -> Finding:
        """What it sees; never raises. A check that breaks must not hide what the others see."""
        if self.asks_database and connection.connection is None:
            return NO_DATABASE
        try:
            return self.look()
        except Exception as error:
            return fail(
                f"La vérification n’a pas abouti\u00a0: {cause(error)}",
                "Si «\u00a0Contrat\u00a0» ou «\u00a0Migrations\u00a0» échoue aussi, commencez par là. "
                "Sinon, relancez ; si cela dure, transmettez cette ligne avec la version.",
            )


@dataclass(frozen=True)
class Result:
    check: Check
    finding: Finding


_checks: dict[str, Check] = {}


def check(
    name: str, label: str, *, asks_database: bool = False
) -> Callable[[Callable[[], Finding]], Callable[[], Finding]]:
    """Register a check. One that asks the database is unknown where the database can't be used."""

    def register(look: Callable[[], Finding]) -> Callable[[], Finding]:
        _checks[name] = Check(name, label, look, asks_database)
        return look

    return register


def examine() -> list[Result]:
    """Run every check of every app, in order; never raises."""
    autodiscover_modules("doctor")
    return [Result(check, check.finding()) for check in _checks.values()]


def overall(results: list[Result]) -> Status:
    """The worst of them; what could not be known is worth a warning."""
    found = {result.finding.status for result in results}
    if Status.FAIL in found:
        return Status.FAIL
    return Status.WARN if found & {Status.WARN, Status.UNKNOWN} else Status.OK


def cause(error: Exception) -> str:
    """An error in one line. Only what PostgreSQL and our own settings say: others may repeat a secret."""
    if isinstance(error, DatabaseError | psycopg.Error | ImproperlyConfigured):
        return next(iter(str(error).splitlines()), type(error).__name__)
    return type(error).__name__
