"""The rules as an operator reads them: what, to whom, when; and who changed which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.conf import settings

from integrity.checks.changes import Change, Line
from integrity.checks.evaluation import label_of
from integrity.queries import fetch
from mlpp_gov.models import actor_name, names_by_supabase_id

TOPICS = {
    "opened": "Nouvelle alerte",
    "overdue": "Délai dépassé",
    "reminder": "Rappel d’une alerte acquittée",
    "check_failing": "Contrôle en échec",
    "weekly_report": "Rapport de la semaine",
}
OF_ALERTS = ("opened", "overdue", "reminder")
DELAYED = {"overdue": "l’échéance", "reminder": "l’acquittement"}  # what the delay is counted from
ROLES = {
    "role:directeur": "Les directeurs",
    "role:admin": "Les administrateurs",
    "role:pca": "Le PCA",
}
ASSIGNEE = "assignee"
DELIVERIES = {"at_once": "Aussitôt", "digest": "Regroupé, à l’heure pleine"}
CHANNEL = "channel:"

Depots = Mapping[UUID, str]


@dataclass(frozen=True)
class Rule:
    """A row of gouvernance.notification_rules, and the names that it needs."""

    id: int
    topic: str
    severity: str | None
    check_code: str | None
    depot_id: UUID | None
    recipient: str
    delivery: str
    delay_hours: int
    quiet_from: time | None
    quiet_to: time | None
    details: bool
    recovery: bool
    enabled: bool
    depots: Depots

    @property
    def topic_label(self) -> str:
        return TOPICS.get(self.topic, self.topic)

    @property
    def scope(self) -> str:
        """« CRITICAL · Stock négatif · Dépôt Daipn », or « tout »."""
        parts = [
            self.severity,
            label_of(self.check_code) if self.check_code else None,
            depot_text(self.depot_id, self.depots) if self.depot_id else None,
        ]
        return " · ".join(part for part in parts if part) or "tout"

    @property
    def to_whom(self) -> str:
        return recipient_text(self.recipient)

    @property
    def channel_is_missing(self) -> bool:
        """Whether it names a channel that NOTIFY_CHANNELS does not: its messages are given up."""
        name = self.recipient.removeprefix(CHANNEL)
        return self.recipient.startswith(CHANNEL) and name not in settings.NOTIFY_CHANNELS

    @property
    def when(self) -> str:
        if self.topic == "weekly_report":
            return "Le lundi matin"
        parts = [DELIVERIES.get(self.delivery, self.delivery)]
        if self.delay_hours:
            parts[0] = f"{self.delay_hours}\u00a0h après {DELAYED[self.topic]}"
            if self.delivery == "digest":
                parts.append("regroupé")
        if self.quiet_from and self.quiet_to:
            parts.append(f"jamais de {self.quiet_from:%H:%M} à {self.quiet_to:%H:%M}")
        return ", ".join(parts)

    @property
    def details_text(self) -> str:
        """Whether what the alerts say leaves; by e-mail it always does."""
        return "oui" if self.details or not self.recipient.startswith(CHANNEL) else "non"


def rules(depots: Depots) -> list[Rule]:
    return [Rule(**row, depots=depots) for row in fetch("notification_rules")]


def depots() -> dict[UUID, str]:
    """The depots that the person may see; inside db_identity()."""
    return {row["id"]: row["nom"] for row in fetch("depots")}


def recipient_text(recipient: str) -> str:
    if recipient == ASSIGNEE:
        return "La personne à qui l’alerte est confiée"
    if recipient.startswith(CHANNEL):
        return f"Canal {recipient.removeprefix(CHANNEL)}"
    return ROLES.get(recipient, recipient)


def depot_text(depot: UUID, depots: Depots) -> str:
    return depots.get(depot, f"dépôt {str(depot)[:8]}… (introuvable)")


def changes(depots: Depots) -> list[Change]:
    """Who changed which rule, the latest first; at most two queries."""
    rows = fetch("notification_rule_changes")
    names = names_by_supabase_id({row["actor"] for row in rows})
    return [
        Change(
            row["at"],
            actor_name(row["actor"], names),
            _lines(_kept(row["before"]), _kept(row["after"]), depots),
            _subject(row, depots),
        )
        for row in rows
    ]


def _kept(kept: str | None) -> dict[str, Any]:
    return json.loads(kept) if kept else {}


def _subject(row: dict[str, Any], depots: Depots) -> str:
    """« Règle 3 ajoutée : Nouvelle alerte, CRITICAL, les directeurs »."""
    verb = (
        "changée" if row["before"] and row["after"] else "retirée" if row["before"] else "ajoutée"
    )
    kept = _kept(row["after"] or row["before"])
    topic = TOPICS.get(kept["topic"], kept["topic"])
    return f"Règle {row['rule']} {verb}\u00a0: {topic}, {recipient_text(kept['recipient']).lower()}"


def _lines(before: dict[str, Any], after: dict[str, Any], depots: Depots) -> list[Line]:
    """What differs; of a rule that came or went, what isn't as usual."""
    labels = {
        "topic": "Sujet",
        "severity": "Sévérité",
        "check_code": "Contrôle",
        "depot_id": "Dépôt",
        "recipient": "À qui",
        "delivery": "Envoi",
        "delay_hours": "Attente",
        "quiet_from": "Silence de",
        "quiet_to": "Silence à",
        "details": "Détails par les canaux",
        "recovery": "Retours à la normale",
        "enabled": "En service",
    }
    return [
        Line(label, _value_text(column, before, depots), _value_text(column, after, depots))
        for column, label in labels.items()
        if before.get(column) != after.get(column)
    ]


def _value_text(column: str, kept: dict[str, Any], depots: Depots) -> str:
    value: Any = kept.get(column)
    if not kept or (value is None and column.startswith("quiet")):
        return "—"
    match column:
        case "topic":
            return TOPICS.get(value, value)
        case "recipient":
            return recipient_text(value)
        case "delivery":
            return DELIVERIES.get(value, value)
        case "check_code":
            return label_of(value) if value else "tous"
        case "depot_id":
            return depot_text(UUID(value), depots) if value else "tous"
        case "severity":
            return value or "toutes"
        case "delay_hours":
            return f"{value}\u00a0h"
        case "quiet_from" | "quiet_to":
            return value[:5]
    return "oui" if value else "non"
