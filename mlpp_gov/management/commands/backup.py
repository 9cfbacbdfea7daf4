"""`manage.py backup dump FOLDER|restore FOLDER|rehearse`, as the owner of the database."""

from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from mlpp_gov import backup, contract
from mlpp_gov.database import owner_connection
from mlpp_gov.templatetags.governance import fixed


class Command(BaseCommand):
    help = "Sauvegarde et restaure ce que le cockpit garde dans la base, ou répète les deux."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        dump = actions.add_parser("dump", help="écrire une sauvegarde ; la base est seulement lue")
        restore = actions.add_parser(
            "restore", help="la remettre dans une base qui a les tables de ML_PP et rien du cockpit"
        )
        for action in (dump, restore):
            action.add_argument("folder", type=Path, metavar="DOSSIER")
        actions.add_parser(
            "rehearse",
            help="sauvegarder, restaurer dans une base créée pour cela, tout comparer, l’effacer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when something is refused, and when what is restored is not what was."""
        try:
            match options["action"]:
                case "dump":
                    self._dump(options["folder"])
                case "restore":
                    self._restore(options["folder"])
                case "rehearse":
                    self._rehearse()
        except (backup.BackupError, contract.ContractError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"PostgreSQL : {error}") from error

    def _dump(self, folder: Path) -> None:
        manifest = backup.dump(owner_connection(), folder)
        self.stdout.write(f"Sauvegarde écrite dans {folder} : {manifest}.")
        for journal in manifest.journals:
            self.stdout.write(f"  {journal}")

    def _restore(self, folder: Path) -> None:
        owner = owner_connection()
        manifest = backup.restore(owner, folder)
        self.stdout.write(
            f"Restauré, chaque table comparée à la sauvegarde du {manifest.taken_at} "
            f"({manifest.release}) : {manifest}, toutes identiques."
        )
        self.stdout.write(f"{backup.reinstall(owner)}.")
        self.stdout.write(
            "Restent : migrate --database owner, contract deploy --concurrently (index)."
        )

    def _rehearse(self) -> None:
        started = before = monotonic()
        for done in backup.rehearse(owner_connection()):
            now = monotonic()
            self.stdout.write(f"{_seconds(now - before):>8}  {done}")
            before = now
        self.stdout.write(f"Répétition réussie en {_seconds(before - started)}.")


def _seconds(value: float) -> str:
    return f"{fixed(Decimal(value), 1)} s"
