"""People as `public.profils` knows them: with AUTH_MODE=gotrue it says who may enter, and as what."""

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from mlpp_gov.signin import gotrue

USERNAME_LENGTH = 150


class ProfileRefused(Exception):
    """The person's profile gives no entry; the text says why."""


class Profile(NamedTuple):
    """The one profile of a person: the role it gives, and their name."""

    role: str
    full_name: str


def profile_of(person: UUID | None) -> Profile:
    """Raises ProfileRefused, unless the person has exactly one profile, active, of a known role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT role, full_name, active FROM gouvernance.profiles_of(%s)", [person])
        rows = cursor.fetchall()
    match rows:
        case []:
            raise ProfileRefused(_("Votre compte n’est relié à aucun profil ML_PP."))
        case [(role, full_name, True)] if role in Role:
            return Profile(role, full_name)
        case [(_, _, False)]:
            raise ProfileRefused(_("Votre profil ML_PP est désactivé."))
        case [(role, _, _)]:
            told = _("Votre profil ML_PP a un rôle inconnu ici : « {role} ».")
            raise ProfileRefused(told.format(role=role))
        case _:
            raise ProfileRefused(
                _(
                    "Votre compte est relié à {count} profils ML_PP, et lequel vaut est incertain."
                ).format(count=len(rows))
            )


class GoTrueBackend(BaseBackend):
    """Who the person is, GoTrue says; what they may do, their profile does, on every request."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Raises gotrue.GoTrueAway; ProfileRefused."""
        if not username or not password:
            return None
        try:
            subject = gotrue.person_behind(username, password)
        except gotrue.BadToken:
            return None
        return None if subject is None else _account(subject, username)

    def get_user(self, user_id: int) -> User | None:
        """The person, with the role of now; nobody once their profile or their account is closed."""
        person = User.objects.filter(pk=user_id, is_active=True).first()
        if person is None:
            return None
        try:
            _apply(profile_of(person.supabase_user_id), person)
        except ProfileRefused:
            return None
        return person


def _account(subject: UUID, email: str) -> User | None:
    """The account linked to that identifier, made at the first sign-in; None when it is closed here.

    Never found by name or address: those can be changed by who they belong to.
    """
    profile = profile_of(subject)
    person, _created = User.objects.get_or_create(
        supabase_user_id=subject,
        defaults={
            "username": _free_name(subject, email),
            "full_name": profile.full_name[:200],
            "email": email,
            "password": make_password(None),
        },
    )
    _apply(profile, person)
    return person if person.is_active else None


def _free_name(subject: UUID, email: str) -> str:
    taken = len(email) > USERNAME_LENGTH or User.objects.filter(username=email).exists()
    return str(subject) if taken else email


def _apply(profile: Profile, person: User) -> None:
    if person.role != profile.role:
        person.role = profile.role
        person.save(update_fields=["role"])
