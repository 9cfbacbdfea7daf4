"""`manage.py contract status|deploy|verify|revert [object]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlpp_gov import contract, indexes
from mlpp_gov.database import owner_connection


class Command(BaseCommand):
    help = "Installe, vérifie ou retire les objets SQL de gouvernance dans la base ML_PP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("status", "deploy", "verify", "revert"))
        parser.add_argument(
            "object",
            nargs="?",
            help="un seul objet (revert retire aussi ceux qui viennent après lui, sauf une vue remplacée)",
        )
        parser.add_argument(
            "--replace",
            action="append",
            default=[],
            metavar="OBJET",
            help="deploy : remplacer cet objet natif, son ancienne définition étant gardée",
        )
        parser.add_argument(
            "--concurrently",
            action="store_true",
            help="deploy : construire les index sans bloquer les écritures (en production)",
        )
        parser.add_argument(
            "--without-indexes",
            action="store_true",
            help="deploy : ne pas créer d’index ; les contrôles sont justes sans eux, mais plus lents",
        )
        parser.add_argument(
            "--no-input", action="store_true", help="revert : ne pas demander de confirmation"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            objects = (contract.find(options["object"]),) if options["object"] else contract.OBJECTS
            replace = frozenset(contract.find(name) for name in options["replace"])
            for option in ("replace", "concurrently", "without_indexes"):
                if options[option] and options["action"] != "deploy":
                    raise CommandError(f"--{option.replace('_', '-')} ne va qu’avec deploy.")
            match options["action"]:
                case "status":
                    states = contract.status(owner_connection(), objects)
                    self._print(states)
                    if not options["object"]:
                        self._print_surroundings(states)
                case "deploy":
                    self._print(contract.deploy(owner_connection(), objects, replace=replace))
                    if not options["object"] and not options["without_indexes"]:
                        self._print_indexes(
                            indexes.install(
                                owner_connection(), concurrently=options["concurrently"]
                            )
                        )
                case "verify":
                    contract.verify(owner_connection(), objects)
                    self.stdout.write("Contrat conforme.")
                case "revert":
                    self._revert(objects[0], confirmed=options["no_input"])
        except contract.ContractError as error:
            raise CommandError(str(error)) from error

    def _revert(self, first: contract.SqlObject, *, confirmed: bool) -> None:
        if not confirmed:
            self.stdout.write(
                f"Ceci retire {first.name} et ce qui en dépend, "
                "AVEC ses données (alertes, journaux)."
            )
            try:
                answer = input("Taper « retirer » pour continuer : ")
            except EOFError as error:
                raise CommandError(
                    "Personne pour confirmer, rien n’a été modifié. Ajoutez --no-input."
                ) from error
            if answer != "retirer":
                raise CommandError("Abandonné, rien n’a été modifié.")
        removed = contract.revert(owner_connection(), first)
        names = ", ".join(sql_object.name for sql_object in removed)
        self.stdout.write(f"Retiré : {names or 'rien, tout était déjà absent ou natif'}.")

    def _print(self, states: list[contract.State]) -> None:
        width = max(len(state.object.name) for state in states)
        for state in states:
            if state.origin is contract.Origin.ABSENT:
                verdict = "—"
            elif state.outdated:
                verdict = "à redéployer (le fichier a changé)"
            else:
                verdict = f"\n{'':{width + 10}}".join(state.differences) or "conforme"
            self.stdout.write(f"{state.object.name:{width}}  {state.origin:6}  {verdict}")

    def _print_indexes(self, found: list[indexes.Index]) -> None:
        present = sum(index.present for index in found)
        self.stdout.write(f"Index facultatifs : {present} sur {len(found)} en place.")
        for index in found:
            if index.refusal:
                self.stdout.write(f"  {index.name} : refusé. {index.refusal}")

    def _print_surroundings(self, states: list[contract.State]) -> None:
        installed = any(state.origin is not contract.Origin.ABSENT for state in states)
        if installed:
            self._print_indexes(indexes.status(owner_connection()))
        risks = contract.risks(owner_connection())
        if risks:
            self.stdout.write("Risques :")
            for risk in risks:
                self.stdout.write(f"  {risk.object} : {risk.risk}")
        elif installed:
            self.stdout.write("Aucun risque connu.")
