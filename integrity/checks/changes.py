"""The journal of what administrators changed, in words: who, when, before → after."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from integrity.checks.catalogue import Check, Threshold
from integrity.checks.opening_stocks import Places
from integrity.checks.states import decimal_text, litres_text, seconds_text
from mlpp_gov.models import actor_name, names_by_supabase_id
from mlpp_gov.queries import Rows
from mlpp_gov.sentences import spoken

OPENING_STOCKS = "STOCK_OUVERTURE"  # the journal's subject


@dataclass(frozen=True)
class Line:
    """One setting that changed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What one person changed at once; `subject` says of what, where the page doesn't."""

    at: datetime
    who: str
    lines: list[Line]
    subject: str = ""


def tunings_of(check: Check, journal: Rows) -> list[Change]:
    """The changes of a check's settings, the latest first; at most one query."""
    thresholds = {threshold.name: threshold for threshold in check.thresholds}
    return [
        Change(
            row["at"],
            who,
            [
                _tuned(name, before, after, thresholds)
                for name, (before, after) in row["change"].items()
            ],
        )
        for row, who in _read(journal)
    ]


def declarations(places: Places, journal: Rows) -> list[Change]:
    """The declarations and withdrawals of opening stocks, the latest first; at most one query."""
    return [
        Change(
            row["at"],
            who,
            [
                Line(_("Ambiant"), *map(litres_text, row["change"]["stock_ambiant"])),
                Line(_("À 15\u00a0°C"), *map(litres_text, row["change"]["stock_15c"])),
            ],
            places.label(
                UUID(row["change"]["citerne_id"]),
                UUID(row["change"]["produit_id"]),
                row["change"]["proprietaire_type"],
            ),
        )
        for row, who in _read(journal)
    ]


def _read(journal: Rows) -> list[tuple[dict[str, Any], str]]:
    names = names_by_supabase_id({row["actor"] for row in journal})
    return [
        (
            {"at": row["at"], "change": json.loads(row["change"], parse_float=Decimal)},
            actor_name(row["actor"], names),
        )
        for row in journal
    ]


def _tuned(name: str, before: Any, after: Any, thresholds: dict[str, Threshold]) -> Line:
    match name:
        case "enabled":
            return Line(_("En service"), _yes_or_no(before), _yes_or_no(after))
        case "time_limit_ms":
            return Line(_("Limite de temps"), seconds_text(before), seconds_text(after))
    threshold = thresholds.get(name)
    if threshold is None:  # of an earlier version of the check
        return Line(name, decimal_text(before), decimal_text(after))
    return Line(
        spoken(threshold.label),
        f"{decimal_text(before)}\u00a0{spoken(threshold.unit)}",
        f"{decimal_text(after)}\u00a0{spoken(threshold.unit)}",
    )


def _yes_or_no(value: bool) -> str:
    return _("oui") if value else _("non")
