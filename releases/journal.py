"""The journal of releases in an operator's words: who did what, and what was refused with its reasons.

Its tables are those of every page about releases; where a label stands alone, it takes a capital.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mlpp_gov.models import actor_name, names_by_supabase_id
from mlpp_gov.roles import Role
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import fixed

Names = Mapping[UUID, str]

# Lazy texts: Any lets them pass for the str that they are wherever they are read.
Words = Mapping[str, Any]

VERDICTS: Words = {
    "ok": gettext_lazy("oui"),
    "no": gettext_lazy("non"),
    "conditional": gettext_lazy("sous conditions"),
    "missing": gettext_lazy("sans réponse"),
    "expired": gettext_lazy("à réévaluer"),
}
OPEN_STATES: Words = {
    "preparation": gettext_lazy("en préparation"),
    "authorised": gettext_lazy("autorisé"),
    "execution": gettext_lazy("en exécution"),
    "validation": gettext_lazy("en validation"),
}
STATES: Words = {
    **OPEN_STATES,
    "success": gettext_lazy("réussi"),
    "failed": gettext_lazy("échoué"),
    "abandoned": gettext_lazy("abandonné"),
    "rolled_back": gettext_lazy("retiré par un retour en arrière"),
}
CAUSES: Words = {
    "code": gettext_lazy("le code a changé"),
    "configuration": gettext_lazy("la configuration a changé"),
    "superseded": gettext_lazy("un autre gate l’a remplacé"),
}
ENDS: Words = {
    "planned": gettext_lazy("comme prévu"),
    "urgent_fix": gettext_lazy("pour un correctif urgent"),
}
SEVERITIES: Words = {
    "minor": gettext_lazy("mineur"),
    "major": gettext_lazy("majeur"),
    "critical": gettext_lazy("critique"),
}
ENVIRONMENTS = {"staging": "staging", "production": "production"}
STEPS: Words = {"build": "build", "deploy": gettext_lazy("déploiement")}

# What was done, and what was tried where it was refused.
KINDS: dict[str, tuple[Any, Any]] = {
    "registered": (gettext_lazy("Release enregistrée"), gettext_lazy("enregistrer la release")),
    "gate_opened": (gettext_lazy("Gate ouvert"), gettext_lazy("ouvrir un gate")),
    "gate_voided": (gettext_lazy("Gate déclaré nul"), gettext_lazy("signaler un changement")),
    "gate_answered": (gettext_lazy("Réponse au gate"), gettext_lazy("répondre au gate")),
    "nightly_reported": (gettext_lazy("Nightly rapportée"), gettext_lazy("rapporter une nightly")),
    "deployment_opened": (
        gettext_lazy("Déploiement préparé"),
        gettext_lazy("préparer un déploiement"),
    ),
    "deployment_planned": (
        gettext_lazy("Plan du déploiement complété"),
        gettext_lazy("compléter le plan du déploiement"),
    ),
    "deployment_answered": (
        gettext_lazy("Réponse à un point du déploiement"),
        gettext_lazy("répondre à un point"),
    ),
    "deployment_authorised": (
        gettext_lazy("Déploiement autorisé"),
        gettext_lazy("autoriser le déploiement"),
    ),
    "authorisation_lapsed": (
        gettext_lazy("Autorisation devenue caduque"),
        gettext_lazy("garder l’autorisation"),
    ),
    "deployment_started": (
        gettext_lazy("Déploiement commencé"),
        gettext_lazy("commencer le déploiement"),
    ),
    "attempt": (gettext_lazy("Tentative"), gettext_lazy("rapporter une tentative")),
    "watched": (gettext_lazy("Relevé de surveillance"), gettext_lazy("rapporter un relevé")),
    "incident": (gettext_lazy("Incident"), gettext_lazy("déclarer un incident")),
    "deployment_succeeded": (gettext_lazy("Succès déclaré"), gettext_lazy("déclarer le succès")),
    "deployment_failed": (gettext_lazy("Déploiement échoué"), gettext_lazy("déclarer l’échec")),
    "deployment_abandoned": (
        gettext_lazy("Déploiement abandonné"),
        gettext_lazy("abandonner le déploiement"),
    ),
    "correction": (gettext_lazy("Rectification"), gettext_lazy("rectifier")),
    "freeze_began": (gettext_lazy("Gel commencé"), gettext_lazy("geler les releases")),
    "freeze_ended": (gettext_lazy("Gel terminé"), gettext_lazy("sortir du gel")),
    "rollback_began": (
        gettext_lazy("Retour en arrière commencé"),
        gettext_lazy("revenir en arrière"),
    ),
    "post_mortem_written": (
        gettext_lazy("Post-mortem écrit"),
        gettext_lazy("écrire le post-mortem"),
    ),
    "token_issued": (gettext_lazy("Jeton donné"), gettext_lazy("donner un jeton")),
    "token_revoked": (gettext_lazy("Jeton révoqué"), gettext_lazy("révoquer un jeton")),
}


@dataclass(frozen=True)
class Event:
    """A line of the journal; no `tag` or `deployment` where the page is already about it."""

    id: int
    at: datetime
    kind: str
    tag: str | None
    deployment: int | None
    refused: bool
    by: str
    item: str | None
    details: dict[str, Any]

    @property
    def title(self) -> str:
        if self.refused:
            return _("Refusé\u00a0: {act}").format(act=self.tried)
        return _words(self.kind)[0]

    @property
    def tried(self) -> str:
        """What a refusal refused."""
        return _words(self.kind)[1]

    @property
    def unmet(self) -> list[str]:
        """All that a refusal named."""
        return [plain(condition["said"]) for condition in self.details.get("unmet", [])]

    @property
    def is_conflict(self) -> bool:
        """Whether it was refused for nothing but that somebody was faster."""
        codes = [condition["code"] for condition in self.details.get("unmet", [])]
        return self.refused and codes == ["state"]

    @property
    def said(self) -> str:
        """What the line adds to its title."""
        found = self.details
        match self.kind:
            case _ if self.refused:
                return ""
            case "gate_answered" | "deployment_answered":
                verdict = VERDICTS.get(found["verdict"], found["verdict"])
                return named(spoken(self.item or found["item"]), verdict)
            case "gate_voided":
                return named(CAUSES.get(found["cause"], found["cause"]), spoken(found["reason"]))
            case "deployment_opened":
                return _("vers {environment}").format(environment=found["environment"])
            case "deployment_started":
                return _("commit {commit}, configuration {configuration}").format(**found)
            case "attempt":
                said = _("{step} réussi") if found["succeeded"] else _("{step} échoué")
                said = said.format(step=STEPS.get(found["step"], found["step"]))
                return named(said, found["details"]) if found["details"] else said
            case "watched":
                return _(
                    "{errors}\u00a0% d’erreurs, {unavailable}\u00a0min d’indisponibilité"
                ).format(
                    errors=_figure(found["error_percent"]),
                    unavailable=_figure(found["unavailable_minutes"]),
                )
            case "incident":
                severity = SEVERITIES.get(found["severity"], found["severity"])
                return _("{severity}, en {environment}\u00a0: {description}").format(
                    severity=severity,
                    environment=found["environment"],
                    description=found["description"],
                )
            case "freeze_ended":
                return named(ENDS.get(found["for"], found["for"]), found["why"])
            case "post_mortem_written":
                return _("complet") if found["complete"] else _("incomplet")
        return spoken(found.get("reason") or found.get("why") or found.get("text") or "")


def named(subject: str, said: str) -> str:
    """« subject : what is said of it »."""
    return _("{subject}\u00a0: {said}").format(subject=subject, said=said)


def _words(kind: str) -> tuple[str, str]:
    done, tried = KINDS.get(kind, (kind, kind))
    return str(done), str(tried)


def _figure(value: float) -> str:
    return fixed(Decimal(str(value)), 1)


def plain(said: str) -> str:
    """A condition as PostgreSQL says it, its marks in words: on a screen red is CRITICAL's."""
    said = spoken(said)
    words = {"❌ ": _("non, "), "🟡": _("sous conditions,"), "✅": _("oui")}
    for mark, word in words.items():
        said = said.replace(mark, word)
    return said


def actor_text(
    person: UUID | None, names: Names, token: str | None = None, role: str | None = None
) -> str:
    """« Awa Diop (PCA) », « le jeton « deploy.sh », de Awa Diop » or « le système »."""
    name = actor_name(person, dict(names))
    if token:
        return _("le jeton «\u00a0{token}\u00a0», de {name}").format(token=token, name=name)
    return f"{name} ({Role(role).label})" if role and role in Role else name


def events(rows: Iterable[Mapping[str, Any]], names: Names) -> list[Event]:
    """Lines of the journal as the queries read them."""
    return [
        Event(
            id=row["id"],
            at=row["at"],
            kind=row["kind"],
            tag=row["tag"],
            deployment=row["deployment"],
            refused=row["refused"],
            by=actor_text(row["person"], names, row["token"], row["role"]),
            item=row["item"],
            details=json.loads(row["details"]),
        )
        for row in rows
    ]


def names_in(*lists: Iterable[Mapping[str, Any]], besides: set[UUID] | None = None) -> Names:
    """Names of everybody whom rows name, and of others; one query, none when nobody is named."""
    ids = {
        value for rows in lists for row in rows for value in row.values() if isinstance(value, UUID)
    }
    ids |= besides or set()
    return names_by_supabase_id(ids) if ids else {}
