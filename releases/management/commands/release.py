"""`manage.py release …`: what a token may ask for, from a shell; what runs where; the rollback rehearsed.

Acts as the token of the variable RELEASE_TOKEN: a command line is everybody's to read. Exits with 0 when
done, 1 when refused (each unmet condition on a line of stderr), 2 for what can't be asked.
"""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError

from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from mlpp_gov.templatetags.governance import moment
from releases import asks, outline, rehearsal
from releases.acts import Bearer, Conflict, Refused
from releases.asks import Ask, Field, NotFound
from releases.journal import STATES

REFUSED, USAGE = 1, 2

ASKED: dict[tuple[str, ...], Ask] = {
    ("register",): asks.REGISTER,
    ("nightly",): asks.NIGHTLY,
    ("gate", "open"): asks.OPEN_GATE,
    ("gate", "answer"): asks.ANSWER_GATE,
    ("gate", "void"): asks.REPORT_CHANGE,
    ("deploy", "open"): asks.OPEN_DEPLOYMENT,
    ("deploy", "start"): asks.START,
    ("deploy", "attempt"): asks.ATTEMPT,
    ("deploy", "check"): asks.CHECK,
    ("deploy", "watch"): asks.WATCH,
    ("deploy", "succeed"): asks.SUCCEED,
    ("deploy", "fail"): asks.FAIL,
    ("incident",): asks.INCIDENT,
    ("rollback",): asks.ROLLBACK,
}
GROUPS = {"gate": "le Release Gate d’une release", "deploy": "un déploiement"}


class Command(BaseCommand):
    help = "Enregistre, prépare et déploie des releases avec le jeton RELEASE_TOKEN ; dit ce qui tourne."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        groups = {
            name: actions.add_parser(name, help=text).add_subparsers(dest="act", required=True)
            for name, text in GROUPS.items()
        }
        for words, ask in ASKED.items():
            within = groups[words[0]] if len(words) > 1 else actions
            asking = within.add_parser(words[-1], help=ask.help)
            asking.set_defaults(ask=ask)
            for name, field in ask.fields.items():
                _add(asking, name, field, is_word=name in (*ask.place, "environment"))
            _add_json(asking)
        _add_json(actions.add_parser("status", help="ce qui tourne ; se lit sans jeton"))
        actions.add_parser(
            "rehearse-rollback",
            help="répéter un retour en arrière dans une base d’essai, créée puis effacée",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "status":
                self._status(options["json"])
            case "rehearse-rollback":
                self._rehearse()
            case _:
                self._ask(options["ask"], options)

    def _ask(self, ask: Ask, options: dict[str, Any]) -> None:
        """Raises CommandError with what was refused, or what can't be asked."""
        token = os.environ.get("RELEASE_TOKEN", "")
        if not token:
            said = "RELEASE_TOKEN est obligatoire : le jeton, dans l’environnement et jamais en argument."
            raise CommandError(said, returncode=USAGE)
        values = {name: options[name] for name in ask.fields if options[name] is not None}
        try:
            answer = ask.do(**values, actor=Bearer.of(token))
        except Refused as refusal:
            if options["json"]:
                self._write_json({"refused": [vars(unmet) for unmet in refusal.unmet]})
            lines = "\n".join(f"- {unmet.said}" for unmet in refusal.unmet)
            raise CommandError(f"Refusé.\n{lines}", returncode=REFUSED) from refusal
        except Conflict as conflict:
            said = f"Trop tard : {STATES.get(conflict.state, conflict.state)}, par {conflict.by}"
            raise CommandError(f"{said} ({moment(conflict.at)}).", returncode=REFUSED) from conflict
        except SpokenRefusal as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        except (InvalidInput, NotFound) as refusal:
            raise CommandError(str(refusal), returncode=USAGE) from refusal
        if options["json"]:
            self._write_json(answer)
        else:
            self.stdout.write(_in_a_line(answer))

    def _status(self, as_json: bool) -> None:
        found = outline.running()
        if as_json:
            self._write_json(found)
            return
        for environment, there in found["environments"].items():
            running, target = there["running"], there["rollback_target"]
            said = _deployment(running) if running else "inconnu"
            back = f" ; retour possible vers {target['tag']}" if target else ""
            self.stdout.write(f"{environment} : {said}{back}")
        freeze = found["freeze"]
        since = (
            freeze and f"depuis {moment(freeze['began_at'])}, {freeze['tag']} : {freeze['reason']}"
        )
        self.stdout.write(f"gel : {since or 'aucun'}")
        for owed in found["post_mortems_owed"]:
            self.stdout.write(
                f"post-mortem n° {owed['id']} dû pour le {owed['due_on']:%d/%m/%Y} "
                f"(retour n° {owed['rollback']})"
            )

    def _rehearse(self) -> None:
        """Raises CommandError when something differs, and in production."""
        if settings.APP_ENV == "production":
            raise CommandError("Une répétition n’a rien à faire en production.", returncode=USAGE)
        began = step = time.monotonic()
        try:
            with rehearsal.scratch_database() as name:
                team = rehearsal.gather()
                step = self._tick(f"Base d’essai {name} installée, trois personnes", step)
                for shown in rehearsal.rehearse(team):
                    step = self._tick(shown, step)
        except (rehearsal.Different, Refused, Conflict, SpokenRefusal) as difference:
            raise CommandError(f"✘ {difference}", returncode=REFUSED) from difference
        except (InvalidInput, DatabaseError) as error:
            raise CommandError(f"✘ PostgreSQL : {error}", returncode=REFUSED) from error
        self.stdout.write(f"Répétition réussie en {_seconds(began)} ; la base d’essai est effacée.")

    def _tick(self, shown: str, since: float) -> float:
        self.stdout.write(f"✔ {shown} ({_seconds(since)})")
        return time.monotonic()

    def _write_json(self, answer: dict[str, Any]) -> None:
        self.stdout.write(DjangoJSONEncoder(ensure_ascii=False).encode(answer))


def _add(parser: ArgumentParser, name: str, field: Field, *, is_word: bool) -> None:
    if is_word:
        parser.add_argument(name, type=_typed(field.kind.parse), help=field.help)
        return
    option = dict(field.kind.option)
    if "action" not in option:
        option["type"] = _typed(field.kind.parse)
    flag = f"--{name.replace('_', '-')}"
    parser.add_argument(flag, required=not field.optional, help=field.help, **option)


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="répondre en JSON, comme l’API")


def _typed(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def typed(word: str) -> Any:
        try:
            return parse(word)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return typed


def _in_a_line(answer: dict[str, Any]) -> str:
    match answer:
        case {"deployment": dict(found)}:
            return _deployment(found)
        case {"release": found}:
            return f"{found['tag']} ({found['commit']}), release n° {found['id']}"
        case _:
            return f"n° {answer['id']}"


def _deployment(found: dict[str, Any]) -> str:
    kind = "retour en arrière" if found["kind"] == "rollback" else "déploiement"
    outcome = f" : {found['outcome']}" if found["outcome"] else ""
    return (
        f"{found['tag']} ({found['commit']}) en {found['environment']}, {kind} n° {found['id']} "
        f"{STATES[found['state']]}{outcome}"
    )


def _seconds(since: float) -> str:
    return f"{time.monotonic() - since:.1f} s".replace(".", ",")
