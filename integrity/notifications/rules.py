"""The rules as an operator reads them: what, to whom, when; and who changed which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from integrity.checks.changes import Change, Line
from integrity.checks.evaluation import label_of
from mlpp_gov.models import actor_name, names_by_supabase_id
from mlpp_gov.queries import Rows

TOPICS = {
    "opened": gettext_noop("Nouvelle alerte"),
    "overdue": gettext_noop("Délai dépassé"),
    "reminder": gettext_noop("Rappel d’une alerte acquittée"),
    "check_failing": gettext_noop("Contrôle en échec"),
    "weekly_report": gettext_noop("Rapport de la semaine"),
}
OF_ALERTS = ("opened", "overdue", "reminder")
DELAYED = {  # what the delay is counted from
    "overdue": gettext_noop("{hours}\u00a0h après l’échéance"),
    "reminder": gettext_noop("{hours}\u00a0h après l’acquittement"),
}
ROLES = {
    "role:directeur": gettext_noop("Les directeurs"),
    "role:admin": gettext_noop("Les administrateurs"),
    "role:pca": gettext_noop("Le PCA"),
}
ASSIGNEE = "assignee"
DELIVERIES = {
    "at_once": gettext_noop("Aussitôt"),
    "digest": gettext_noop("Regroupé, à l’heure pleine"),
}
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
        return _(TOPICS.get(self.topic, self.topic))

    @property
    def scope(self) -> str:
        """« CRITICAL · Stock négatif · Dépôt Daipn », or « tout »."""
        parts = [
            self.severity,
            label_of(self.check_code) if self.check_code else None,
            depot_text(self.depot_id, self.depots) if self.depot_id else None,
        ]
        return " · ".join(part for part in parts if part) or _("tout")

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
            return _("Le lundi matin")
        parts = [_(DELIVERIES.get(self.delivery, self.delivery))]
        if self.delay_hours:
            parts[0] = _(DELAYED[self.topic]).format(hours=self.delay_hours)
            if self.delivery == "digest":
                parts.append(_("regroupé"))
        if self.quiet_from and self.quiet_to:
            parts.append(
                _("jamais de {start:%H:%M} à {end:%H:%M}").format(
                    start=self.quiet_from, end=self.quiet_to
                )
            )
        return ", ".join(parts)

    @property
    def details_text(self) -> str:
        """Whether what the alerts say leaves; by e-mail it always does."""
        leave = self.details or not self.recipient.startswith(CHANNEL)
        return _("oui") if leave else _("non")


def rules(rows: Rows, depots: Depots) -> list[Rule]:
    return [Rule(**row, depots=depots) for row in rows]


def names_of_depots(rows: Rows) -> Depots:
    return {row["id"]: row["nom"] for row in rows}


def recipient_text(recipient: str) -> str:
    if recipient == ASSIGNEE:
        return _("La personne à qui l’alerte est confiée")
    if recipient.startswith(CHANNEL):
        return _("Canal {name}").format(name=recipient.removeprefix(CHANNEL))
    return _(ROLES.get(recipient, recipient))


def depot_text(depot: UUID, depots: Depots) -> str:
    return depots.get(depot, _("dépôt {start}… (introuvable)").format(start=str(depot)[:8]))


def changes(rows: Rows, depots: Depots) -> list[Change]:
    """Who changed which rule, the latest first; at most one query."""
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
    if not row["before"]:
        said = _("Règle {rule} ajoutée\u00a0: {topic}, {whom}")
    elif not row["after"]:
        said = _("Règle {rule} retirée\u00a0: {topic}, {whom}")
    else:
        said = _("Règle {rule} changée\u00a0: {topic}, {whom}")
    kept = _kept(row["after"] or row["before"])
    return said.format(
        rule=row["rule"],
        topic=_(TOPICS.get(kept["topic"], kept["topic"])),
        whom=recipient_text(kept["recipient"]).lower(),
    )


def _lines(before: dict[str, Any], after: dict[str, Any], depots: Depots) -> list[Line]:
    """What differs; of a rule that came or went, what isn't as usual."""
    labels = {
        "topic": _("Sujet"),
        "severity": _("Sévérité"),
        "check_code": _("Contrôle"),
        "depot_id": _("Dépôt"),
        "recipient": _("À qui"),
        "delivery": _("Envoi"),
        "delay_hours": _("Attente"),
        "quiet_from": _("Silence de"),
        "quiet_to": _("Silence à"),
        "details": _("Détails par les canaux"),
        "recovery": _("Retours à la normale"),
        "enabled": _("En service"),
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
            return _(TOPICS.get(value, value))
        case "recipient":
            return recipient_text(value)
        case "delivery":
            return _(DELIVERIES.get(value, value))
        case "check_code":
            return label_of(value) if value else pgettext("contrôles", "tous")
        case "depot_id":
            return depot_text(UUID(value), depots) if value else pgettext("dépôts", "tous")
        case "severity":
            return value or _("toutes")
        case "delay_hours":
            return f"{value}\u00a0h"
        case "quiet_from" | "quiet_to":
            return value[:5]
    return _("oui") if value else _("non")
