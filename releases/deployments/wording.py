"""What a person reads of deployments: where they stand, what comes next, what became of an act."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from mlpp_gov.roles import Permission, holders
from mlpp_gov.templatetags.governance import duration, fixed, moment
from releases.acts import Conflict, Unmet
from releases.deployments.dossier import Dossier
from releases.gate.reading import MARKS
from releases.journal import STATES, STEPS, VERDICTS, plain
from releases.readings import Deployment, Item

AUTHORISERS = {
    "staging": Permission.AUTHORISE_STAGING,
    "production": Permission.AUTHORISE_PRODUCTION,
}
ICONS = {  # of a state, a verdict
    "preparation": "open",
    "authorised": "ack",
    "execution": "present",
    "validation": "present",
    "success": "resolved",
    "failed": "warn",
    "abandoned": "close",
    "rolled_back": "back",
    **MARKS,
}
NOTHING_DONE = "Rien n’a été modifié\u00a0:"


def title(deployment: Deployment) -> str:
    """« Retour en arrière vers v1.2.0 en production », « Déploiement de v1.3.0 en staging »."""
    what = "Retour en arrière vers" if deployment.kind == "rollback" else "Déploiement de"
    return f"{what} {deployment.tag} en {deployment.environment}"


AT, SINCE, UNTIL = ("à ", "le "), ("depuis ", "depuis le "), ("jusqu’à ", "jusqu’au ")


def clock(at: datetime | None, words: tuple[str, str] = AT) -> str:
    """The local hour of a moment of today, else its day too: « depuis 14:05 », « depuis le 3 nov. à 14:05 »;
    `words` go before the one and the other."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    if local.date() == timezone.localdate():
        return f"{words[0]}{local:%H:%M}"
    return f"{words[1]}{date_format(local, 'j N')} à {local:%H:%M}"


def plain_all(unmet: Iterable[Unmet]) -> list[str]:
    return [plain(condition.said) for condition in unmet]


def state_sentence(found: Dossier) -> str:
    """Where it stands and since when, in a sentence."""
    it, who = found.deployment, found.who(found.deployment.operator)
    match it.state:
        case "preparation":
            return f"En préparation {clock(it.opened_at, SINCE)}, par {who}."
        case "authorised":
            by = found.who(it.authorised_by, it.authorised_role)
            return f"Autorisé {clock(it.authorised_at)} par {by}\u00a0: à démarrer."
        case "execution":
            return f"En exécution {clock(it.started_at, SINCE)}, par {who}."
        case "validation":
            return f"En validation {clock(it.deployed_at, SINCE)}{_watch_left(found)}."
        case "success":
            return f"Réussi, {moment(it.finished_at)}."
        case "failed":
            return f"Échoué, {moment(it.finished_at)}\u00a0: {it.outcome}"
        case "abandoned":
            return f"Abandonné, {moment(it.finished_at)}\u00a0: {it.outcome}"
    why = f" Il avait échoué\u00a0: {it.outcome}" if it.outcome else ""
    return f"Retiré par un retour en arrière.{why}"


def _watch_left(found: Dossier) -> str:
    if found.watched_until is None:
        return ""
    left = (found.watched_until - timezone.now()).total_seconds()
    if left > 0:
        return (
            f"\u00a0: encore {duration(left)} de surveillance, {clock(found.watched_until, UNTIL)}"
        )
    return f"\u00a0: les 2\u00a0h de surveillance ont passé {clock(found.watched_until)}"


def next_sentence(found: Dossier) -> str:
    """What is to be done next and by whom; nothing once it is over."""
    it, conductors = found.deployment, _either(holders(Permission.CONDUCT_RELEASES))
    missing = len(found.situation.unmet)
    match it.state:
        case "preparation" if missing:
            return f"Ensuite\u00a0: {conductors} complète ce qui manque ({missing})."
        case "preparation":
            authorisers = _either(holders(AUTHORISERS[it.environment]))
            return (
                f"Ensuite\u00a0: {authorisers} l’autorise, une autre personne que "
                f"{found.who(it.operator)} qui le conduit."
            )
        case "authorised":
            return (
                f"Ensuite\u00a0: {conductors} le démarre, une autre personne que "
                f"{found.who(it.authorised_by)} qui l’a autorisé."
            )
        case "execution":
            return f"Ensuite\u00a0: {conductors} note le build, puis le déploiement."
        case "validation" if missing:
            return (
                f"Ensuite\u00a0: {conductors} complète ce qui manque à la validation ({missing})."
            )
        case "validation":
            return f"Ensuite\u00a0: {conductors} le déclare réussi."
        case "failed" if found.situation.is_to_take_back:
            return f"Ensuite\u00a0: {conductors} décide du retour en arrière."
    if found.situation.post_mortem_owed:
        due = found.situation.post_mortem_due_on
        return f"Ensuite\u00a0: le post-mortem, à remplir pour le {due:%d/%m/%Y}."
    return ""


def _either(roles: list[str]) -> str:
    """« un administrateur ou un directeur »; a PCA is one."""
    return " ou ".join("le PCA" if role == "PCA" else f"un {role.lower()}" for role in roles)


@dataclass(frozen=True)
class Step:
    """A phase of a deployment; `place`: done, present or ahead."""

    label: str
    text: str
    place: str
    icon: str


def steps(found: Dossier) -> list[Step]:
    """Its phases, the present one marked; a rollback has no preparation."""
    it = found.deployment
    phases = [
        ("Préparation", it.opened_at, it.authorised_at, ("preparation",)),
        ("Autorisation", it.authorised_at, it.started_at, ("authorised",)),
        ("Exécution", it.started_at, it.deployed_at, ("execution",)),
        ("Validation", it.deployed_at, it.finished_at, ("validation",)),
    ]
    made = []
    for label, began, ended, states in phases[2:] if found.is_rollback else phases:
        if it.state in states:
            made.append(Step(label, clock(began, SINCE), "present", ICONS[it.state]))
        elif ended:
            made.append(Step(label, clock(ended, UNTIL), "done", "resolved"))
        elif it.finished_at:
            made.append(
                Step(label, "pas atteinte" if not began else "interrompue", "ahead", "close")
            )
        else:
            made.append(Step(label, "à venir", "ahead", "open"))
    if it.finished_at:
        made.append(
            Step(capfirst(STATES[it.state]), clock(it.finished_at), "present", ICONS[it.state])
        )
    return made


def summary(items: list[Item]) -> str:
    """How a list was answered: « 17 points : 15 oui, 2 sous conditions »."""
    counted = Counter(item.verdict for item in items)
    said = ", ".join(
        f"{counted[verdict]} {label}" for verdict, label in VERDICTS.items() if counted[verdict]
    )
    return f"{len(items)} points\u00a0: {said}"


@dataclass(frozen=True)
class Criterion:
    """A reason to give a deployment up at once, and where it stands."""

    label: str
    stands: str
    is_met: bool


def abort_criteria(found: Dossier) -> list[Criterion]:
    """When a deployment is given up, as PostgreSQL applies it; each with where it stands."""
    critical = [item for item in found.smoke if item.critical]
    failing = [item.label for item in critical if item.verdict == "no"]
    answered = sum(item.verdict == "ok" for item in critical)
    made = [
        Criterion(
            f"Le {what} échoue deux fois",
            f"{found.failures(step)} échec{'s' if found.failures(step) > 1 else ''}",
            found.failures(step) >= 2,
        )
        for step, what in STEPS.items()
    ]
    made.append(
        Criterion(
            "Un smoke test critique échoue",
            ", ".join(failing) or f"{answered} sur {len(critical)} passés",
            bool(failing),
        )
    )
    if found.is_rollback:
        return made
    if found.deployment.environment == "production":
        made += _watch_criteria(found)
    voided = found.situation.void_reason
    made.append(
        Criterion(
            "Le code ou la configuration n’est plus ce que le gate a vu",
            f"gate nul\u00a0: {voided}" if voided else "inchangé",
            bool(voided),
        )
    )
    return made


def _watch_criteria(found: Dossier) -> list[Criterion]:
    critical = [incident for incident in found.incidents if incident.severity == "critical"]
    worst = max((reading.error_percent for reading in found.watch), default=None)
    last = found.watch[-1] if found.watch else None
    rate = "aucun relevé"
    if last:
        rate = (
            f"{fixed(last.error_percent, 1)}\u00a0% {clock(last.at)}, "
            f"au plus {fixed(worst, 1)}\u00a0%"
        )
    total = found.unavailable_minutes
    return [
        Criterion("Taux d’erreur de plus de 5\u00a0%", rate, bool(worst and worst > 5)),
        Criterion(
            "Indisponibilité de plus de 5\u00a0min en tout",
            f"{fixed(total, 1)}\u00a0min en {len(found.watch)} relevé{'s' if len(found.watch) > 1 else ''}",
            total > 5,
        ),
        Criterion(
            "Un incident critique est signalé",
            f"{len(critical)} signalé{'s' if len(critical) > 1 else ''}" if critical else "aucun",
            bool(critical),
        ),
    ]


# --- What became of an act -----------------------------------------------------------------------

CONFLICTS = {
    "preparation": "il est revenu en préparation",
    "authorised": "déjà autorisé",
    "execution": "déjà démarré",
    "validation": "déjà déployé, en validation",
    "success": "déjà déclaré réussi",
    "failed": "déjà terminé par un échec",
    "abandoned": "déjà abandonné",
    "rolled_back": "déjà retiré par un retour en arrière",
}


def conflict_sentence(conflict: Conflict) -> str:
    """« Rien n’a été modifié : déjà autorisé ; dernier acte : par … le … »."""
    said = CONFLICTS.get(conflict.state, conflict.state)
    by = f" par {conflict.by}" if conflict.by else ""
    return f"{NOTHING_DONE} {said}{by}, {moment(conflict.at)}."


def refusal_sentence(unmet: list[Unmet]) -> str:
    """How many conditions do not hold; the page lists them."""
    if len(unmet) == 1:
        return f"{NOTHING_DONE} {plain(unmet[0].said)}"
    return f"{NOTHING_DONE} {len(unmet)}\u00a0conditions ne sont pas remplies, la page les nomme."
