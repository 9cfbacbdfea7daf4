"""What a token may ask for, by the API and by `manage.py release` alike: one table.

Each ask reads its values (releases.kinds), does one act as the token, and answers with identifiers,
addresses and the state that it left. Deciding is not among them: people authorise, freeze and write
post-mortems.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from releases import acts, outline, readings
from releases.acts import Bearer, Plan
from releases.kinds import (
    DAY,
    ENVIRONMENT,
    FIGURE,
    FINGERPRINTS,
    FLAG,
    IDENTIFIER,
    MOMENT,
    TEXT,
    Kind,
    choice,
)

Values = dict[str, Any]
Answer = dict[str, Any]


class NotFound(Exception):
    """There is no such release or deployment; the text, in French, says which."""


@dataclass(frozen=True)
class Field:
    kind: Kind
    help: str
    optional: bool = False


@dataclass(frozen=True)
class Ask:
    """`place` names the fields that an address, or a command's words, carry; `creates` what is new."""

    help: str
    do: Callable[..., Answer]
    fields: Mapping[str, Field]
    place: tuple[str, ...] = ()
    creates: bool = False

    @property
    def asked(self) -> dict[str, Field]:
        """The fields that are no part of the place."""
        return {name: field for name, field in self.fields.items() if name not in self.place}


def release_of(tag: str) -> readings.Release:
    """The release of that tag. Raises NotFound."""
    found = readings.release_of_tag(tag)
    if found is None:
        raise NotFound(f"La release « {tag} » n’est pas enregistrée.")
    return found


def deployment_of(deployment: int) -> readings.Deployment:
    """The deployment of that number. Raises NotFound."""
    found = readings.deployment(deployment)
    if found is None:
        raise NotFound(f"Le déploiement n° {deployment} n’existe pas.")
    return found


def _register(*, actor: Bearer, **values: Any) -> Answer:
    made = acts.register(**values, actor=actor)
    return {"id": made, "release": outline.release(release_of(values["tag"]))}


def _nightly(*, actor: Bearer, **values: Any) -> Answer:
    return {"id": acts.report_nightly(**values, actor=actor)}


def _open_gate(*, tag: str, actor: Bearer, **values: Any) -> Answer:
    found = release_of(tag)
    made = acts.open_gate(found.id, **values, actor=actor)
    return {"id": made, "release": outline.release(found)}


def _answer_gate(*, tag: str, actor: Bearer, **values: Any) -> Answer:
    found = release_of(tag)
    acts.answer_gate(found.id, **values, actor=actor)
    return {"release": outline.release(found)}


def _report_change(*, tag: str, actor: Bearer, **values: Any) -> Answer:
    found = release_of(tag)
    acts.report_change(found.id, **values, actor=actor)
    return {"release": outline.release(found)}


def _open_deployment(*, tag: str, environment: str, actor: Bearer, **plan: Any) -> Answer:
    made = acts.open_deployment(
        release_of(tag).id, environment=environment, plan=Plan(**plan), actor=actor
    )
    return {"id": made, "deployment": outline.deployment(deployment_of(made))}


def _of_deployment(act: Callable[..., None]) -> Callable[..., Answer]:
    """The act on a deployment that is there, answered with what became of it."""

    def do(*, deployment: int, actor: Bearer, **values: Any) -> Answer:
        deployment_of(deployment)
        act(deployment, **values, actor=actor)
        return {"deployment": outline.deployment(deployment_of(deployment))}

    return do


def _incident(*, environment: str, actor: Bearer, **values: Any) -> Answer:
    made = acts.declare_incident(environment=environment, **values, actor=actor)
    present = readings.running(environment)
    return {"id": made, "deployment": outline.deployment(present) if present else None}


def _rollback(*, actor: Bearer, **values: Any) -> Answer:
    made = acts.begin_rollback(**values, actor=actor)
    return {"id": made, "deployment": outline.deployment(deployment_of(made))}


TAG = Field(TEXT, "le tag Git de la release")
COMMIT = Field(TEXT, "le commit, de 7 à 40 chiffres hexadécimaux")
ITEM = Field(TEXT, "le code du point de contrôle, par exemple docs_changelog")
NUMBER = Field(IDENTIFIER, "le numéro du déploiement")
WHERE = Field(ENVIRONMENT, "staging ou production")
EVIDENCE = Field(TEXT, "la preuve : un lien ou un texte", optional=True)

REGISTER = Ask(
    "enregistrer une release candidate",
    _register,
    {
        "tag": TAG,
        "commit": COMMIT,
        "category": Field(
            choice("MAINTENANCE", "AUDIT", "SCALE", "POST-PROD FEATURE"), "la catégorie"
        ),
        "notes": Field(TEXT, "ce qu’elle change", optional=True),
    },
    creates=True,
)
NIGHTLY = Ask(
    "rapporter une nightly complète",
    _nightly,
    {
        "branch": Field(TEXT, "la branche, par exemple main"),
        "commit": COMMIT,
        "finished_at": Field(MOMENT, "sa fin"),
        "passed": Field(FLAG, "verte ou non"),
        "evidence": Field(TEXT, "le lien de l’exécution"),
    },
    creates=True,
)
OPEN_GATE = Ask(
    "ouvrir un Release Gate",
    _open_gate,
    {
        "tag": TAG,
        "configuration": Field(
            FINGERPRINTS, "l’empreinte de la configuration de chaque environnement"
        ),
    },
    place=("tag",),
    creates=True,
)
ANSWER_GATE = Ask(
    "répondre à un point du Release Gate",
    _answer_gate,
    {
        "tag": TAG,
        "item": ITEM,
        "verdict": Field(choice("ok", "no", "conditional"), "✅, ❌ ou 🟡"),
        "evidence": EVIDENCE,
        "conditions": Field(TEXT, "celles d’un 🟡", optional=True),
        "re_evaluate_on": Field(DAY, "la date de réévaluation d’un 🟡", optional=True),
    },
    place=("tag", "item"),
)
REPORT_CHANGE = Ask(
    "dire que le code ou la configuration a changé : le gate est nul",
    _report_change,
    {
        "tag": TAG,
        "cause": Field(choice("code", "configuration"), "ce qui a changé"),
        "reason": Field(TEXT, "en quoi"),
    },
    place=("tag",),
)
OPEN_DEPLOYMENT = Ask(
    "préparer un déploiement",
    _open_deployment,
    {
        "tag": TAG,
        "environment": WHERE,
        "backup": Field(TEXT, "la référence de la sauvegarde (production)", optional=True),
        "rollback": Field(TEXT, "le plan de retour en arrière (production)", optional=True),
        "window_from": Field(MOMENT, "le début de la fenêtre (production)", optional=True),
        "window_to": Field(MOMENT, "la fin de la fenêtre (production)", optional=True),
    },
    creates=True,
)
START = Ask(
    "démarrer un déploiement autorisé",
    _of_deployment(acts.start),
    {
        "deployment": NUMBER,
        "commit": Field(TEXT, "le commit qui va être déployé"),
        "configuration": Field(TEXT, "l’empreinte de la configuration qui va être déployée"),
    },
    place=("deployment",),
)
ATTEMPT = Ask(
    "dire comment un build ou un déploiement s’est passé",
    _of_deployment(acts.report_attempt),
    {
        "deployment": NUMBER,
        "step": Field(choice("build", "deploy"), "l’étape"),
        "succeeded": Field(FLAG, "réussie ou non"),
        "details": Field(TEXT, "ce qui s’est passé", optional=True),
    },
    place=("deployment",),
)
CHECK = Ask(
    "répondre à un point de la préparation ou à un smoke test",
    _of_deployment(acts.answer_deployment),
    {
        "deployment": NUMBER,
        "item": ITEM,
        "verdict": Field(choice("ok", "no"), "✅ ou ❌"),
        "evidence": EVIDENCE,
    },
    place=("deployment",),
)
WATCH = Ask(
    "rapporter un relevé de la surveillance",
    _of_deployment(acts.report_watch),
    {
        "deployment": NUMBER,
        "error_percent": Field(FIGURE, "le taux d’erreur, en pour cent"),
        "unavailable_minutes": Field(FIGURE, "l’indisponibilité depuis le dernier relevé, en min"),
        "note": Field(TEXT, "une remarque", optional=True),
    },
    place=("deployment",),
)
SUCCEED = Ask(
    "déclarer la réussite d’un déploiement",
    _of_deployment(acts.succeed),
    {"deployment": NUMBER},
    place=("deployment",),
)
FAIL = Ask(
    "abandonner un déploiement",
    _of_deployment(acts.fail),
    {"deployment": NUMBER, "why": Field(TEXT, "pourquoi")},
    place=("deployment",),
)
INCIDENT = Ask(
    "déclarer un incident",
    _incident,
    {
        "environment": WHERE,
        "severity": Field(choice("minor", "major", "critical"), "la gravité"),
        "description": Field(TEXT, "ce qui s’est passé"),
    },
    creates=True,
)
ROLLBACK = Ask(
    "commencer un retour en arrière",
    _rollback,
    {"environment": WHERE, "reason": Field(TEXT, "pourquoi")},
    creates=True,
)
