"""Who may do what (contract, section 4): permissions say what, roles say who."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


class Role(TextChoices):
    ADMIN = "admin", "Administrateur"
    DIRECTEUR = "directeur", "Directeur"
    PCA = "pca", "PCA"
    GERANT = "gerant", "Gérant"
    OPERATEUR = "operateur", "Opérateur"
    LECTURE = "lecture", "Lecture"


class Permission(StrEnum):
    """A right, named by what it lets a person do; the value completes « le droit de … »."""

    VIEW_INTEGRITY = "consulter les écrans de gouvernance"
    HANDLE_ALERTS = "acquitter et résoudre les alertes"
    TUNE_CHECKS = "régler les contrôles"
    MANAGE_NOTIFICATIONS = "régler les notifications et renvoyer les messages"
    APPROVE_SIMULATION = "approuver un rapport de simulation"
    VIEW_ACCESS_JOURNAL = "consulter le journal des accès"
    CONDUCT_RELEASES = "préparer les releases et conduire les déploiements"
    AUTHORISE_STAGING = "autoriser un déploiement en staging"
    AUTHORISE_PRODUCTION = "autoriser un déploiement en production"
    DECIDE_FREEZE = "décider un gel des releases et en sortir"
    MANAGE_RELEASE_TOKENS = "gérer les jetons de déploiement"
    CONDUCT_OPERATIONS = "conduire une opération de production"
    OPEN_STOP_GATES = "franchir un STOP d’une opération de production"
    UPDATE_TRACKER = "tenir le suivi de la Phase 2"
    MANAGE_USERS = "gérer les utilisateurs"


GRANTS: dict[str, frozenset[Permission]] = {
    # A change of production is authorised by the PCA or a directeur, not by who carries it out.
    Role.ADMIN: frozenset(Permission)
    - {
        Permission.APPROVE_SIMULATION,
        Permission.AUTHORISE_PRODUCTION,
        Permission.OPEN_STOP_GATES,
    },
    Role.DIRECTEUR: frozenset(
        {
            Permission.VIEW_INTEGRITY,
            Permission.HANDLE_ALERTS,
            Permission.APPROVE_SIMULATION,
            Permission.VIEW_ACCESS_JOURNAL,
            Permission.CONDUCT_RELEASES,
            Permission.AUTHORISE_PRODUCTION,
            Permission.CONDUCT_OPERATIONS,
            Permission.OPEN_STOP_GATES,
            Permission.UPDATE_TRACKER,
        }
    ),
    Role.PCA: frozenset(
        {
            Permission.VIEW_INTEGRITY,
            Permission.APPROVE_SIMULATION,
            Permission.AUTHORISE_STAGING,
            Permission.AUTHORISE_PRODUCTION,
            Permission.DECIDE_FREEZE,
            Permission.OPEN_STOP_GATES,
        }
    ),
}


def role_grants(role: str, permission: Permission) -> bool:
    """Whether a role carries a permission; an unknown role carries none."""
    return permission in GRANTS.get(role, frozenset())


def holders(permission: Permission) -> list[str]:
    """Labels of the roles that carry a permission, for « demandez à … »."""
    return [role.label for role in Role if role_grants(role, permission)]


class SpokenRefusal(PermissionDenied):
    """A 403 whose text, in French, is shown to the person."""


class MissingPermission(SpokenRefusal):
    """Refusal that names the missing right and whom to ask, for the 403 page."""

    def __init__(self, *, role: str, permission: Permission) -> None:
        label = Role(role).label if role in Role else "inconnu"
        super().__init__(
            f"Votre rôle ({label}) ne donne pas le droit de {permission.value}. "
            f"Ce droit appartient à : {', '.join(holders(permission))}."
        )


def require_permission(permission: Permission) -> Callable[[View], View]:
    """Refuse a view to people whose role lacks the permission: MissingPermission, a 403 page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            role = request.user.role  # type: ignore[union-attr]  # LoginRequiredMiddleware
            if not role_grants(role, permission):
                raise MissingPermission(role=role, permission=permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
