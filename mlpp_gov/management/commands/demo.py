"""Load demonstration data into the stand-in ML_PP database."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mlpp_gov.database import owner_connection
from mlpp_gov.demo.accounts import ACCOUNTS, password
from mlpp_gov.demo.loading import DemoError, Scenario, load
from mlpp_gov.demo.rows import Alert, Citerne, CoursDeRoute, Depot, Reception, Sortie

COUNTED = (
    (Depot, "Dépôts"),
    (Citerne, "citernes"),
    (CoursDeRoute, "cours de route"),
    (Reception, "réceptions"),
    (Sortie, "sorties"),
    (Alert, "alertes"),
)


class Command(BaseCommand):
    help = "Charge des données de démonstration et les six comptes ; en développement seulement."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scenario",
            choices=[scenario.value for scenario in Scenario],
            default=Scenario.INCIDENT.value,
            help="production : dépôt réel au 19/02/2026 ; incident, par défaut : tout se déclenche",
        )
        parser.add_argument(
            "--replace", action="store_true", help="effacer d’abord les données et les alertes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError outside development, and for every refusal of `load`."""
        if not settings.DEVELOPMENT:
            raise CommandError(
                "La démonstration ne se charge qu’avec APP_ENV=development "
                f"(ici : {settings.APP_ENV})."
            )
        scenario = Scenario(options["scenario"])
        try:
            rows = load(owner_connection(), scenario, replace=options["replace"])
        except DemoError as error:
            raise CommandError(str(error)) from error
        # By name: releases may know this project, not the reverse.
        call_command("demo_releases", replace=options["replace"], stdout=self.stdout)
        counts = Counter(type(row) for row in rows)
        summary = " ; ".join(f"{label} : {counts[kind]}" for kind, label in COUNTED)
        accounts = ", ".join(account.username for account in ACCOUNTS)
        self.stdout.write(f"Scénario {scenario.value} chargé. {summary}.")
        self.stdout.write(f"Comptes : {accounts} ; mot de passe : {password()}")
