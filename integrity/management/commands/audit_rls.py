"""`manage.py audit_rls [--format text|json] [--database ALIAS] [--accepted FILE] [--record]`.

Exits with 1 when something that fails was found and is not accepted, or when nothing could be read.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from integrity.rls import accepted, audit, history, matrix
from integrity.rls.export import as_json, text_lines
from mlpp_gov.database import owner_connection


class Command(BaseCommand):
    help = (
        "Audite les droits et la RLS de la base : lit le catalogue de PostgreSQL, n’y change rien."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument(
            "--database",
            choices=sorted(connections),
            default="default",
            help="default, par défaut : avec les droits de l’application ; n’importe quels droits suffisent",
        )
        parser.add_argument(
            "--accepted",
            type=Path,
            default=accepted.FILE,
            metavar="FICHIER",
            help="un autre fichier de constats acceptés (TOML)",
        )
        parser.add_argument(
            "--record",
            action="store_true",
            help="essayer aussi ce que peut chaque rôle, et garder le tout (avec DATABASE_OWNER_URL)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unreadable file or database, and when something fails."""
        try:
            found = audit.run(connections[options["database"]], accepted.read(options["accepted"]))
            if options["record"]:
                owner = owner_connection()
                history.record(
                    owner, found, path=history.Path.COMMAND, matrix=matrix.compute(owner)
                )
        except accepted.AcceptedFileError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"Audit impossible. PostgreSQL : {error}") from error
        if options["format"] == "json":
            self.stdout.write(as_json(found))
        else:
            for line in text_lines(found):
                self.stdout.write(line)
        if found.failing:
            raise CommandError(f"Constats bloquants : {len(found.failing)}.")
