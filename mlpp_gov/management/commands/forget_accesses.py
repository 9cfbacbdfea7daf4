"""`manage.py forget_accesses [--months N] [--dry-run]`: the retention of the access journal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction

from mlpp_gov.database import owner_connection
from mlpp_gov.templatetags.governance import moment, number

OLD = "FROM gouvernance.access_events WHERE at < now() - make_interval(months => %s)"


class Command(BaseCommand):
    help = (
        "Efface du journal des accès ce qui est plus ancien que la durée de conservation, avec la "
        "connexion du propriétaire."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--months",
            type=int,
            default=12,
            choices=range(1, 121),
            metavar="MOIS",
            help="mois conservés, de 1 à 120 ; 12 par défaut",
        )
        parser.add_argument("--dry-run", action="store_true", help="compter seulement")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when DATABASE_OWNER_URL is not set, or when PostgreSQL refuses."""
        owner = owner_connection()
        try:
            with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*), min(at), now() - make_interval(months => %s) {OLD}",
                    [options["months"]] * 2,
                )
                rows, oldest, limit = cursor.fetchone()
                if not options["dry_run"]:
                    cursor.execute(f"DELETE {OLD}", [options["months"]])
        except DatabaseError as error:
            raise CommandError(f"Rien n’a été effacé. PostgreSQL : {error}") from error
        what = "à effacer" if options["dry_run"] else "effacées"
        since = f", la plus ancienne du {moment(oldest)}" if oldest else ""
        self.stdout.write(f"Lignes {what}, antérieures au {moment(limit)} : {number(rows)}{since}.")
