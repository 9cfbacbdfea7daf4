"""What a message says, with links; details only where they may go.

It is French whoever reads it: one text for many readers, in channels that several of them share.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime

from mlpp_gov import producer
from mlpp_gov.templatetags.governance import moment, number

MOST_DETAILED = 4  # causes in a message of which each lists its first alerts
FOOTER = (
    "Message automatique du cockpit de gouvernance ML_PP\u00a0: il est inutile d’y répondre.\n"
    "Les règles d’envoi se changent dans le cockpit."
)
ENDINGS = {"accepted": "Acceptée", "claimed": "Déclarée corrigée, à vérifier"}


@dataclass(frozen=True)
class Claim:
    """A message taken to be sent; `facts` as gouvernance.claim_notification() says them."""

    attempt: int
    recipient: str
    topic: str
    details: bool
    subject: str
    body: str
    facts: list[dict[str, Any]]


class Labels:
    """What people call a check: `integrity` knows, and says how to ask at start-up."""

    of: Callable[[str], str] = staticmethod(lambda code: code)


@translation.override(settings.LANGUAGE_CODE)
def text_of(claim: Claim) -> Claim:
    """The claim with subject and body; a report brings its own."""
    match claim.topic:
        case "weekly_report":
            return claim
        case "test":
            return replace(
                claim,
                subject="Essai d’envoi du cockpit de gouvernance",
                body=_body(
                    [
                        "Ceci est un essai demandé depuis le cockpit. Rien n’est à faire.",
                        _link("integrity:list"),
                    ]
                ),
            )
    return replace(
        claim,
        subject=_subject(claim.facts),
        body=_body(_paragraphs(claim.facts, details=claim.details)),
    )


def _body(paragraphs: list[str]) -> str:
    return "\n\n".join([*paragraphs, "\n".join(["-- ", FOOTER, producer.line()])])


def _subject(facts: list[dict[str, Any]]) -> str:
    if len(facts) == 1:
        return _title(facts[0])
    critical = sum(fact["count"] for fact in facts if fact["severity"] == "CRITICAL")
    total = number(sum(fact["count"] for fact in facts))
    said = f"{number(len(facts))} causes, {total} faits à connaître"
    return f"CRITICAL · {said}" if critical else said


def _title(fact: dict[str, Any]) -> str:
    """« CRITICAL · Stock négatif : 3 alertes »."""
    label = Labels.of(fact["check"])
    match fact["topic"]:
        case "opened":
            kind = fact["severity"]
        case "overdue":
            kind = "En retard"
        case "reminder":
            kind = "Acquittée, toujours ouverte"
        case "check_failing":
            return f"Contrôle en échec · {label}"
        case "flapping":
            kind = "Instable"
        case _:
            kind = ENDINGS.get(fact["outcome"], "Rétabli")
            if fact["outcome"] is None:
                return f"Rétabli · le contrôle {label} s’exécute de nouveau"
    count = fact["count"]
    return f"{kind} · {label}" + (f"\u00a0: {number(count)} alertes" if count > 1 else "")


def _paragraphs(facts: list[dict[str, Any]], *, details: bool) -> list[str]:
    listed = details and len(facts) <= MOST_DETAILED
    return [
        "\n".join([_title(fact), *(_lines(fact) if listed else []), _where(fact)]) for fact in facts
    ]


def _lines(fact: dict[str, Any]) -> list[str]:
    lines = []
    for line in fact["lines"]:
        text = " ".join((line["text"] or "").split())
        since = parse_datetime(line["at"]) if line["at"] else None
        lines.append(f"- {text}" + (f" (depuis le {moment(since)})" if since else ""))
    if others := fact["count"] - len(lines):
        lines.append(f"- et {number(others)} {'autre' if others == 1 else 'autres'}")
    return lines


def _where(fact: dict[str, Any]) -> str:
    """Where to see more: the alert when there is one, else the list that the sentence speaks of."""
    if fact["topic"] == "check_failing" or (fact["topic"], fact["outcome"]) == ("recovered", None):
        return _link("integrity:checks")
    if fact["count"] == 1:
        return _link("integrity:detail", fact["lines"][0]["alert"])
    status = {"overdue": "late", "reminder": "ACK"}.get(fact["topic"])
    if fact["topic"] == "recovered":
        status = "accepted" if fact["outcome"] == "accepted" else "RESOLVED"
    query = {"check": fact["check"], **({"status": status} if status else {})}
    return f"{_link('integrity:list')}?{urlencode(query)}"


def _link(route: str, *args: str) -> str:
    return settings.PUBLIC_URL + reverse(route, args=args)
