"""The history of deployments, rollbacks, freezes and incidents, in one order."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.text import capfirst

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
                return f"Déploiement de {self.tag}"
            case "rollback":
                return f"Retour en arrière vers {self.tag}"
            case "freeze_began":
                return f"Gel commencé sur {self.tag}"
            case "freeze_ended" if self.outcome == "urgent_fix":
                return "Fin du gel, pour un correctif urgent"
            case "freeze_ended":
                return "Fin du gel, comme prévu"
        severity = SEVERITIES[self.outcome]
        return f"Incident {severity}" + (f" sous {self.tag}" if self.tag else "")

    @property
    def state_text(self) -> str:
        """The state in words, and how long it took."""
        if self.state is None:
            return ""
        took = (
            f", en {duration((self.ended_at - self.at).total_seconds())}" if self.ended_at else ""
        )
        return capfirst(STATES[self.state]) + (took if self.state in ("success", "failed") else "")

    @property
    def sentence(self) -> str:
        """Why: of a rollback, a freeze, an incident, a failure."""
        if self.what == "deployment":
            return self.outcome
        return self.said


def size(environment: str | None, state: str | None) -> int:
    """How many entries there are."""
    return fetch("timeline_size", environment=environment, state=state)[0]["entries"]


def entries(environment: str | None, state: str | None, *, offset: int, size: int) -> list[Entry]:
    """A page of them, the latest first."""
    rows = fetch("timeline_entries", environment=environment, state=state, offset=offset, size=size)
    names = names_in(rows)
    return [Entry(**row, names=names) for row in rows]
