"""The two database logins: the application's, and the owner's for installing things."""

from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


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
