"""The history of deployments, rollbacks, freezes and incidents, in one order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import duration
from releases.deployments.wording import ICONS
from releases.journal import SEVERITIES, STATES, Names, actor_text, names_in
from releases.readings import fetch


@dataclass(frozen=True)
class Entry:
    """A line of the history. `what`: deployment, rollback, freeze_began, freeze_ended or incident."""

    what: str
    id: int
    at: datetime
    environment: str
    state: str | None
    tag: str | None
    person: UUID
    ended_at: datetime | None
    said: str
    outcome: str
    names: Names

    @property
    def who(self) -> str:
        return actor_text(self.person, self.names)

    @property
    def is_deployment(self) -> bool:
        return self.state is not None

    @property
    def lane(self) -> str:
        """Where it stands: beside the other environment, or across both for a freeze."""
        return "freeze" if self.what.startswith("freeze") else self.environment

    @property
    def icon(self) -> str:
        if self.state:
            return ICONS[self.state]
        return "warn" if self.what == "incident" else "clock"

    @property
    def title(self) -> str:
        match self.what:
            case "deployment":
                return _("Déploiement de {tag}").format(tag=self.tag)
            case "rollback":
                return _("Retour en arrière vers {tag}").format(tag=self.tag)
            case "freeze_began":
                return _("Gel commencé sur {tag}").format(tag=self.tag)
            case "freeze_ended" if self.outcome == "urgent_fix":
                return _("Fin du gel, pour un correctif urgent")
            case "freeze_ended":
                return _("Fin du gel, comme prévu")
        severity = SEVERITIES[self.outcome]
        if self.tag:
            return _("Incident {severity} sous {tag}").format(severity=severity, tag=self.tag)
        return _("Incident {severity}").format(severity=severity)

    @property
    def state_text(self) -> str:
        """The state in words, and how long it took."""
        if self.state is None:
            return ""
        state = str(capfirst(STATES[self.state]))
        if self.ended_at is None or self.state not in ("success", "failed"):
            return state
        took = duration((self.ended_at - self.at).total_seconds())
        return _("{state}, en {took}").format(state=state, took=took)

    @property
    def sentence(self) -> str:
        """Why: of a rollback, a freeze, an incident, a failure."""
        if self.what == "deployment":
            return spoken(self.outcome)
        return self.said


def size(environment: str | None, state: str | None) -> int:
    """How many entries there are."""
    return fetch("timeline_size", environment=environment, state=state)[0]["entries"]


def entries(environment: str | None, state: str | None, *, offset: int, size: int) -> list[Entry]:
    """A page of them, the latest first."""
    rows = fetch("timeline_entries", environment=environment, state=state, offset=offset, size=size)
    names = names_in(rows)
    return [Entry(**row, names=names) for row in rows]
