"""Everything that the page of the notifications shows."""

from dataclasses import dataclass

from integrity.checks.changes import Change
from integrity.notifications.messages import by_state
from integrity.notifications.rules import Rule, changes, names_of_depots, rules
from integrity.notifications.ways import Way, ways
from integrity.queries import fetch_together
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User


@dataclass(frozen=True)
class Known:
    """`counts` says how many messages are in each state."""

    rules: list[Rule]
    ways: list[Way]
    changes: list[Change]
    counts: dict[str, int]


def read_all(reader: User) -> Known:
    """Three journeys to the server, and what db_identity() costs."""
    with db_identity(reader):
        places, counts = fetch_together(("depots", {}), ("notification_counts", {}))
    ruled, tried, changed = fetch_together(
        ("notification_rules", {}), ("notification_ways", {}), ("notification_rule_changes", {})
    )
    depots = names_of_depots(places)
    known = rules(ruled, depots)
    return Known(known, ways(tried, known), changes(changed, depots), by_state(counts))
