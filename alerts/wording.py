"""What an operator reads about an alert's state and history."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import UNSTABLE_WITHIN, Alert, AlertEvent, AlertPeriod, Reason, Status
from alerts.transitions import Conflict, Outcome, Stale
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import duration, moment

Names = dict[UUID, str]
DAY = timedelta(days=1)

OUTCOMES = {
    "gone": gettext_lazy("Résolue : la cause a disparu"),
    "fixed": gettext_lazy("Résolue, disparition vérifiée"),
    "claimed": gettext_lazy("Déclarée corrigée, en attente de vérification"),
    "accepted": gettext_lazy("Acceptée"),
}
ACCEPTANCE_ENDS = {
    "expired": gettext_lazy("l’acceptation est échue"),
    "worse": gettext_lazy("la situation s’est aggravée au-delà de la marge"),
    "gone": gettext_lazy("la cause avait disparu puis est revenue"),
    "reopened": gettext_lazy("hors du tableau de bord, malgré l’acceptation"),
}
SOURCES = {
    "admin": gettext_lazy("administration"),
    "import": gettext_lazy("repris de l’existant"),
    "system": gettext_lazy("hors tableau de bord"),
}
ACKNOWLEDGED = gettext_lazy("Alerte acquittée.")
SUCCESSES = {
    Outcome.FIXED: gettext_lazy("Alerte résolue."),
    Outcome.CLAIMED: gettext_lazy(
        "Alerte déclarée corrigée, en attente de vérification : la prochaine évaluation la rouvre "
        "si la cause est toujours là."
    ),
    Outcome.ACCEPTED: gettext_lazy(
        "Alerte acceptée : elle reste visible sous le filtre « Acceptées »."
    ),
}


def state_sentence(alert: Alert, names: Names) -> str:
    """« Ouverte », « Acquittée par … », « Résolue par … », « Acceptée par … jusqu’au … »."""
    match alert.status, alert.outcome:
        case Status.ACK, _:
            return _("Acquittée par {by}").format(by=actor_name(alert.acknowledged_by, names))
        case Status.RESOLVED, "claimed":
            by = actor_name(alert.resolved_by, names)
            return _("Déclarée corrigée par {by}, à vérifier").format(by=by)
        case Status.RESOLVED, "accepted" if alert.accepted_until:
            by = actor_name(alert.resolved_by, names)
            until = moment(alert.accepted_until)
            return _("Acceptée par {by} jusqu’au {until}").format(by=by, until=until)
        case Status.RESOLVED, _:
            return _("Résolue par {by}").format(by=actor_name(alert.resolved_by, names))
    return _("Ouverte")


def instability_sentence(alert: Alert) -> str:
    """« Instable : 4 périodes en 7 jours », or nothing."""
    if not alert.is_unstable:
        return ""
    return _("Instable\u00a0: {count} périodes en {days}\u00a0jours").format(
        count=alert.recent_periods, days=UNSTABLE_WITHIN.days
    )


def due_sentence(alert: Alert) -> str:
    """« à traiter aujourd’hui », « à traiter avant le 21 nov. à 14:05 », « en retard de 3 h »;
    nothing for an alert that is closed."""
    if alert.due_at is None:
        return ""
    late = (timezone.now() - alert.due_at).total_seconds()
    if late >= 0:
        return _("en retard de {duration}").format(duration=duration(late))
    local = timezone.localtime(alert.due_at)
    if local == timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + DAY:
        return _("à traiter aujourd’hui, avant minuit")
    return _("à traiter avant le {day} à {time}").format(
        day=date_format(local, "j N"), time=f"{local:%H:%M}"
    )


def next_to_act_sentence(alert: Alert, names: Names) -> str:
    """Whose turn it is: whoever has the alert, a directeur once it is late, an administrateur at twice
    the delay; nothing for an alert that is closed."""
    if alert.due_at is None or alert.open_since is None:
        return ""
    now = timezone.now()
    if now >= alert.due_at + (alert.due_at - alert.open_since):
        return _("Au-delà de deux fois le délai\u00a0: un administrateur doit agir.")
    if now >= alert.due_at:
        return _("Délai dépassé\u00a0: un directeur doit agir.")
    if alert.assignee:
        return _("{who} doit agir.").format(who=actor_name(alert.assignee, names))
    return _("Confiée à personne\u00a0: un directeur doit agir ou la confier.")


def ending_sentence(period: AlertPeriod, names: Names) -> str:
    """How a period ended: « résolue par le système le …, cause disparue »."""
    by, at = actor_name(period.ended_by, names), moment(period.ended_at)
    match period.outcome:
        case "gone":
            return _("résolue par {by} le {at}, cause disparue").format(by=by, at=at)
        case "fixed":
            return _("résolue par {by} le {at}, disparition vérifiée").format(by=by, at=at)
        case "claimed":
            return _("déclarée corrigée par {by} le {at}, sans preuve de disparition").format(
                by=by, at=at
            )
        case "accepted":
            return _("acceptée par {by} le {at}, cause toujours là").format(by=by, at=at)
    return _("pas encore terminée")


def assigned_sentence(assignee: User | None) -> str:
    if assignee is None:
        return _("Alerte confiée à personne.")
    return _("Alerte confiée à {person}.").format(person=assignee)


def conflict_sentence(conflict: Conflict) -> str:
    """« Rien n’a été modifié : … » with who was faster and when."""
    if conflict.status == Status.ACK:
        sentence = _("Rien n’a été modifié : alerte déjà acquittée par {by}, {at}.")
    else:
        sentence = _("Rien n’a été modifié : alerte déjà résolue par {by}, {at}.")
    return sentence.format(by=conflict.by, at=moment(conflict.at))


def stale_sentence(stale: Stale) -> str:
    """« Rien n’a été modifié : … » with what happened since the person read the alert; one query."""
    names = names_by_supabase_id(set(people_in(stale.events)))
    happened = " ; ".join(
        f"{entry.text} ({entry.who}, {moment(entry.at)})" for entry in timeline(stale.events, names)
    )
    return _("Rien n’a été modifié : l’alerte a changé depuis votre lecture. {happened}.").format(
        happened=happened
    )


@dataclass(frozen=True)
class TimelineEntry:
    """One line of an alert's history; `period` numbers its detections from 1."""

    at: datetime
    text: str
    who: str
    detail: str
    period: int


def timeline(events: Sequence[AlertEvent], names: Names) -> list[TimelineEntry]:
    """The events in words; `names` are those of people_in() them."""
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


def people_in(events: Iterable[AlertEvent]) -> Iterator[UUID]:
    """Who did what these events tell, and to whom they assigned the alert; some more than once."""
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
            return _("Détectée")
        case "refreshed":
            return _evolution(details)
        case "acknowledged":
            return _("Acquittée")
        case "resolved":
            return str(OUTCOMES.get(details.get("outcome", ""), _("Résolue")))
        case "accepted":
            reason = dict(Reason.choices).get(details.get("reason", ""), _("raison inconnue"))
            until = moment(parse_datetime(details.get("until", "")))
            return _("Acceptée jusqu’au {until}\u00a0: {reason}").format(until=until, reason=reason)
        case "reopened":
            why = ACCEPTANCE_ENDS.get(details.get("acceptance") or "") or _("la cause est revenue")
            if details.get("after") == "claimed":
                why = _("la vérification a retrouvé la cause")
            return _("Rouverte : {why}").format(why=why)
        case "assigned":
            if assignee := details.get("assignee"):
                return _("Confiée à {person}").format(person=actor_name(UUID(assignee), names))
            return _("Confiée à personne")
        case "note":
            return _("Note")
    return event.kind


def _evolution(details: dict[str, Any]) -> str:
    if details["severity"] != details.get("severity_before", details["severity"]):
        return _("Sévérité {before} → {after}").format(
            before=details["severity_before"], after=details["severity"]
        )
    before, after = details.get("changes", {}).get("figure", [None, None])
    if before is not None and after is not None:
        return _("Évolution : {before} → {after}").format(
            before=_figure(before), after=_figure(after)
        )
    return _("Constat mis à jour")


def _figure(value: float) -> str:
    return number_format(value, decimal_pos=None, use_l10n=True, force_grouping=True)


def _event_detail(event: AlertEvent) -> str:
    """The sentence below the line: the note, the comment, the finding, what could not be done."""
    details = event.details
    lines = [
        details.get("text"),
        details.get("comment"),
        spoken(details.get("message", "")),
    ]
    if after := details.get("after"):
        lines.append(spoken(after["message"]) if isinstance(after, dict) else None)
    if "unverified" in details:
        lines.append(_("La vue n’a pas pu être relue : disparition non vérifiée."))
    if "log_actions" in details:
        lines.append(_("Le journal de ML_PP (log_actions) n’a pas pu être écrit."))
    return " ".join(line for line in lines if line)
