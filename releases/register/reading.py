"""Where releases stand: what runs, what is under way or owed, and each release in one word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from mlpp_gov.templatetags.governance import moment
from releases.journal import OPEN_STATES, STATES, Names, Words, actor_text
from releases.readings import Deployment, fetch, running_in

ENVIRONMENTS = ("production", "staging")
KINDS: Words = {
    "deployment": gettext_lazy("déploiement"),
    "rollback": gettext_lazy("retour en arrière"),
}
RUNS = {
    "success": gettext_noop("En {environment} depuis le {at}."),
    "validation": gettext_noop("En {environment} depuis le {at}, en validation."),
    "failed": gettext_noop("En {environment} depuis le {at}, en échec."),
}


@dataclass(frozen=True)
class Running:
    """What runs in an environment; `deployment` is None where nothing is known."""

    environment: str
    deployment: Deployment | None
    authorised_by: str

    @property
    def doubt(self) -> str:
        """Why it is not simply well, or nothing."""
        match self.deployment.state if self.deployment else "success":
            case "validation":
                return _("en validation")
            case "failed":
                return _("échouée, à remplacer ou à retirer")
        return ""


@dataclass(frozen=True)
class Attention:
    """A freeze under way, or a post-mortem owed by `due_on`."""

    what: str
    id: int
    tag: str
    reason: str
    at: datetime
    by: str
    due_on: date | None

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.now().date()


@dataclass(frozen=True)
class Listed:
    """A release in the list."""

    tag: str
    commit: str
    category: str
    registered_at: datetime
    by: str
    stands: str


def present(release: int | None = None) -> list[Deployment]:
    """What runs in each environment, what is under way and all of that release, the latest first."""
    return [Deployment(**row) for row in fetch("present", release=release)]


def running(found: Sequence[Deployment], names: Names) -> list[Running]:
    """What runs where, production first: the last whose code got there."""
    there = {environment: running_in(environment, found) for environment in ENVIRONMENTS}
    return [Running(name, last, _authorised_by(last, names)) for name, last in there.items()]


def _authorised_by(deployment: Deployment | None, names: Names) -> str:
    if deployment is None:
        return ""
    if deployment.kind == "rollback":
        decider = actor_text(deployment.operator, names)
        return _("retour en arrière décidé par {person}").format(person=decider)
    authoriser = actor_text(deployment.authorised_by, names)
    return _("autorisée par {person}").format(person=authoriser)


def standing(release: int, found: Sequence[Deployment]) -> str:
    """Where a release got to, as a sentence; nothing while it was never deployed."""
    for environment in ENVIRONMENTS:
        of_it = [
            d
            for d in found
            if (d.release, d.environment, d.kind) == (release, environment, "deployment")
        ]
        runs = running_in(environment, found)
        if runs and runs.release == release:
            said = _(RUNS.get(runs.state, RUNS["success"]))
            return said.format(environment=environment, at=moment(runs.deployed_at))
        if of_it:
            return _("Dernier déploiement vers {environment}\u00a0: {state}.").format(
                environment=environment, state=STATES[of_it[0].state]
            )
    return ""


def under_way(found: Sequence[Deployment]) -> list[Deployment]:
    return [deployment for deployment in found if deployment.state in OPEN_STATES]


def attention(rows: Sequence[dict[str, Any]], names: Names) -> list[Attention]:
    """Those of the rows that are no refusals."""
    named = ("what", "id", "tag", "reason", "at", "due_on")
    return [
        Attention(**{name: row[name] for name in named}, by=actor_text(row["person"], names))
        for row in rows
        if not row["refused"]
    ]


def listed(row: dict[str, Any], names: Names) -> Listed:
    return Listed(
        tag=row["tag"],
        commit=row["commit"],
        category=row["category"],
        registered_at=row["registered_at"],
        by=actor_text(row["person"], names, row["token"]),
        stands=_stands(row),
    )


def _stands(row: dict[str, Any]) -> str:
    """The furthest that it got."""
    if row["runs_in_production"]:
        return _("en production")
    if row["production"] in OPEN_STATES:
        return _("production\u00a0: {state}").format(state=OPEN_STATES[row["production"]])
    if row["production"] == "rolled_back":
        return _("retirée de la production")
    if row["production"] == "success":
        return _("passée en production")
    if row["runs_in_staging"]:
        return _("en staging")
    if row["staging"] in OPEN_STATES:
        return _("staging\u00a0: {state}").format(state=OPEN_STATES[row["staging"]])
    if row["staging"] == "success":
        return _("passée en staging")
    return {"open": _("gate ouvert"), "void": _("gate nul")}.get(
        row["gate"] or "", _("enregistrée")
    )


def people_of(deployments: Sequence[Deployment]) -> set[UUID]:
    """Everybody whom they name."""
    return {
        person
        for d in deployments
        for person in (d.operator, d.authorised_by)
        if person is not None
    }
