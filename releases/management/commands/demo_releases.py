"""The part of `manage.py demo` that releases answer for."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlpp_gov.database import owner_connection
from releases.demo import Unexpected, load


class Command(BaseCommand):
    help = "Charge un passé de releases pour la démonstration ; « manage.py demo » l’appelle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--replace", action="store_true", help="effacer d’abord les releases")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError outside development, and when the past can't be told."""
        if not settings.DEVELOPMENT:
            raise CommandError(
                "La démonstration ne se charge qu’avec APP_ENV=development "
                f"(ici : {settings.APP_ENV})."
            )
        try:
            loaded = load(owner_connection(), replace=options["replace"])
        except Unexpected as refusal:  # an open CRITICAL alert, say: the rules are the real ones
            raise CommandError(f"Les releases n’ont pas pu être chargées. {refusal}") from refusal
        self.stdout.write(f"Releases : {'3' if loaded else 'il y en avait déjà'}.")
