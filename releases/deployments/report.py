"""The report of a deployment (« DEPLOYMENT_REPORT »): one source for the page and for the Markdown file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst

from mlpp_gov.templatetags.governance import duration, fixed, moment
from releases.deployments import wording
from releases.deployments.dossier import Dossier
from releases.journal import ENVIRONMENTS, SEVERITIES, STATES, VERDICTS
from releases.readings import Item

RESULTS = {
    "success": "Succès",
    "failed": "Échec",
    "abandoned": "Abandon",
    "rolled_back": "Rollback",
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
        title=f"Rapport\u00a0: {wording.title(found.deployment)}",
        produced=f"Produit le {moment(at)} par {reader}.",
        facts=_facts(found),
        sections=[
            *_lists(found),
            _said(found, "Essais", "attempt", "Aucun essai."),
            *_watch(found),
            Section(
                "Incidents",
                ("Quand", "Gravité", "Ce qui s’est passé", "Signalé par"),
                [
                    (
                        moment(incident.at),
                        capfirst(SEVERITIES[incident.severity]),
                        incident.description,
                        found.who(incident.person, incident.role, incident.token),
                    )
                    for incident in found.incidents
                ],
                "Aucun incident.",
            ),
            _said(found, "Rectifications", "correction", "Aucune rectification."),
            _refusals(found),
        ],
    )


def _facts(found: Dossier) -> list[tuple[str, str]]:
    it, near = found.deployment, found.situation
    facts: list[tuple[str, Any]] = [
        ("Résultat", _result(found)),
        ("Environnement", capfirst(ENVIRONMENTS[it.environment])),
        ("Scénario", "Retour en arrière" if found.is_rollback else it.scenario),
        ("Tag", it.tag),
        ("Commit", it.commit),
        ("Opérateur", found.who(it.operator, token=it.operator_token)),
    ]
    if found.is_rollback:
        facts += [("Raison", it.reason), ("Reprend", near.replaces_tag)]
    else:
        facts += [
            ("Validateur", _authoriser(found)),
            ("Autorisé", moment(it.authorised_at)),
        ]
    facts += [
        ("Ouvert", moment(it.opened_at)),
        ("Démarré", moment(it.started_at)),
        ("Déployé", moment(it.deployed_at)),
        ("Terminé", moment(it.finished_at)),
        ("Durée", _duration(it.started_at, it.finished_at)),
        ("Démarré avec", _started_with(found)),
        ("Sauvegarde", it.backup_reference),
        ("Fenêtre de maintenance", _window(it.window_from, it.window_to)),
        ("Plan de retour en arrière", it.rollback_plan),
        ("Issue", it.outcome),
    ]
    if near.freeze_began_at:
        facts.append(
            ("Gel commencé pendant", f"{moment(near.freeze_began_at)}\u00a0: {near.freeze_reason}")
        )
    if near.void_at:
        facts.append(("Gate devenu nul", f"{moment(near.void_at)}\u00a0: {near.void_reason}"))
    if near.post_mortem:
        owed = (
            f"dû pour le {near.post_mortem_due_on:%d/%m/%Y}" if near.post_mortem_owed else "rempli"
        )
        facts.append(("Post-mortem", owed))
    return [(label, value or "—") for label, value in facts]


def _result(found: Dossier) -> str:
    said = RESULTS.get(found.deployment.state)
    if said is None:
        return f"Pas terminé\u00a0: {STATES[found.deployment.state]}"
    if found.situation.taken_back_by:
        return f"{said}\u00a0: retiré par le n°\u00a0{found.situation.taken_back_by}"
    return said


def _authoriser(found: Dossier) -> str:
    it = found.deployment
    return (
        found.who(it.authorised_by, it.authorised_role) if it.authorised_by else "personne encore"
    )


def _duration(began: datetime | None, ended: datetime | None) -> str:
    return duration((ended - began).total_seconds()) if began and ended else ""


def _window(begins: datetime | None, ends: datetime | None) -> str:
    return f"du {moment(begins)} au {moment(ends)}" if begins else ""


def _started_with(found: Dossier) -> str:
    """What was deployed, as it was said at the start: to be compared with the tag's commit."""
    for event in reversed(found.events):
        if event.kind == "deployment_started" and not event.refused:
            return event.said
    return ""


def _lists(found: Dossier) -> list[Section]:
    if found.is_rollback:
        return [_list(found, "Smoke tests", found.smoke)]
    read = "au moment de l’autorisation" if found.deployment.authorised_at else "maintenant"
    return [
        _list(found, f"Release Gate, {read}", found.gate),
        _list(found, "Préparation", found.preparation),
        _list(found, "Smoke tests", found.smoke),
    ]


def _list(found: Dossier, title: str, items: list[Item]) -> Section:
    return Section(
        title,
        ("Point", "Réponse", "Preuve ou conditions", "Répondu par"),
        [(item.label, _verdict(item), _evidence(item), _answered(found, item)) for item in items],
        "Aucun point enregistré.",
    )


def _verdict(item: Item) -> str:
    said = capfirst(VERDICTS[item.verdict])
    if item.re_evaluate_on:
        said += f", jusqu’au {item.re_evaluate_on:%d/%m/%Y}"
    return said


def _evidence(item: Item) -> str:
    return "\n".join(text for text in (item.evidence, item.conditions) if text) or "—"


def _answered(found: Dossier, item: Item) -> str:
    if item.computed:
        return "le système"
    if item.person is None:
        return "—"
    return f"{found.who(item.person, item.role, item.token)}, {moment(item.at)}"


def _watch(found: Dossier) -> list[Section]:
    if found.deployment.environment != "production" or found.is_rollback:
        return []
    return [
        Section(
            "Surveillance",
            ("Quand", "Taux d’erreur", "Indisponibilité", "Note", "Relevé par"),
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
            "Aucun relevé.",
        )
    ]


def _said(found: Dossier, title: str, kind: str, empty: str) -> Section:
    return Section(
        title,
        ("Quand", "Texte", "Par"),
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
        "Refus",
        ("Quand", "Demande", "Ce qui manquait", "Demandé par"),
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
        "Aucun refus.",
    )
