"""Everything that the page of a check shows of it."""

from dataclasses import dataclass

from integrity.checks.catalogue import Check
from integrity.checks.changes import Change, tunings_of
from integrity.checks.states import (
    CheckState,
    TunedThreshold,
    state_of,
    states_query,
    tuned_thresholds,
)
from integrity.queries import fetch_together
from mlpp_gov.queries import Rows


@dataclass(frozen=True)
class Known:
    """`failures` are the ways in which it failed, and `changes` those of its settings, the latest first."""

    state: CheckState
    thresholds: list[TunedThreshold]
    failures: Rows
    changes: list[Change]


def read_check(check: Check, reopened: dict[str, int]) -> Known:
    """Two journeys to the server: the second asks who changed what."""
    states, thresholds, failures, changes = fetch_together(
        states_query(check.code),
        ("check_thresholds", {"code": check.code}),
        ("check_failures", {"code": check.code}),
        ("check_changes", {"subject": check.code}),
    )
    return Known(
        state_of(check.code, states, reopened),
        tuned_thresholds(check, thresholds),
        failures,
        tunings_of(check, changes),
    )
