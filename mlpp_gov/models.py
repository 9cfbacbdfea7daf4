"""The people of the cockpit."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from mlpp_gov.roles import Permission, Role, role_grants

# What each right opens in the Django admin; a missing entry means nobody.
ADMIN_RIGHTS = {
    "alerts.view_alert": Permission.VIEW_INTEGRITY,
    "mlpp_gov.view_user": Permission.MANAGE_USERS,
    "mlpp_gov.add_user": Permission.MANAGE_USERS,
    "mlpp_gov.change_user": Permission.MANAGE_USERS,
}


class Language(models.TextChoices):
    """What the cockpit speaks; settings.LANGUAGES says the same."""

    FRENCH = "fr", gettext_noop("Français")
    ENGLISH = "en", "English"


UNKNOWN_PERSON = gettext_noop("une personne inconnue de ce tableau de bord")


# Columns of a person that single statements change, and that the whole row never overwrites.
WRITTEN_IN_PLACE = {"session_generation", "last_seen_at", "previous_visit_ended_at"}


class UserQuerySet(models.QuerySet["User"]):
    def end_sessions(self) -> int:
        """End every session of these people, on any machine; how many people."""
        return self.update(session_generation=models.F("session_generation") + 1)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Entry point of `manage.py createsuperuser`: the first administrator."""
        return self.create_user(username, password, **{**fields, "role": Role.ADMIN})


class User(AbstractBaseUser):
    """A person who may sign in; `supabase_user_id` is who they are to PostgreSQL (`auth.uid()`)."""

    username = models.CharField(
        gettext_lazy("nom d’utilisateur"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": gettext_lazy("Ce nom d’utilisateur est déjà pris.")},
    )
    full_name = models.CharField(gettext_lazy("nom complet"), max_length=200, blank=True)
    email = models.EmailField(gettext_lazy("adresse e-mail"), blank=True)
    role = models.CharField(
        gettext_lazy("rôle"), max_length=20, choices=Role.choices, default=Role.LECTURE
    )
    supabase_user_id = models.UUIDField(
        gettext_lazy("identifiant Supabase"),
        null=True,
        blank=True,
        unique=True,
        help_text=gettext_lazy(
            "auth.users.id : sans lui, la base refuse toute lecture des alertes."
        ),
    )
    language = models.CharField(
        gettext_lazy("langue"),
        max_length=2,
        choices=Language.choices,
        default=Language.FRENCH,
        db_default=Language.FRENCH,
    )
    is_active = models.BooleanField(gettext_lazy("actif"), default=True)
    date_joined = models.DateTimeField(
        gettext_lazy("créé le"), default=timezone.now, editable=False
    )

    # Part of every session's hash: one more, and all of them end.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    reset_mailed_at = models.DateTimeField(null=True, editable=False)

    # Written by mlpp_gov.visits; the first visit has no previous one.
    last_seen_at = models.DateTimeField(null=True, editable=False)
    previous_visit_ended_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = gettext_lazy("utilisateur")
        ordering = ("username",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="user_language_known"
            ),
        )

    def __str__(self) -> str:
        return self.full_name or self.username

    def save(self, **options: Any) -> None:
        """Save; a row read earlier brings back neither the sessions ended nor the visits made since."""
        if not self._state.adding and options.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            options["update_fields"] = names - WRITTEN_IN_PLACE
        super().save(**options)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "mlpp_gov.models.User.get_session_auth_hash",
            f"{self.session_generation}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_short_name(self) -> str:
        return str(self)

    @property
    def can_handle_alerts(self) -> bool:
        return self.is_active and role_grants(self.role, Permission.HANDLE_ALERTS)

    @property
    def can_view_integrity(self) -> bool:
        return self.is_active and role_grants(self.role, Permission.VIEW_INTEGRITY)

    @property
    def can_tune_checks(self) -> bool:
        return self.is_active and role_grants(self.role, Permission.TUNE_CHECKS)

    @property
    def can_manage_notifications(self) -> bool:
        return self.is_active and role_grants(self.role, Permission.MANAGE_NOTIFICATIONS)

    @property
    def can_view_access_journal(self) -> bool:
        return self.is_active and role_grants(self.role, Permission.VIEW_ACCESS_JOURNAL)

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin opens at all (contract, section 4)."""
        return self.can_view_integrity

    def has_perm(self, perm: str, obj: object = None) -> bool:
        right = ADMIN_RIGHTS.get(perm)
        return self.is_active and right is not None and role_grants(self.role, right)

    def has_module_perms(self, app_label: str) -> bool:
        return any(self.has_perm(perm) for perm in ADMIN_RIGHTS if perm.startswith(f"{app_label}."))


class RecoveryCode(models.Model):
    """A code that stands in once for the telephone that was lost; deleted when it is used."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        )


def names_by_supabase_id(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names of people as the database knows them (`auth.users.id`), one query."""
    return names_of(User.objects.filter(supabase_user_id__in=ids))


def names_of(people: Iterable[User]) -> dict[uuid.UUID, str]:
    """Names of people who were read, by what the database knows them as."""
    return {person.supabase_user_id: str(person) for person in people if person.supabase_user_id}


def actor_name(person: uuid.UUID | None, names: dict[uuid.UUID, str]) -> str:
    """Who did something to an alert; nobody means the system (contract, section 3)."""
    return _("le système") if person is None else names.get(person) or _(UNKNOWN_PERSON)
