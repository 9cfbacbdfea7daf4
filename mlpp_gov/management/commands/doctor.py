"""`manage.py doctor [--format text|json]`: whether everything that this installation needs is there.

Reads only, sends nothing, and ends in bounded time. Exits with 1 when something fails.
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mlpp_gov import producer
from mlpp_gov.doctor.registry import Result, Status, examine, overall
from mlpp_gov.templatetags.governance import moment

WORDS = {
    Status.OK: "bon",
    Status.WARN: "attention",
    Status.FAIL: "ÉCHEC",
    Status.UNKNOWN: "inconnu",
}


class Command(BaseCommand):
    help = "Vérifie l’installation, et dit que faire de ce qui ne va pas ; n’y change rien."
    requires_system_checks = ()  # one of ours runs them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        results = examine()
        status = overall(results)
        if options["format"] == "json":
            self.stdout.write(as_json(results, status))
        else:
            self.stdout.write(as_text(results))
        if status is Status.FAIL:
            sys.exit(1)


def as_json(results: list[Result], status: Status) -> str:
    """`status` is the worst of the checks; a check's is ok, warn, fail or unknown."""
    document = {
        "status": status,
        **producer.keys(),
        "at": timezone.now().isoformat(timespec="seconds"),
        "checks": [
            {
                "check": result.check.name,
                "label": result.check.label,
                "status": result.finding.status,
                "said": result.finding.said,
                "to_do": result.finding.to_do,
            }
            for result in results
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def as_text(results: list[Result]) -> str:
    """A line for each check and one for what is to be done about it, then how many of each state."""
    state_width = max(map(len, WORDS.values()))
    label_width = max(len(result.check.label) for result in results)
    lines = [producer.line(), moment(timezone.now()), ""]
    for result in results:
        finding = result.finding
        state, label = WORDS[finding.status], result.check.label
        lines.append(f"{state:{state_width}}  {label:{label_width}}  {finding.said}")
        if finding.to_do:
            lines.append(f"{'':{state_width + label_width + 4}}→ {finding.to_do}")
    counts = (
        f"{word.lower()}\u00a0: {sum(result.finding.status is status for result in results)}"
        for status, word in WORDS.items()
    )
    return "\n".join([*lines, "", ", ".join(counts).capitalize() + "."])
