"""What there is to read of releases: named queries of the database, as the application's login sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mlpp_gov.queries import Queries

fetch = Queries(Path(__file__).parent / "sql/queries").fetch


@dataclass(frozen=True)
class Release:
    id: int
    tag: str
    commit: str
    category: str
    notes: str
    registered_at: datetime
    person: UUID
    role: str
    token: int | None


@dataclass(frozen=True)
class Deployment:
    """A deployment or a rollback; moments are None where they have not come."""

    id: int
    release: int
    tag: str
    commit: str
    environment: str
    kind: str
    scenario: str
    state: str
    replaces: int | None
    reason: str
    operator: UUID
    operator_token: int | None
    opened_at: datetime
    backup_reference: str
    rollback_plan: str
    window_from: datetime | None
    window_to: datetime | None
    gate: int | None
    authorised_by: UUID | None
    authorised_role: str | None
    authorised_at: datetime | None
    started_at: datetime | None
    deployed_at: datetime | None
    finished_at: datetime | None
    outcome: str
    freeze_id: int | None


@dataclass(frozen=True)
class Item:
    """An item of a checklist and its present answer.

    `verdict`: ok, no, conditional, missing, or expired (a conditional one whose date has passed).
    """

    code: str
    section: str
    label: str
    verdict: str
    evidence: str | None
    conditions: str | None
    re_evaluate_on: date | None
    person: UUID | None
    role: str | None
    token: int | None
    at: datetime | None
    computed: bool = False
    critical: bool = False
    blocks: bool = False


@dataclass(frozen=True)
class OwedPostMortem:
    """What is owed after a rollback of production."""

    id: int
    rollback: int
    opened_at: datetime
    due_on: date


def release(release_id: int) -> Release | None:
    """The release of that id."""
    return _first(Release, fetch("releases", id=release_id, tag=None))


def release_of_tag(tag: str) -> Release | None:
    """The release that a tag names."""
    return _first(Release, fetch("releases", id=None, tag=tag))


def release_and_gates(tag: str, most: int) -> tuple[Release | None, list[dict[str, Any]]]:
    """The release that a tag names, and its gates, the last first; one query."""
    rows = fetch("release_and_gates", tag=tag, most=most)
    named = [field.name for field in fields(Release)]
    found = _first(Release, [{name: row[name] for name in named} for row in rows])
    return found, [row for row in rows if row["gate"]]


def deployment(deployment_id: int) -> Deployment | None:
    """The deployment of that id."""
    return _first(Deployment, fetch("deployments", id=deployment_id, release=None))


def deployments_of(release_id: int) -> list[Deployment]:
    """All of a release's deployments, the latest first."""
    return [Deployment(**row) for row in fetch("deployments", id=None, release=release_id)]


def running(environment: str) -> Deployment | None:
    """What runs in an environment, as far as is known here."""
    return _first(Deployment, fetch("running", environment=environment))


def running_in(environment: str, found: Sequence[Deployment]) -> Deployment | None:
    """The last whose code got there and was not taken back, as gouvernance.running() has it."""
    there = [
        d
        for d in found
        if d.environment == environment and d.deployed_at and d.state != "rolled_back"
    ]
    return max(there, key=lambda d: (d.deployed_at, d.id), default=None)


def to_take_back(environment: str) -> Deployment | None:
    """What a rollback would take back: what runs, or a deployment that did not get there wholly."""
    return _first(Deployment, fetch("to_take_back", environment=environment))


def rollback_target(environment: str) -> Deployment | None:
    """The deployment that a rollback would go back to: the previous success, not the last tag."""
    return _first(Deployment, fetch("rollback_target", environment=environment))


def gate_checklist(release_id: int, scenario: str) -> list[Item]:
    """The gate of a release for a scenario (A, B or C), item by item."""
    return [Item(**row) for row in fetch("gate_checklist", release=release_id, scenario=scenario)]


def deployment_checklist(deployment_id: int, list_name: str) -> list[Item]:
    """The preparation or the smoke tests of a deployment."""
    rows = fetch("deployment_checklist", deployment=deployment_id, list=list_name)
    return [Item(**row) for row in rows]


def post_mortems_owed() -> list[OwedPostMortem]:
    """Those that are not wholly written yet, the oldest first."""
    return [OwedPostMortem(**row) for row in fetch("post_mortems_owed")]


def _first(kind: type[Any], rows: list[dict[str, Any]]) -> Any:
    return kind(**rows[0]) if rows else None
