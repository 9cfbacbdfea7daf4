"""`manage.py simulate_astm53b [--from --to --depot --tank --rounding --no-hydrometer --format]`.

As the owner of the database, in a transaction that can write nothing: the application's own login reads no
business table without a person's identity.
"""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from integrity.simulation.export import as_json, spreadsheet_rows, text_lines
from integrity.simulation.forms import Places
from integrity.simulation.report import (
    Parameters,
    Report,
    Rounding,
    TooManyLines,
    read_places,
    simulate,
)
from integrity.simulation.wording import identity_facts
from integrity.spreadsheet import csv_lines
from mlpp_gov.database import owner_connection

AUTHOR = "manage.py simulate_astm53b, propriétaire de la base"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("une date AAAA-MM-JJ est attendue") from None


class Command(BaseCommand):
    help = (
        "Compare les volumes à 15 °C des réceptions de gasoil aux tables ASTM 53B et 54B. "
        "Lit avec DATABASE_OWNER_URL, sans rien écrire."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first_day", type=_day, help="premier jour de réception")
        parser.add_argument("--to", dest="last_day", type=_day, help="dernier jour, compris")
        parser.add_argument("--depot", help="un seul dépôt : son nom ou son identifiant")
        parser.add_argument("--tank", help="une seule citerne : son nom ou son identifiant")
        parser.add_argument(
            "--rounding",
            choices=Rounding.values,
            default=Rounding.ML_PP.value,
            help="ml_pp, par défaut : VCF à 4 décimales, volume à 0,1 L ; exact : sans arrondi",
        )
        parser.add_argument(
            "--no-hydrometer",
            action="store_true",
            help="ne pas corriger la dilatation du densimètre",
        )
        parser.add_argument("--format", choices=("text", "csv", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an impossible or too long period, a depot or tank unknown or ambiguous."""
        first, last = options["first_day"], options["last_day"]
        if first and last and last < first:
            raise CommandError("La période finit avant de commencer.")
        connection = owner_connection()
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            places = read_places(connection)
            parameters = Parameters(
                first_day=first,
                last_day=last,
                depot=_place("dépôt", places["depot"], options["depot"]),
                tank=_place("citerne", places["tank"], options["tank"]),
                rounding=Rounding(options["rounding"]),
                hydrometer=not options["no_hydrometer"],
            )
            try:
                report = simulate(connection, parameters)
            except TooManyLines as refusal:
                raise CommandError(str(refusal)) from refusal
        self._print(report, places, options["format"])

    def _print(self, report: Report, places: Places, form: str) -> None:
        identity = identity_facts(report, places, author=AUTHOR, at=timezone.now())
        match form:
            case "csv":
                for line in csv_lines(spreadsheet_rows(report, identity)):
                    self.stdout.write(line, ending="")
            case "json":
                self.stdout.write(as_json(report, identity))
            case _:
                for line in text_lines(report, identity):
                    self.stdout.write(line)


def _place(kind: str, known: Mapping[UUID, str], asked: str | None) -> UUID | None:
    """The place of that identifier, or of that name (before its « · » and depot)."""
    if asked is None:
        return None
    found = [
        place
        for place, label in known.items()
        if asked.lower() in (str(place), label.lower(), label.split(" · ")[0].lower())
    ]
    if len(found) == 1:
        return found[0]
    reason = "porte un nom commun à plusieurs : donnez l’identifiant" if found else "n’existe pas"
    raise CommandError(f"{kind} « {asked} » {reason}.")
