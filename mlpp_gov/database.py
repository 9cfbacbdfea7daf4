"""The two database logins: the application's, and the owner's for installing things."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# What takes the place of ML_PP’s own schema where there is none.
STANDIN_SQL = Path(__file__).resolve().parent / "sql/standin.sql"


def owner_connection() -> BaseDatabaseWrapper:
    """Connection that owns the schema `gouvernance`.

    Raises CommandError when DATABASE_OWNER_URL is not set.
    """
    if "owner" not in connections:
        raise CommandError(
            "DATABASE_OWNER_URL est obligatoire pour cette commande : l’URL du propriétaire de la base "
            "(en connexion directe ou en mode session). L’application elle-même n’en a pas besoin."
        )
    return connections["owner"]


def set_owner_search_path(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Make the owner's migrations land in `gouvernance`; the application's login has it as a role setting."""
    if connection.alias == "owner":
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = gouvernance, public")


class PrivilegedLogin(ImproperlyConfigured):
    """The application's login is one that row-level security does not bind."""

    to_do = (
        "Connectez l’application avec mlpp_gov_app (installé par « manage.py contract deploy » ; "
        "ALTER ROLE mlpp_gov_app LOGIN PASSWORD '…')."
    )

    def __init__(self, login: str, excess: list[str]) -> None:
        self.said = (
            f"DATABASE_URL : le rôle {login} est {', '.join(excess)}, la base ne pourrait plus rien "
            "refuser à personne."
        )
        super().__init__(f"{self.said} {self.to_do}")


def check_login(connection: BaseDatabaseWrapper) -> None:
    """Raises PrivilegedLogin when row-level security does not bind who is connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolinherit FROM pg_roles"
            " WHERE rolname = current_user"
        )
        login, *excess = cursor.fetchone()
    words = ("SUPERUSER", "BYPASSRLS", "INHERIT")
    found = [word for word, present in zip(words, excess, strict=True) if present]
    if found:
        raise PrivilegedLogin(login, found)


def refuse_privileged_login(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Outside development, stop on a login that row-level security does not bind.

    Raises PrivilegedLogin saying what to do.
    """
    if connection.alias != "default" or settings.DEVELOPMENT:
        return
    try:
        check_login(connection)
    except PrivilegedLogin:
        connection.close()
        raise
