"""Install the stand-in ML_PP schema, for development and tests only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, transaction
from psycopg.errors import DuplicateTable

from mlpp_gov.database import STANDIN_SQL, owner_connection


class Command(BaseCommand):
    help = "Installe le schéma de remplacement de ML_PP dans une base de développement vide."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run standin.sql as the owner, in one transaction.

        Raises CommandError outside development, and when the database already has ML_PP's tables.
        """
        if not settings.DEVELOPMENT:
            raise CommandError(
                "Le schéma de remplacement ne s’installe qu’avec APP_ENV=development "
                f"(ici : {settings.APP_ENV})."
            )
        connection = owner_connection()
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(STANDIN_SQL.read_text(encoding="utf-8"))
        except ProgrammingError as error:
            if isinstance(error.__cause__, DuplicateTable):
                raise CommandError(error.__cause__.diag.message_primary) from error
            raise
        self.stdout.write("Schéma de remplacement de ML_PP installé.")
