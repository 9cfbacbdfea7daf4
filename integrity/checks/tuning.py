"""The only way a person tunes a check: the database's functions, run as that person.

The database judges whether they may and whether the values are possible, and writes the journal.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from mlpp_gov.calls import call
from mlpp_gov.models import User


def tune(
    code: str,
    *,
    actor: User,
    enabled: bool,
    time_limit_ms: int,
    thresholds: Mapping[str, Decimal],
) -> None:
    """Set a check's settings, committed on return; thresholds that aren't given stay.

    Raises InvalidInput when a value is out of its bounds or unknown, SpokenRefusal when the
    person's ML_PP profile is not an administrator's.
    """
    values = json.dumps({name: str(value) for name, value in thresholds.items()})
    call(
        "SELECT gouvernance.tune_check(%s, %s, %s, %s)",
        [code, enabled, time_limit_ms, values],
        actor=actor,
    )


def declare_opening_stock(
    citerne: UUID,
    produit: UUID,
    proprietaire: str,
    *,
    actor: User,
    ambiant: Decimal | None,
    v15c: Decimal | None,
) -> None:
    """Declare the stock, in litres, that was there before the first movement; None twice withdraws it.

    Raises what tune() raises.
    """
    call(
        "SELECT gouvernance.declare_opening_stock(%s, %s, %s, %s, %s)",
        [citerne, produit, proprietaire, ambiant, v15c],
        actor=actor,
    )


def set_service_level(check: str, severity: str, hours: int | None, *, actor: User) -> None:
    """Set until when the alerts of a check, or of `*` for all the others, are due; None: the same day.

    Raises what tune() raises.
    """
    call("SELECT gouvernance.set_service_level(%s, %s, %s)", [check, severity, hours], actor=actor)


def clear_service_level(check: str, severity: str, *, actor: User) -> None:
    """Let the general level hold again for a check.

    Raises what tune() raises.
    """
    call("SELECT gouvernance.clear_service_level(%s, %s)", [check, severity], actor=actor)
