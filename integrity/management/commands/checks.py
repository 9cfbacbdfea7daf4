"""`manage.py checks selftest [CODE …]` and `manage.py checks document`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrity.checks import documentation, selftest
from integrity.checks.catalogue import Check, catalogue
from mlpp_gov.database import owner_connection


class Command(BaseCommand):
    help = "Prouve que les contrôles réagissent, ou refait ce qu’en disent les guides."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        proof = actions.add_parser(
            "selftest", help="planter la faute de chaque contrôle, voir s’il réagit, tout défaire"
        )
        proof.add_argument("codes", nargs="*", metavar="CODE", help="ces contrôles seulement")
        actions.add_parser(
            "document", help="refaire la table de docs/checks.md et les fiches de docs/incidents.md"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when a check is unknown, not installed or not proven."""
        if options["action"] == "document":
            self._document()
        else:
            self._selftest(_chosen(options["codes"]))

    def _selftest(self, checks: list[Check]) -> None:
        unproven = 0
        try:
            for outcome in selftest.run(owner_connection(), checks):
                self.stdout.write(str(outcome))
                unproven += outcome.failure is not None
        except selftest.SelftestError as error:
            raise CommandError(str(error)) from error
        if unproven:
            raise CommandError(f"{unproven} sur {len(checks)} sans preuve.")

    def _document(self) -> None:
        for path in documentation.DOCUMENTS:
            try:
                text = documentation.remade(path, path.read_text(encoding="utf-8"))
            except FileNotFoundError as error:
                raise CommandError(
                    f"{path.name} manque : l’image n’a pas la documentation, un checkout l’a."
                ) from error
            except ValueError as error:
                raise CommandError(str(error)) from error
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path.name} à jour : {len(catalogue())} contrôles.")


def _chosen(codes: list[str]) -> list[Check]:
    """The checks of those codes, or all. Raises CommandError listing the known ones."""
    checks = catalogue()
    if unknown := [code for code in codes if code not in checks]:
        raise CommandError(
            f"Contrôle inconnu : {', '.join(unknown)}. Contrôles : {', '.join(checks)}."
        )
    return [checks[code] for code in codes] or list(checks.values())
