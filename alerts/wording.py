"""What an operator reads about an alert's state and history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format

from alerts.models import UNSTABLE_WITHIN, Alert, AlertEvent, AlertPeriod, Reason, Status
from alerts.transitions import Conflict, Outcome, Stale
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.templatetags.governance import duration, moment

Names = dict[UUID, str]
DAY = timedelta(days=1)

OUTCOMES = {
    "gone": "Résolue : la cause a disparu",
    "fixed": "Résolue, disparition vérifiée",
    "claimed": "Déclarée corrigée, en attente de vérification",
    "accepted": "Acceptée",
}
ACCEPTANCE_ENDS = {
    "expired": "l’acceptation est échue",
    "worse": "la situation s’est aggravée au-delà de la marge",
    "gone": "la cause avait disparu puis est revenue",
    "reopened": "hors du tableau de bord, malgré l’acceptation",
}
SOURCES = {
    "admin": "administration",
    "import": "repris de l’existant",
    "system": "hors tableau de bord",
}
ACKNOWLEDGED = "Alerte acquittée."
SUCCESSES = {
    Outcome.FIXED: "Alerte résolue.",
    Outcome.CLAIMED: (
        "Alerte déclarée corrigée, en attente de vérification : la prochaine évaluation la rouvre "
        "si la cause est toujours là."
    ),
    Outcome.ACCEPTED: "Alerte acceptée : elle reste visible sous le filtre « Acceptées ».",
}


def state_sentence(alert: Alert, names: Names) -> str:
    """« Ouverte », « Acquittée par … », « Résolue par … », « Acceptée par … jusqu’au … »."""
    match alert.status, alert.outcome:
        case Status.ACK, _:
            return f"Acquittée par {actor_name(alert.acknowledged_by, names)}"
        case Status.RESOLVED, "claimed":
            return f"Déclarée corrigée par {actor_name(alert.resolved_by, names)}, à vérifier"
        case Status.RESOLVED, "accepted" if alert.accepted_until:
            by = actor_name(alert.resolved_by, names)
            return f"Acceptée par {by} jusqu’au {moment(alert.accepted_until)}"
        case Status.RESOLVED, _:
            return f"Résolue par {actor_name(alert.resolved_by, names)}"
    return "Ouverte"


def instability_sentence(alert: Alert) -> str:
    """« Instable : 4 périodes en 7 jours », or nothing."""
    if not alert.is_unstable:
        return ""
    return f"Instable\u00a0: {alert.recent_periods} périodes en {UNSTABLE_WITHIN.days}\u00a0jours"


def due_sentence(alert: Alert) -> str:
    """« à traiter aujourd’hui », « à traiter avant le 21 nov. à 14:05 », « en retard de 3 h »;
    nothing for an alert that is closed."""
    if alert.due_at is None:
        return ""
    late = (timezone.now() - alert.due_at).total_seconds()
    if late >= 0:
        return f"en retard de {duration(late)}"
    local = timezone.localtime(alert.due_at)
    if local == timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + DAY:
        return "à traiter aujourd’hui, avant minuit"
    return f"à traiter avant le {date_format(local, 'j N')} à {local:%H:%M}"


def next_to_act_sentence(alert: Alert, names: Names) -> str:
    """Whose turn it is: whoever has the alert, a directeur once it is late, an administrateur at twice
    the delay; nothing for an alert that is closed."""
    if alert.due_at is None or alert.open_since is None:
        return ""
    now = timezone.now()
    if now >= alert.due_at + (alert.due_at - alert.open_since):
        return "Au-delà de deux fois le délai\u00a0: un administrateur doit agir."
    if now >= alert.due_at:
        return "Délai dépassé\u00a0: un directeur doit agir."
    if alert.assignee:
        return f"{actor_name(alert.assignee, names)} doit agir."
    return "Confiée à personne\u00a0: un directeur doit agir ou la confier."


def ending_sentence(period: AlertPeriod, names: Names) -> str:
    """How a period ended: « résolue par le système le …, cause disparue »."""
    by, at = actor_name(period.ended_by, names), moment(period.ended_at)
    match period.outcome:
        case "gone":
            return f"résolue par {by} le {at}, cause disparue"
        case "fixed":
            return f"résolue par {by} le {at}, disparition vérifiée"
        case "claimed":
            return f"déclarée corrigée par {by} le {at}, sans preuve de disparition"
        case "accepted":
            return f"acceptée par {by} le {at}, cause toujours là"
    return "pas encore terminée"


def assigned_sentence(assignee: User | None) -> str:
    return f"Alerte confiée à {assignee or 'personne'}."


def conflict_sentence(conflict: Conflict) -> str:
    """« Rien n’a été modifié : … » with who was faster and when."""
    participle = "acquittée" if conflict.status == Status.ACK else "résolue"
    return (
        f"Rien n’a été modifié : alerte déjà {participle} par {conflict.by}, {moment(conflict.at)}."
    )


def stale_sentence(stale: Stale) -> str:
    """« Rien n’a été modifié : … » with what happened since the person read the alert."""
    happened = " ; ".join(
        f"{entry.text} ({entry.who}, {moment(entry.at)})" for entry in timeline(stale.events)
    )
    return f"Rien n’a été modifié : l’alerte a changé depuis votre lecture. {happened}."


@dataclass(frozen=True)
class TimelineEntry:
    """One line of an alert's history; `period` numbers its detections from 1."""

    at: datetime
    text: str
    who: str
    detail: str
    period: int


def timeline(events: Sequence[AlertEvent]) -> list[TimelineEntry]:
    """The events in words, names included; at most one query."""
    names = names_by_supabase_id(set(_people(events)))
    return [
        TimelineEntry(
            at=event.at,
            text=_event_text(event, names),
            who=_who(event, names),
            detail=_event_detail(event),
            period=event.period,
        )
        for event in events
    ]


def _people(events: Iterable[AlertEvent]) -> Iterable[UUID]:
    for event in events:
        if event.actor:
            yield event.actor
        if assignee := event.details.get("assignee"):
            yield UUID(assignee)


def _who(event: AlertEvent, names: Names) -> str:
    source = SOURCES.get(event.source)
    return actor_name(event.actor, names) + (f", {source}" if source else "")


def _event_text(event: AlertEvent, names: Names) -> str:
    details = event.details
    match event.kind:
        case "opened":
            return "Détectée"
        case "refreshed":
            return _evolution(details)
        case "acknowledged":
            return "Acquittée"
        case "resolved":
            return OUTCOMES.get(details.get("outcome", ""), "Résolue")
        case "accepted":
            reason = dict(Reason.choices).get(details.get("reason", ""), "raison inconnue")
            until = parse_datetime(details.get("until", ""))
            return f"Acceptée jusqu’au {moment(until)}\u00a0: {reason}"
        case "reopened":
            why = ACCEPTANCE_ENDS.get(details.get("acceptance") or "")
            if details.get("after") == "claimed":
                why = "la vérification a retrouvé la cause"
            return f"Rouverte : {why}" if why else "Rouverte : la cause est revenue"
        case "assigned":
            assignee = details.get("assignee")
            return (
                f"Confiée à {actor_name(UUID(assignee), names)}"
                if assignee
                else "Confiée à personne"
            )
        case "note":
            return "Note"
    return event.kind


def _evolution(details: dict[str, Any]) -> str:
    if details["severity"] != details.get("severity_before", details["severity"]):
        return f"Sévérité {details['severity_before']} → {details['severity']}"
    before, after = details.get("changes", {}).get("figure", [None, None])
    if before is not None and after is not None:
        return f"Évolution : {_figure(before)} → {_figure(after)}"
    return "Constat mis à jour"


def _figure(value: float) -> str:
    return number_format(value, decimal_pos=None, use_l10n=True, force_grouping=True)


def _event_detail(event: AlertEvent) -> str:
    """The sentence below the line: the note, the comment, the finding, what could not be done."""
    details = event.details
    lines = [details.get("text"), details.get("comment"), details.get("message")]
    if after := details.get("after"):
        lines.append(after["message"] if isinstance(after, dict) else None)
    if "unverified" in details:
        lines.append("La vue n’a pas pu être relue : disparition non vérifiée.")
    if "log_actions" in details:
        lines.append("Le journal de ML_PP (log_actions) n’a pas pu être écrit.")
    return " ".join(line for line in lines if line)
