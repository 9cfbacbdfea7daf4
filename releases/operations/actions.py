"""The only way a person changes an operation: the database's functions, run as that person.

All raise InvalidInput when the database refuses what is asked, SpokenRefusal when it refuses the person,
TooLate when somebody was faster. The rules are PostgreSQL's: releases/sql/operations/.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from psycopg.errors import Diagnostic

from mlpp_gov.calls import InvalidInput, call
from mlpp_gov.models import User
from mlpp_gov.refusals import translated


@dataclass(frozen=True)
class NewStep:
    """A step of an operation to be: kind `step` or `stop`, and the evidence it asks for."""

    kind: str
    title: str
    requirement: str = ""


class TooLate(Exception):
    """Somebody was faster: what they did, who, when. `on` is the tracker's day when nobody is known."""

    def __init__(
        self, *, said: str, by: UUID | None, at: datetime | None, on: date | None = None
    ) -> None:
        self.said, self.by, self.at, self.on = said, by, at, on
        super().__init__(said, by, at, on)

    @classmethod
    def of(cls, refusal: Diagnostic) -> "TooLate":
        known = json.loads(refusal.message_detail or "{}")
        return cls(
            said=refusal.message_primary or "",
            by=UUID(known["by"]) if known["by"] else None,
            at=datetime.fromisoformat(known["at"]) if known["at"] else None,
            on=date.fromisoformat(known["on"]) if known["on"] else None,
        )


def open_operation(
    code: str,
    title: str,
    why: str,
    activities: Sequence[str],
    steps: Sequence[NewStep],
    *,
    actor: User,
) -> None:
    """Open an operation, planned; nothing is frozen before start()."""
    _call(
        "SELECT gouvernance.open_operation(%s, %s, %s, %s::text[], %s::jsonb)",
        [code, title, why, list(activities), json.dumps([asdict(step) for step in steps])],
        actor=actor,
    )


def start(code: str, *, actor: User) -> None:
    _call("SELECT gouvernance.start_operation(%s)", [code], actor=actor)


def declare(code: str, position: int, evidence: str, *, actor: User) -> None:
    """Declare a step done; a STOP before it that is not passed is an InvalidInput."""
    _call("SELECT gouvernance.declare_step(%s, %s, %s)", [code, position, evidence], actor=actor)


def reopen(code: str, position: int, reason: str, *, actor: User) -> None:
    _call("SELECT gouvernance.reopen_step(%s, %s, %s)", [code, position, reason], actor=actor)


def pass_stop(code: str, position: int, evidence: str, *, actor: User) -> list[str]:
    """Try to pass a STOP; what is missing, all of it, or nothing once it is passed. Logged either way."""
    missing: list[str] = _call(
        "SELECT gouvernance.pass_stop(%s, %s, %s)", [code, position, evidence], actor=actor
    )
    return missing


def withdraw_stop(code: str, position: int, reason: str, *, actor: User) -> None:
    _call("SELECT gouvernance.withdraw_stop(%s, %s, %s)", [code, position, reason], actor=actor)


def note(code: str, text: str, *, actor: User) -> None:
    _call("SELECT gouvernance.note_operation(%s, %s)", [code, text], actor=actor)


def set_freeze(code: str, activity: str, is_frozen: bool, reason: str, *, actor: User) -> None:
    _call(
        "SELECT gouvernance.set_freeze(%s, %s, %s, %s)",
        [code, activity, is_frozen, reason],
        actor=actor,
    )


def finish(code: str, *, actor: User) -> None:
    """Close an operation of which everything is done; what is still frozen is let go."""
    _call("SELECT gouvernance.finish_operation(%s)", [code], actor=actor)


def abandon(code: str, reason: str, *, actor: User) -> None:
    """Give an operation up; what is frozen stays so until set_freeze()."""
    _call("SELECT gouvernance.abandon_operation(%s, %s)", [code, reason], actor=actor)


def _call(sql: str, parameters: list[Any], *, actor: User) -> Any:
    try:
        return call(sql, parameters, actor=actor)
    except DatabaseError as error:
        raise translated(error, InvalidInput, GV001=TooLate.of) from error
