"""The only way a person changes an alert: one conditional UPDATE, run as that person.

The database sets actor and time (guards) and decides whether the person may (policies).
"""

from datetime import datetime
from uuid import UUID

from alerts.models import ACTIVE, Alert, Status
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.roles import MissingPermission, Permission, SpokenRefusal, role_grants


class AlertNotFound(LookupError):
    """No such alert, or none that this person may see."""


class Conflict(Exception):
    """Somebody, or the system, was faster; `by` and `at` say who and when."""

    def __init__(self, *, status: str, by: str, at: datetime | None) -> None:
        self.status, self.by, self.at = status, by, at
        super().__init__(status, by, at)


def acknowledge(alert_id: UUID, *, actor: User) -> None:
    """OPEN → ACK, committed on return.

    Raises AlertNotFound, Conflict, MissingPermission, or SpokenRefusal when the database refuses.
    """
    _transition(alert_id, actor=actor, admitted=(Status.OPEN,), target=Status.ACK)


def resolve(alert_id: UUID, *, actor: User) -> None:
    """OPEN or ACK → RESOLVED, committed on return; raises as acknowledge() does."""
    _transition(alert_id, actor=actor, admitted=ACTIVE, target=Status.RESOLVED)


def _transition(
    alert_id: UUID, *, actor: User, admitted: tuple[Status, ...], target: Status
) -> None:
    if not role_grants(actor.role, Permission.HANDLE_ALERTS):
        raise MissingPermission(role=actor.role, permission=Permission.HANDLE_ALERTS)
    with db_identity(actor):
        changed = Alert.objects.filter(pk=alert_id, status__in=admitted).update(status=target)
        found = None if changed else Alert.objects.filter(pk=alert_id).first()
    if changed:
        return
    if found is None:
        raise AlertNotFound(alert_id)
    if found.status in admitted:
        raise SpokenRefusal(
            "La base de données a refusé l’action : votre profil ML_PP ne permet pas de traiter les "
            "alertes. Rien n’a été modifié. Demandez à un administrateur de vérifier votre profil."
        )
    raise _conflict(found)


def _conflict(alert: Alert) -> Conflict:
    """What happened meanwhile, with a name and a time (contract, section 3: NULL is the system)."""
    if alert.status == Status.RESOLVED:
        person, at = alert.resolved_by, alert.resolved_at
    else:
        person, at = alert.acknowledged_by, alert.acknowledged_at
    names = names_by_supabase_id({person} if person else set())
    return Conflict(status=alert.status, by=actor_name(person, names), at=at)
