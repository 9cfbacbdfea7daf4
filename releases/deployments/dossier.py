"""All that is kept of one deployment: what its page and its report are both made of."""

import json
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from releases.acts import Unmet
from releases.journal import Event, Names, actor_text, events, names_in
from releases.readings import Deployment, Item, fetch

WATCH = timedelta(hours=2)


@dataclass(frozen=True)
class Situation:
    """What surrounds a deployment. `unmet` keeps it from its next state."""

    unmet: list[Unmet]
    void_cause: str | None
    void_reason: str | None
    void_at: datetime | None
    freeze_reason: str | None
    freeze_began_at: datetime | None
    is_to_take_back: bool
    is_running: bool
    replaces_tag: str | None
    taken_back_by: int | None
    post_mortem: int | None
    post_mortem_due_on: date | None
    post_mortem_owed: bool


@dataclass(frozen=True)
class Reading:
    """What the watch showed; `unavailable_minutes` since the reading before."""

    at: datetime
    error_percent: Decimal
    unavailable_minutes: Decimal
    note: str
    person: UUID
    role: str
    token: int | None


@dataclass(frozen=True)
class Incident:
    id: int
    at: datetime
    severity: str
    description: str
    person: UUID
    role: str
    token: int | None


@dataclass(frozen=True)
class Dossier:
    """A deployment with its lists, its gate, its watch, its incidents and its journal, oldest first."""

    deployment: Deployment
    situation: Situation
    preparation: list[Item]
    smoke: list[Item]
    gate: list[Item]
    events: list[Event]
    watch: list[Reading]
    incidents: list[Incident]
    names: Names
    token_names: dict[int, str]

    def who(self, person: UUID | None, role: str | None = None, token: int | None = None) -> str:
        """Who did it, and with which role at the time (releases.journal.actor_text)."""
        name = self.token_names.get(token, str(token)) if token else None
        return actor_text(person, self.names, name, role)

    @property
    def watched_until(self) -> datetime | None:
        """When the watch over a deployment of production ends; None where nothing is watched."""
        deployed_at = self.deployment.deployed_at
        is_watched = self.deployment.environment == "production" and not self.is_rollback
        return deployed_at + WATCH if is_watched and deployed_at else None

    @property
    def is_rollback(self) -> bool:
        return self.deployment.kind == "rollback"

    @property
    def unavailable_minutes(self) -> Decimal:
        return sum((reading.unavailable_minutes for reading in self.watch), Decimal())

    def failures(self, step: str) -> int:
        """How many attempts at a step (build, deploy) failed."""
        return sum(
            event.details["step"] == step and not event.details["succeeded"]
            for event in self.events
            if event.kind == "attempt" and not event.refused
        )

    @property
    def last_refusal(self) -> Event | None:
        """The last thing that happened, when it was a refusal."""
        last = self.events[-1] if self.events else None
        return last if last and last.refused and not last.is_conflict else None


def dossier(deployment_id: int) -> Dossier | None:
    """The dossier of the deployment of that id: five queries at most."""
    found = fetch("deployment_dossier", id=deployment_id)
    if not found:
        return None
    deployment, situation = _deployment(found[0])
    lists: dict[str, list[Item]] = {"preparation": [], "smoke": [], "gate": []}
    for row in fetch("deployment_checklists", deployment=deployment.id):
        lists[row.pop("list")].append(Item(**row))
    rows = fetch("deployment_events", deployment=deployment.id)
    if deployment.authorised_at:
        lists["gate"] = _authorised_gate(rows)
    watch, incidents = _observed(fetch("deployment_observed", deployment=deployment.id))
    acted: list[Item | Reading | Incident] = [*chain(*lists.values()), *watch, *incidents]
    people = {deployment.operator, deployment.authorised_by, *(it.person for it in acted)}
    names = names_in(rows, besides={person for person in people if person})
    return Dossier(
        deployment=deployment,
        situation=situation,
        **lists,
        events=events(rows, names),
        watch=watch,
        incidents=incidents,
        names=names,
        token_names={row["token_id"]: row["token"] for row in rows if row["token"]},
    )


def _deployment(row: dict[str, Any]) -> tuple[Deployment, Situation]:
    unmet = [Unmet(**condition) for condition in json.loads(row.pop("unmet"))]
    deployment = Deployment(**{field.name: row.pop(field.name) for field in fields(Deployment)})
    return deployment, Situation(unmet=unmet, **row)


def _observed(rows: list[dict[str, Any]]) -> tuple[list[Reading], list[Incident]]:
    watch, incidents = [], []
    for row in rows:
        rate, minutes = row.pop("error_percent"), row.pop("unavailable_minutes")
        number, severity, said = row.pop("id"), row.pop("severity"), row.pop("said")
        if severity is None:
            watch.append(Reading(error_percent=rate, unavailable_minutes=minutes, note=said, **row))
        else:
            incidents.append(Incident(id=number, severity=severity, description=said, **row))
    return watch, incidents


def _authorised_gate(rows: list[dict[str, Any]]) -> list[Item]:
    """The gate as it was read when the deployment was authorised."""
    read = [
        json.loads(row["details"]).get("gate", [])
        for row in rows
        if row["kind"] == "deployment_authorised" and not row["refused"]
    ]
    return [_item_of(row) for row in read[-1]] if read else []


def _item_of(row: dict[str, Any]) -> Item:
    """An item as JSON keeps it."""
    return Item(
        **{
            **row,
            "person": UUID(row["person"]) if row["person"] else None,
            "at": datetime.fromisoformat(row["at"]) if row["at"] else None,
            "re_evaluate_on": date.fromisoformat(row["re_evaluate_on"])
            if row["re_evaluate_on"]
            else None,
        }
    )
