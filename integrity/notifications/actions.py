"""The only way a person changes what is told: the database's functions, run as that person.

All raise InvalidInput when the database refuses what is asked, SpokenRefusal when it refuses the person.
"""

from typing import Any

from mlpp_gov.calls import call
from mlpp_gov.models import User

RULE_COLUMNS = (
    "topic",
    "severity",
    "check_code",
    "depot_id",
    "recipient",
    "delivery",
    "delay_hours",
    "quiet_from",
    "quiet_to",
    "details",
    "recovery",
    "enabled",
)


def set_rule(rule: int | None, values: dict[str, Any], *, actor: User) -> None:
    """Write a rule by its columns, a new one when `rule` is None."""
    marks = ", ".join(["%s"] * len(RULE_COLUMNS))
    call(
        f"SELECT gouvernance.set_notification_rule(%s, {marks})",
        [rule, *(values[column] for column in RULE_COLUMNS)],
        actor=actor,
    )


def remove_rule(rule: int, *, actor: User) -> None:
    call("SELECT gouvernance.remove_notification_rule(%s)", [rule], actor=actor)


def send_test(recipient: str, *, actor: User) -> None:
    """Queue a test; one at a time for a recipient."""
    call("SELECT gouvernance.queue_test(%s)", [recipient], actor=actor)


def resend(message: int, *, actor: User) -> None:
    call("SELECT gouvernance.resend(%s)", [message], actor=actor)
