"""The report of a deployment (« DEPLOYMENT_REPORT »): one source for the page and for the Markdown file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import duration, fixed, moment
from releases.deployments import wording
from releases.deployments.dossier import Dossier
from releases.journal import ENVIRONMENTS, SEVERITIES, STATES, VERDICTS
from releases.readings import Item

RESULTS = {
    "success": gettext_noop("Succès"),
    "failed": gettext_noop("Échec"),
    "abandoned": gettext_noop("Abandon"),
    "rolled_back": gettext_noop("Rollback"),
}


@dataclass(frozen=True)
class Section:
    """A table of a report, or what is said in its place when it has no line."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    empty: str

    @property
    def labelled_rows(self) -> list[list[tuple[str, str]]]:
        """Each cell with the head of its column, for a table that a telephone shows as cards."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Report:
    title: str
    produced: str
    facts: list[tuple[str, str]]
    sections: list[Section]


def report(found: Dossier, *, reader: str, at: datetime) -> Report:
    """All that the traceability rules ask for: when, who authorised, tag and commit, result, incidents."""
    return Report(
        title=_("Rapport\u00a0: {title}").format(title=wording.title(found.deployment)),
        produced=_("Produit le {at} par {reader}.").format(at=moment(at), reader=reader),
        facts=_facts(found),
        sections=[
            *_lists(found),
            _said(found, _("Essais"), "attempt", _("Aucun essai.")),
            *_watch(found),
            Section(
                _("Incidents"),
                (_("Quand"), _("Gravité"), _("Ce qui s’est passé"), _("Signalé par")),
                [
                    (
                        moment(incident.at),
                        str(capfirst(SEVERITIES[incident.severity])),
                        incident.description,
                        found.who(incident.person, incident.role, incident.token),
                    )
                    for incident in found.incidents
                ],
                _("Aucun incident."),
            ),
            _said(found, _("Rectifications"), "correction", _("Aucune rectification.")),
            _refusals(found),
        ],
    )


def _facts(found: Dossier) -> list[tuple[str, str]]:
    it, near = found.deployment, found.situation
    facts: list[tuple[str, Any]] = [
        (_("Résultat"), _result(found)),
        (_("Environnement"), str(capfirst(ENVIRONMENTS[it.environment]))),
        (_("Scénario"), _("Retour en arrière") if found.is_rollback else it.scenario),
        (_("Tag"), it.tag),
        (_("Commit"), it.commit),
        (_("Opérateur"), found.who(it.operator, token=it.operator_token)),
    ]
    if found.is_rollback:
        facts += [(_("Raison"), it.reason), (_("Reprend"), near.replaces_tag)]
    else:
        facts += [
            (_("Validateur"), _authoriser(found)),
            (_("Autorisé"), moment(it.authorised_at)),
        ]
    facts += [
        (pgettext("deployment", "Ouvert"), moment(it.opened_at)),
        (_("Démarré"), moment(it.started_at)),
        (_("Déployé"), moment(it.deployed_at)),
        (_("Terminé"), moment(it.finished_at)),
        (_("Durée"), _duration(it.started_at, it.finished_at)),
        (_("Démarré avec"), _started_with(found)),
        (_("Sauvegarde"), it.backup_reference),
        (_("Fenêtre de maintenance"), _window(it.window_from, it.window_to)),
        (_("Plan de retour en arrière"), it.rollback_plan),
        (_("Issue"), spoken(it.outcome)),
    ]
    if near.freeze_began_at:
        facts.append(
            (
                _("Gel commencé pendant"),
                _("{at}\u00a0: {reason}").format(
                    at=moment(near.freeze_began_at), reason=near.freeze_reason
                ),
            )
        )
    if near.void_at:
        facts.append(
            (
                _("Gate devenu nul"),
                _("{at}\u00a0: {reason}").format(
                    at=moment(near.void_at), reason=spoken(near.void_reason or "")
                ),
            )
        )
    if near.post_mortem:
        owed = (
            _("dû pour le {day:%d/%m/%Y}").format(day=near.post_mortem_due_on)
            if near.post_mortem_owed
            else _("rempli")
        )
        facts.append((_("Post-mortem"), owed))
    return [(label, value or "—") for label, value in facts]


def _result(found: Dossier) -> str:
    said = RESULTS.get(found.deployment.state)
    if said is None:
        return _("Pas terminé\u00a0: {state}").format(state=STATES[found.deployment.state])
    if found.situation.taken_back_by:
        return _("{result}\u00a0: retiré par le n°\u00a0{number}").format(
            result=_(said), number=found.situation.taken_back_by
        )
    return _(said)


def _authoriser(found: Dossier) -> str:
    it = found.deployment
    return (
        found.who(it.authorised_by, it.authorised_role)
        if it.authorised_by
        else _("personne encore")
    )


def _duration(began: datetime | None, ended: datetime | None) -> str:
    return duration((ended - began).total_seconds()) if began and ended else ""


def _window(begins: datetime | None, ends: datetime | None) -> str:
    if begins is None:
        return ""
    return _("du {first} au {last}").format(first=moment(begins), last=moment(ends))


def _started_with(found: Dossier) -> str:
    """What was deployed, as it was said at the start: to be compared with the tag's commit."""
    for event in reversed(found.events):
        if event.kind == "deployment_started" and not event.refused:
            return event.said
    return ""


def _lists(found: Dossier) -> list[Section]:
    if found.is_rollback:
        return [_list(found, _("Smoke tests"), found.smoke)]
    gate = (
        _("Release Gate, au moment de l’autorisation")
        if found.deployment.authorised_at
        else _("Release Gate, maintenant")
    )
    return [
        _list(found, gate, found.gate),
        _list(found, _("Préparation"), found.preparation),
        _list(found, _("Smoke tests"), found.smoke),
    ]


def _list(found: Dossier, title: str, items: list[Item]) -> Section:
    return Section(
        title,
        (_("Point"), _("Réponse"), _("Preuve ou conditions"), _("Répondu par")),
        [
            (spoken(item.label), _verdict(item), _evidence(item), _answered(found, item))
            for item in items
        ],
        _("Aucun point enregistré."),
    )


def _verdict(item: Item) -> str:
    said = str(capfirst(VERDICTS[item.verdict]))
    if item.re_evaluate_on is None:
        return said
    return _("{verdict}, jusqu’au {day:%d/%m/%Y}").format(verdict=said, day=item.re_evaluate_on)


def _evidence(item: Item) -> str:
    evidence = spoken(item.evidence) if item.computed and item.evidence else item.evidence
    return "\n".join(text for text in (evidence, item.conditions) if text) or "—"


def _answered(found: Dossier, item: Item) -> str:
    if item.computed:
        return _("le système")
    if item.person is None:
        return "—"
    return f"{found.who(item.person, item.role, item.token)}, {moment(item.at)}"


def _watch(found: Dossier) -> list[Section]:
    if found.deployment.environment != "production" or found.is_rollback:
        return []
    return [
        Section(
            _("Surveillance"),
            (_("Quand"), _("Taux d’erreur"), _("Indisponibilité"), _("Note"), _("Relevé par")),
            [
                (
                    moment(reading.at),
                    f"{fixed(reading.error_percent, 1)}\u00a0%",
                    f"{fixed(reading.unavailable_minutes, 1)}\u00a0min",
                    reading.note or "—",
                    found.who(reading.person, reading.role, reading.token),
                )
                for reading in found.watch
            ],
            _("Aucun relevé."),
        )
    ]


def _said(found: Dossier, title: str, kind: str, empty: str) -> Section:
    return Section(
        title,
        (_("Quand"), _("Texte"), _("Par")),
        [
            (
                moment(event.at),
                event.said,
                event.by,
            )
            for event in found.events
            if event.kind == kind and not event.refused
        ],
        empty,
    )


def _refusals(found: Dossier) -> Section:
    return Section(
        _("Refus"),
        (_("Quand"), _("Demande"), _("Ce qui manquait"), _("Demandé par")),
        [
            (
                moment(event.at),
                capfirst(event.tried),
                "\n".join(event.unmet),
                event.by,
            )
            for event in found.events
            if event.refused
        ],
        _("Aucun refus."),
    )
