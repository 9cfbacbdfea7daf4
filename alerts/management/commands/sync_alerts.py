"""`manage.py sync_alerts [--limit N]`: one evaluation, for a person, cron or a systemd timer.

Exits with 1 when nothing was evaluated, with 2 when some of the checks failed.
"""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from alerts.sync import sync_alerts


def _limit(value: str) -> int:
    if not value.isdecimal():
        raise ArgumentTypeError("un nombre entier positif ou nul est attendu")
    return int(value)


class Command(BaseCommand):
    help = "Évalue v_integrity_checks et met system_alerts à jour, en une transaction."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--limit",
            type=_limit,
            help="alertes WARN ouvertes, rouvertes ou réécrites au plus, CRITICAL comptées et jamais coupées",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = sync_alerts(limit=options["limit"])
        except DatabaseError as error:
            raise CommandError(
                f"Évaluation échouée, aucune alerte n’a été modifiée. PostgreSQL : {error}"
            ) from error
        self.stdout.write(
            f"ouvertes {outcome.opened}, rafraîchies {outcome.refreshed}, "
            f"rouvertes {outcome.reopened}, résolues {outcome.resolved}"
        )
        if outcome.failing:
            raise CommandError(
                f"Contrôles en échec, leurs alertes sont restées telles quelles : "
                f"{', '.join(outcome.failing)}.",
                returncode=2,
            )
