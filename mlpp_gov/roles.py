"""Who may do what (contract, section 4): permissions say what, roles say who."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

View = Callable[..., HttpResponseBase]


class Role(TextChoices):
    ADMIN = "admin", gettext_lazy("Administrateur")
    DIRECTEUR = "directeur", gettext_lazy("Directeur")
    PCA = "pca", gettext_lazy("PCA")
    GERANT = "gerant", gettext_lazy("Gérant")
    OPERATEUR = "operateur", gettext_lazy("Opérateur")
    LECTURE = "lecture", pgettext_lazy("role", "Lecture")


class Permission(StrEnum):
    """A right, named by what it lets a person do; the value completes « le droit de … », in French."""

    VIEW_INTEGRITY = gettext_noop("consulter les écrans de gouvernance")
    HANDLE_ALERTS = gettext_noop("acquitter et résoudre les alertes")
    TUNE_CHECKS = gettext_noop("régler les contrôles")
    MANAGE_NOTIFICATIONS = gettext_noop("régler les notifications et renvoyer les messages")
    APPROVE_SIMULATION = gettext_noop("approuver un rapport de simulation")
    VIEW_ACCESS_JOURNAL = gettext_noop("consulter le journal des accès")
    CONDUCT_RELEASES = gettext_noop("préparer les releases et conduire les déploiements")
    AUTHORISE_STAGING = gettext_noop("autoriser un déploiement en staging")
    AUTHORISE_PRODUCTION = gettext_noop("autoriser un déploiement en production")
    DECIDE_FREEZE = gettext_noop("décider un gel des releases et en sortir")
    MANAGE_RELEASE_TOKENS = gettext_noop("gérer les jetons de déploiement")
    CONDUCT_OPERATIONS = gettext_noop("conduire une opération de production")
    OPEN_STOP_GATES = gettext_noop("franchir un STOP d’une opération de production")
    UPDATE_TRACKER = gettext_noop("tenir le suivi de la Phase 2")
    MANAGE_USERS = gettext_noop("gérer les utilisateurs")


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
    return [str(role.label) for role in Role if role_grants(role, permission)]


class SpokenRefusal(PermissionDenied):
    """A 403 whose text is shown to the person."""


class MissingPermission(SpokenRefusal):
    """Refusal that names the missing right and whom to ask, for the 403 page."""

    def __init__(self, *, role: str, permission: Permission) -> None:
        super().__init__(
            _(
                "Votre rôle ({role}) ne donne pas le droit de {right}. "
                "Ce droit appartient à : {holders}."
            ).format(
                role=Role(role).label if role in Role else _("inconnu"),
                right=_(permission.value),
                holders=", ".join(holders(permission)),
            )
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
