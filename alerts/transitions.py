"""The only way a person changes an alert: one conditional UPDATE, run as that person.

The database sets actor and time (guards), decides whether the person may (policies), verifies a
resolution and writes the journal (journal). What it refuses comes back as an exception of this
module; its SQLSTATEs are those of alerts/sql/journal/deploy.sql.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from alerts.models import ACTIVE, Alert, AlertEvent, Status
from mlpp_gov.calls import InvalidInput, call
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.refusals import translated
from mlpp_gov.roles import MissingPermission, Permission, SpokenRefusal, role_grants


class Outcome(StrEnum):
    """How a resolution stood up to the live view, as the database judged it."""

    FIXED = "fixed"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Acceptance:
    """Terms on which a cause stays closed although it is there.

    `margin`: per cent of the figure at acceptance beyond which it reopens.
    """

    reason: str
    comment: str
    until: datetime
    margin: int = 10


class AlertNotFound(LookupError):
    """No such alert, or none that this person may see."""


class Conflict(Exception):
    """Somebody, or the system, was faster; `by` and `at` say who and when."""

    def __init__(self, *, status: str, by: str, at: datetime | None) -> None:
        self.status, self.by, self.at = status, by, at
        super().__init__(status, by, at)


class Stale(Exception):
    """The alert changed since the version that the person read; `events` are what happened."""

    def __init__(self, events: Sequence[AlertEvent]) -> None:
        self.events = events
        super().__init__(len(events))


class StillPresent(Exception):
    """The cause is in the live view (`live`: severity, message, figure), or can't be verified ({})."""

    def __init__(self, live: dict[str, Any]) -> None:
        self.live = live
        super().__init__(live)


def read_version(text: str) -> int | None:
    """The last event that a person saw, as a form or a URL says it; None when it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def acknowledge(
    alert_id: UUID, *, actor: User, version: int | None = None, source: str = "person"
) -> None:
    """OPEN → ACK, committed on return. `version` is the last event that the person saw.

    Raises AlertNotFound, Conflict, Stale, MissingPermission, or SpokenRefusal when the database
    refuses.
    """
    _transition(
        alert_id,
        actor=actor,
        source=source,
        admitted=(Status.OPEN,),
        target=Status.ACK,
        context={"version": version},
    )


def resolve(
    alert_id: UUID,
    *,
    actor: User,
    version: int | None = None,
    claim: bool = False,
    source: str = "person",
) -> Outcome:
    """OPEN or ACK → RESOLVED, verified against the live view at that moment.

    With `claim`, a cause that is still there is taken for corrected until the next evaluation.
    Raises StillPresent without it, and what acknowledge() raises.
    """
    event = _transition(
        alert_id,
        actor=actor,
        source=source,
        admitted=ACTIVE,
        target=Status.RESOLVED,
        context={"version": version, "intent": "claim" if claim else "resolve"},
    )
    return Outcome(event.details["outcome"])


def accept(
    alert_id: UUID, *, actor: User, terms: Acceptance, version: int | None = None
) -> Outcome:
    """OPEN or ACK → RESOLVED on those terms; FIXED when the cause has disappeared meanwhile.

    Raises what acknowledge() raises; terms that the database refuses are an IntegrityError.
    """
    event = _transition(
        alert_id,
        actor=actor,
        source="person",
        admitted=ACTIVE,
        target=Status.RESOLVED,
        context={
            "version": version,
            "intent": "accept",
            "reason": terms.reason,
            "comment": terms.comment,
            "until": terms.until.isoformat(),
            "margin": terms.margin,
        },
    )
    return Outcome(event.details["outcome"])


def annotate(alert_id: UUID, *, actor: User, text: str) -> None:
    """Add a note. Raises InvalidInput when it is empty or too long, SpokenRefusal."""
    _require_right(actor)
    call("SELECT gouvernance.annotate_alert(%s, %s)", [alert_id, text], actor=actor)


def assign(alert_id: UUID, *, actor: User, assignee: User | None, source: str = "person") -> None:
    """Hand the alert to somebody who may handle alerts, or to nobody.

    Raises InvalidInput when they may not, SpokenRefusal.
    """
    _require_right(actor)
    call(
        "SELECT gouvernance.assign_alert(%s, %s)",
        [alert_id, assignee and assignee.supabase_user_id],
        actor=actor,
        source=source,
    )


def _require_right(actor: User) -> None:
    if not role_grants(actor.role, Permission.HANDLE_ALERTS):
        raise MissingPermission(role=actor.role, permission=Permission.HANDLE_ALERTS)


def _transition(
    alert_id: UUID,
    *,
    actor: User,
    source: str,
    admitted: tuple[Status, ...],
    target: Status,
    context: dict[str, Any],
) -> AlertEvent:
    """Change the state and return the event that the database wrote of it."""
    _require_right(actor)
    try:
        with db_identity(actor, source=source):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('gouvernance.context', %s, true)", [json.dumps(context)]
                )
            changed = Alert.objects.filter(pk=alert_id, status__in=admitted).update(status=target)
            if changed:
                return AlertEvent.objects.filter(alert=alert_id).latest("id")
            found = Alert.objects.filter(pk=alert_id).first()
    except DatabaseError as error:
        raise translated(
            error,
            InvalidInput,
            GV001=lambda refusal: _stale(alert_id, actor=actor, version=context["version"]),
            GV002=lambda refusal: StillPresent(json.loads(refusal.message_detail or "{}")),
        ) from error
    if found is None:
        raise AlertNotFound(alert_id)
    if found.status in admitted:
        raise SpokenRefusal(
            _(
                "La base de données a refusé l’action : votre profil ML_PP ne permet pas de "
                "traiter les alertes. Rien n’a été modifié. Demandez à un administrateur de "
                "vérifier votre profil."
            )
        )
    raise _conflict(found)


def _stale(alert_id: UUID, *, actor: User, version: int | None) -> Stale:
    with db_identity(actor):
        return Stale(list(AlertEvent.objects.filter(alert=alert_id, id__gt=version).order_by("id")))


def _conflict(alert: Alert) -> Conflict:
    """What happened meanwhile, with a name and a time (contract, section 3: NULL is the system)."""
    if alert.status == Status.RESOLVED:
        person, at = alert.resolved_by, alert.resolved_at
    else:
        person, at = alert.acknowledged_by, alert.acknowledged_at
    names = names_by_supabase_id({person} if person else set())
    return Conflict(status=alert.status, by=actor_name(person, names), at=at)
