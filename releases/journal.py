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

from mlpp_gov.models import actor_name, names_by_supabase_id
from mlpp_gov.roles import Role
from mlpp_gov.templatetags.governance import fixed

Names = Mapping[UUID, str]

VERDICTS = {
    "ok": "oui",
    "no": "non",
    "conditional": "sous conditions",
    "missing": "sans réponse",
    "expired": "à réévaluer",
}
OPEN_STATES = {
    "preparation": "en préparation",
    "authorised": "autorisé",
    "execution": "en exécution",
    "validation": "en validation",
}
STATES = {
    **OPEN_STATES,
    "success": "réussi",
    "failed": "échoué",
    "abandoned": "abandonné",
    "rolled_back": "retiré par un retour en arrière",
}
CAUSES = {
    "code": "le code a changé",
    "configuration": "la configuration a changé",
    "superseded": "un autre gate l’a remplacé",
}
ENDS = {"planned": "comme prévu", "urgent_fix": "pour un correctif urgent"}
SEVERITIES = {"minor": "mineur", "major": "majeur", "critical": "critique"}
ENVIRONMENTS = {"staging": "staging", "production": "production"}
STEPS = {"build": "build", "deploy": "déploiement"}

# What was done, and what was tried where it was refused.
KINDS = {
    "registered": ("Release enregistrée", "enregistrer la release"),
    "gate_opened": ("Gate ouvert", "ouvrir un gate"),
    "gate_voided": ("Gate déclaré nul", "signaler un changement"),
    "gate_answered": ("Réponse au gate", "répondre au gate"),
    "nightly_reported": ("Nightly rapportée", "rapporter une nightly"),
    "deployment_opened": ("Déploiement préparé", "préparer un déploiement"),
    "deployment_planned": ("Plan du déploiement complété", "compléter le plan du déploiement"),
    "deployment_answered": ("Réponse à un point du déploiement", "répondre à un point"),
    "deployment_authorised": ("Déploiement autorisé", "autoriser le déploiement"),
    "authorisation_lapsed": ("Autorisation devenue caduque", "garder l’autorisation"),
    "deployment_started": ("Déploiement commencé", "commencer le déploiement"),
    "attempt": ("Tentative", "rapporter une tentative"),
    "watched": ("Relevé de surveillance", "rapporter un relevé"),
    "incident": ("Incident", "déclarer un incident"),
    "deployment_succeeded": ("Succès déclaré", "déclarer le succès"),
    "deployment_failed": ("Déploiement échoué", "déclarer l’échec"),
    "deployment_abandoned": ("Déploiement abandonné", "abandonner le déploiement"),
    "correction": ("Rectification", "rectifier"),
    "freeze_began": ("Gel commencé", "geler les releases"),
    "freeze_ended": ("Gel terminé", "sortir du gel"),
    "rollback_began": ("Retour en arrière commencé", "revenir en arrière"),
    "post_mortem_written": ("Post-mortem écrit", "écrire le post-mortem"),
    "token_issued": ("Jeton donné", "donner un jeton"),
    "token_revoked": ("Jeton révoqué", "révoquer un jeton"),
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
        return f"Refusé\u00a0: {self.tried}" if self.refused else _words(self.kind)[0]

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
                return f"{self.item or found['item']}\u00a0: {verdict}"
            case "gate_voided":
                return f"{CAUSES.get(found['cause'], found['cause'])}\u00a0: {found['reason']}"
            case "deployment_opened":
                return f"vers {found['environment']}"
            case "deployment_started":
                return f"commit {found['commit']}, configuration {found['configuration']}"
            case "attempt":
                outcome = "réussi" if found["succeeded"] else "échoué"
                said = f"{STEPS.get(found['step'], found['step'])} {outcome}"
                return f"{said}\u00a0: {found['details']}" if found["details"] else said
            case "watched":
                return (
                    f"{_figure(found['error_percent'])}\u00a0% d’erreurs, "
                    f"{_figure(found['unavailable_minutes'])}\u00a0min d’indisponibilité"
                )
            case "incident":
                severity = SEVERITIES.get(found["severity"], found["severity"])
                return f"{severity}, en {found['environment']}\u00a0: {found['description']}"
            case "freeze_ended":
                return f"{ENDS.get(found['for'], found['for'])}\u00a0: {found['why']}"
            case "post_mortem_written":
                return "complet" if found["complete"] else "incomplet"
        return str(found.get("reason") or found.get("why") or found.get("text") or "")


def _words(kind: str) -> tuple[str, str]:
    return KINDS.get(kind, (kind, kind))


def _figure(value: float) -> str:
    return fixed(Decimal(str(value)), 1)


def plain(said: str) -> str:
    """A condition as PostgreSQL says it, its marks in words: on a screen red is CRITICAL's."""
    return said.replace("❌ ", "non, ").replace("🟡", "sous conditions,").replace("✅", "oui")


def actor_text(
    person: UUID | None, names: Names, token: str | None = None, role: str | None = None
) -> str:
    """« Awa Diop (PCA) », « le jeton « deploy.sh », de Awa Diop » or « le système »."""
    name = actor_name(person, dict(names))
    if token:
        return f"le jeton «\u00a0{token}\u00a0», de {name}"
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
