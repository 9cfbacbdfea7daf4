"""The only way a person changes the tracker: the database's function, run as that person."""

from typing import Any

from django.db import DatabaseError

from mlpp_gov.calls import InvalidInput, call
from mlpp_gov.models import User
from mlpp_gov.refusals import translated


class Stale(Exception):
    """Somebody changed the action since the version that the person read."""


def update(action_id: int, values: dict[str, Any], *, actor: User) -> None:
    """Write an action by its columns, from `version`, the one that the person read.

    Raises Stale, InvalidInput when a rule of the tracker is broken, SpokenRefusal.
    """
    columns = (
        *("version", "status", "status_detail", "owner", "reference"),
        *("started_on", "ended_on", "notes", "evidence"),
    )
    try:
        call(
            "SELECT gouvernance.update_phase2_action(%s, %s, %s, %s, %s, %s, %s::date, %s::date, %s, %s)",
            [action_id, *(values[column] for column in columns)],
            actor=actor,
        )
    except DatabaseError as error:
        raise translated(error, InvalidInput, GV001=lambda _: Stale()) from error
