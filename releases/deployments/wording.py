"""What a person reads of deployments: where they stand, what comes next, what became of an act."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from mlpp_gov.roles import Permission, Role, role_grants
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import day_of_year, duration, fixed, moment
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
# Whom the next act waits for, in a sentence.
HANDS = {
    Role.ADMIN: gettext_noop("un administrateur"),
    Role.DIRECTEUR: gettext_noop("un directeur"),
    Role.PCA: gettext_noop("le PCA"),
}


def title(deployment: Deployment) -> str:
    """« Retour en arrière vers v1.2.0 en production », « Déploiement de v1.3.0 en staging »."""
    return moved(deployment.kind, deployment.tag, deployment.environment)


def moved(kind: str, tag: str, environment: str) -> str:
    """What a deployment or a rollback is, by its kind."""
    said = (
        _("Retour en arrière vers {tag} en {environment}")
        if kind == "rollback"
        else _("Déploiement de {tag} en {environment}")
    )
    return said.format(tag=tag, environment=environment)


# How a moment of today is said, and one of another day.
AT = gettext_noop("à {time}"), gettext_noop("le {day} à {time}")
SINCE = gettext_noop("depuis {time}"), gettext_noop("depuis le {day} à {time}")
UNTIL = gettext_noop("jusqu’à {time}"), gettext_noop("jusqu’au {day} à {time}")


def clock(at: datetime | None, words: tuple[str, str] = AT) -> str:
    """The local hour of a moment of today, else its day too: « depuis 14:05 », « depuis le 3 nov. à 14:05 »."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    today, another_day = words
    said = today if local.date() == timezone.localdate() else another_day
    return _(said).format(day=day_of_year(at), time=f"{local:%H:%M}")


def plain_all(unmet: Iterable[Unmet]) -> list[str]:
    return [plain(condition.said) for condition in unmet]


def state_sentence(found: Dossier) -> str:
    """Where it stands and since when, in a sentence."""
    it, who = found.deployment, found.who(found.deployment.operator)
    match it.state:
        case "preparation":
            return _("En préparation {since}, par {who}.").format(
                since=clock(it.opened_at, SINCE), who=who
            )
        case "authorised":
            return _("Autorisé {at} par {who}\u00a0: à démarrer.").format(
                at=clock(it.authorised_at), who=found.who(it.authorised_by, it.authorised_role)
            )
        case "execution":
            return _("En exécution {since}, par {who}.").format(
                since=clock(it.started_at, SINCE), who=who
            )
        case "validation":
            return _validation_sentence(found)
        case "success":
            return _("Réussi, {at}.").format(at=moment(it.finished_at))
        case "failed":
            said = _("Échoué, {at}\u00a0: {why}")
            return said.format(at=moment(it.finished_at), why=spoken(it.outcome))
        case "abandoned":
            said = _("Abandonné, {at}\u00a0: {why}")
            return said.format(at=moment(it.finished_at), why=spoken(it.outcome))
    if not it.outcome:
        return _("Retiré par un retour en arrière.")
    return _("Retiré par un retour en arrière. Il avait échoué\u00a0: {why}").format(
        why=spoken(it.outcome)
    )


def _validation_sentence(found: Dossier) -> str:
    """Where the validation stands, and the watch over it, if there is one."""
    since = clock(found.deployment.deployed_at, SINCE)
    if found.watched_until is None:
        return _("En validation {since}.").format(since=since)
    left = (found.watched_until - timezone.now()).total_seconds()
    if left > 0:
        return _("En validation {since}\u00a0: encore {left} de surveillance, {until}.").format(
            since=since, left=duration(left), until=clock(found.watched_until, UNTIL)
        )
    return _("En validation {since}\u00a0: les 2\u00a0h de surveillance ont passé {at}.").format(
        since=since, at=clock(found.watched_until)
    )


def next_sentence(found: Dossier) -> str:
    """What is to be done next and by whom; nothing once it is over."""
    it, conductors = found.deployment, _either(Permission.CONDUCT_RELEASES)
    missing = len(found.situation.unmet)
    match it.state:
        case "preparation" if missing:
            return _("Ensuite\u00a0: {who} complète ce qui manque ({missing}).").format(
                who=conductors, missing=missing
            )
        case "preparation":
            return _(
                "Ensuite\u00a0: {who} l’autorise, une autre personne que {operator} qui le conduit."
            ).format(who=_either(AUTHORISERS[it.environment]), operator=found.who(it.operator))
        case "authorised":
            return _(
                "Ensuite\u00a0: {who} le démarre, une autre personne que {authoriser} qui l’a autorisé."
            ).format(who=conductors, authoriser=found.who(it.authorised_by))
        case "execution":
            return _("Ensuite\u00a0: {who} note le build, puis le déploiement.").format(
                who=conductors
            )
        case "validation" if missing:
            return _(
                "Ensuite\u00a0: {who} complète ce qui manque à la validation ({missing})."
            ).format(who=conductors, missing=missing)
        case "validation":
            return _("Ensuite\u00a0: {who} le déclare réussi.").format(who=conductors)
        case "failed" if found.situation.is_to_take_back:
            return _("Ensuite\u00a0: {who} décide du retour en arrière.").format(who=conductors)
    if found.situation.post_mortem_owed:
        return _("Ensuite\u00a0: le post-mortem, à remplir pour le {day:%d/%m/%Y}.").format(
            day=found.situation.post_mortem_due_on
        )
    return ""


def _either(permission: Permission) -> str:
    """« un administrateur ou un directeur », as the permission is theirs."""
    return _(" ou ").join(_(said) for role, said in HANDS.items() if role_grants(role, permission))


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
        (_("Préparation"), it.opened_at, it.authorised_at, ("preparation",)),
        (_("Autorisation"), it.authorised_at, it.started_at, ("authorised",)),
        (_("Exécution"), it.started_at, it.deployed_at, ("execution",)),
        (_("Validation"), it.deployed_at, it.finished_at, ("validation",)),
    ]
    made = []
    for label, began, ended, states in phases[2:] if found.is_rollback else phases:
        if it.state in states:
            made.append(Step(label, clock(began, SINCE), "present", ICONS[it.state]))
        elif ended:
            made.append(Step(label, clock(ended, UNTIL), "done", "resolved"))
        elif it.finished_at:
            made.append(
                Step(label, _("interrompue") if began else _("pas atteinte"), "ahead", "close")
            )
        else:
            made.append(Step(label, _("à venir"), "ahead", "open"))
    if it.finished_at:
        made.append(
            Step(str(capfirst(STATES[it.state])), clock(it.finished_at), "present", ICONS[it.state])
        )
    return made


def summary(items: list[Item]) -> str:
    """How a list was answered: « 17 points : 15 oui, 2 sous conditions »."""
    counted = Counter(item.verdict for item in items)
    said = ", ".join(
        f"{counted[verdict]} {label}" for verdict, label in VERDICTS.items() if counted[verdict]
    )
    return ngettext(
        "{count} point\u00a0: {said}", "{count} points\u00a0: {said}", len(items)
    ).format(count=len(items), said=said)


@dataclass(frozen=True)
class Criterion:
    """A reason to give a deployment up at once, and where it stands."""

    label: str
    stands: str
    is_met: bool


def abort_criteria(found: Dossier) -> list[Criterion]:
    """When a deployment is given up, as PostgreSQL applies it; each with where it stands."""
    critical = [item for item in found.smoke if item.critical]
    failing = [spoken(item.label) for item in critical if item.verdict == "no"]
    answered = sum(item.verdict == "ok" for item in critical)
    made = [
        Criterion(
            _("Le {step} échoue deux fois").format(step=what),
            ngettext("{count} échec", "{count} échecs", found.failures(step)).format(
                count=found.failures(step)
            ),
            found.failures(step) >= 2,
        )
        for step, what in STEPS.items()
    ]
    made.append(
        Criterion(
            _("Un smoke test critique échoue"),
            ", ".join(failing)
            or _("{count} sur {total} passés").format(count=answered, total=len(critical)),
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
            _("Le code ou la configuration n’est plus ce que le gate a vu"),
            _("gate nul\u00a0: {why}").format(why=spoken(voided)) if voided else _("inchangé"),
            bool(voided),
        )
    )
    return made


def _watch_criteria(found: Dossier) -> list[Criterion]:
    critical = [incident for incident in found.incidents if incident.severity == "critical"]
    worst = max((reading.error_percent for reading in found.watch), default=None)
    last = found.watch[-1] if found.watch else None
    rate = _("aucun relevé")
    if last:
        rate = _("{rate}\u00a0% {at}, au plus {worst}\u00a0%").format(
            rate=fixed(last.error_percent, 1), at=clock(last.at), worst=fixed(worst, 1)
        )
    total = found.unavailable_minutes
    return [
        Criterion(_("Taux d’erreur de plus de 5\u00a0%"), rate, bool(worst and worst > 5)),
        Criterion(
            _("Indisponibilité de plus de 5\u00a0min en tout"),
            ngettext(
                "{minutes}\u00a0min en {count} relevé",
                "{minutes}\u00a0min en {count} relevés",
                len(found.watch),
            ).format(minutes=fixed(total, 1), count=len(found.watch)),
            total > 5,
        ),
        Criterion(
            _("Un incident critique est signalé"),
            ngettext("{count} signalé", "{count} signalés", len(critical)).format(
                count=len(critical)
            )
            if critical
            else _("aucun"),
            bool(critical),
        ),
    ]


# --- What became of an act -----------------------------------------------------------------------

CONFLICTS = {
    "preparation": gettext_noop("il est revenu en préparation"),
    "authorised": gettext_noop("déjà autorisé"),
    "execution": gettext_noop("déjà démarré"),
    "validation": gettext_noop("déjà déployé, en validation"),
    "success": gettext_noop("déjà déclaré réussi"),
    "failed": gettext_noop("déjà terminé par un échec"),
    "abandoned": gettext_noop("déjà abandonné"),
    "rolled_back": gettext_noop("déjà retiré par un retour en arrière"),
}


def conflict_sentence(conflict: Conflict) -> str:
    """« Rien n’a été modifié : déjà autorisé ; dernier acte : par … le … »."""
    said, at = _(CONFLICTS.get(conflict.state, conflict.state)), moment(conflict.at)
    if not conflict.by:
        return _("Rien n’a été modifié\u00a0: {said}, {at}.").format(said=said, at=at)
    return _("Rien n’a été modifié\u00a0: {said} par {who}, {at}.").format(
        said=said, who=conflict.by, at=at
    )


def refusal_sentence(unmet: list[Unmet]) -> str:
    """How many conditions do not hold; the page lists them."""
    if len(unmet) == 1:
        return _("Rien n’a été modifié\u00a0: {said}").format(said=plain(unmet[0].said))
    return _(
        "Rien n’a été modifié\u00a0: {count}\u00a0conditions ne sont pas remplies, la page les nomme."
    ).format(count=len(unmet))
