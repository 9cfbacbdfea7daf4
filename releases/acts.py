"""Everything that a person or a token does to releases: each act is one function of the database.

The database decides who may, whether the conditions hold, and records what was done or refused; its
functions are in releases/sql/. All of these raise Refused, Conflict, InvalidInput or SpokenRefusal.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from mlpp_gov.calls import InvalidInput
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.refusals import translated
from releases import contract_check


@dataclass(frozen=True)
class Unmet:
    """A condition that does not hold; `said` names it in French."""

    code: str
    said: str


class Refused(Exception):
    """The conditions do not hold; `unmet` are all of them. The refusal is recorded."""

    def __init__(self, unmet: list[Unmet]) -> None:
        self.unmet = unmet
        super().__init__(" ".join(condition.said for condition in unmet))


class Conflict(Exception):
    """Somebody was faster: what the state is now, who made it so (`by`) and when."""

    def __init__(self, *, state: str, by: str, at: datetime | None) -> None:
        self.state, self.by, self.at = state, by, at
        super().__init__(state, by, at)


@dataclass(frozen=True)
class Bearer:
    """Who acts by a token; `digest` is its SHA-256 in hexadecimal."""

    digest: str

    @classmethod
    def of(cls, token: str) -> "Bearer":
        return cls(hashlib.sha256(token.encode()).hexdigest())


Actor = User | Bearer


@contextmanager
def bearing(bearer: Bearer) -> Iterator[None]:
    """Open a transaction in which the database knows the token; the acts of its bearer in it take part."""
    known = "SELECT set_config('gouvernance.release_token', %s, true)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('gouvernance.release_token', true), '')")
        (before,) = cursor.fetchone()
        cursor.execute(known, [bearer.digest])
        yield
        cursor.execute(known, [before])  # SET LOCAL outlives a savepoint


def act(function: str, *parameters: Any, actor: Actor) -> dict[str, Any]:
    """Call one of our functions and return its answer; committed on return with its record, unless
    `bearing` is open around it.
    """
    places = ", ".join(["%s"] * len(parameters))
    try:
        acting = db_identity(actor) if isinstance(actor, User) else bearing(actor)
        with acting, connection.cursor() as cursor:
            cursor.execute(f"SELECT gouvernance.{function}({places})::text", parameters)
            answer = json.loads(cursor.fetchone()[0] or "{}")
    except DatabaseError as error:
        raise translated(error, InvalidInput) from error
    if "refused" in answer:
        raise Refused([Unmet(**condition) for condition in answer["refused"]])
    if "conflict" in answer:
        raise _conflict(answer["conflict"])
    return answer


def _conflict(found: dict[str, Any]) -> Conflict:
    person = UUID(found["person"]) if found["person"] else None
    return Conflict(
        state=found["state"],
        by=actor_name(person, names_by_supabase_id({person} if person else set())),
        at=datetime.fromisoformat(found["at"]) if found["at"] else None,
    )


# --- Releases and the gate -----------------------------------------------------------------------


def register(*, tag: str, commit: str, category: str, notes: str = "", actor: Actor) -> int:
    """Register a candidate, or find it again; its id. A tag on another commit is Refused."""
    return act("register_release", tag, commit, category, notes, actor=actor)["id"]


def open_gate(release: int, *, configuration: Mapping[str, str], actor: Actor) -> int:
    """Open a gate in place of the present one. `configuration`: fingerprint by environment."""
    return act("open_gate", release, json.dumps(dict(configuration)), actor=actor)["id"]


def answer_gate(
    release: int,
    *,
    item: str,
    verdict: str,
    evidence: str = "",
    conditions: str = "",
    re_evaluate_on: date | None = None,
    actor: Actor,
) -> None:
    """Answer an item: ok with evidence, no, or conditional until a date (at most 90 days)."""
    act("answer_gate", release, item, verdict, evidence, conditions, re_evaluate_on, actor=actor)


def report_change(release: int, *, cause: str, reason: str, actor: Actor) -> None:
    """Say that the code or the configuration changed since the gate: it is void."""
    act("report_change", release, cause, reason, actor=actor)


def report_nightly(
    *, branch: str, commit: str, finished_at: datetime, passed: bool, evidence: str, actor: Actor
) -> int:
    """Record a run of the whole suite."""
    return act("report_nightly", branch, commit, finished_at, passed, evidence, actor=actor)["id"]


# --- Deployments: scenarios A and B --------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What is known of a deployment before it starts; production needs all of it."""

    backup: str = ""
    rollback: str = ""
    window_from: datetime | None = None
    window_to: datetime | None = None

    def as_sql(self) -> tuple[Any, ...]:
        return self.backup, self.rollback, self.window_from, self.window_to


def open_deployment(release: int, *, environment: str, plan: Plan, actor: Actor) -> int:
    """Prepare a deployment; refused while another one is open there."""
    return act("open_deployment", release, environment, *plan.as_sql(), actor=actor)["id"]


def plan_deployment(deployment: int, *, plan: Plan, actor: Actor) -> None:
    """Say again, whole, what is known of a deployment in preparation."""
    act("plan_deployment", deployment, *plan.as_sql(), actor=actor)


def authorise(deployment: int, *, actor: User) -> None:
    """Authorise what somebody else conducts."""
    contract_check.refresh()
    act("authorise_deployment", deployment, actor=actor)


def start(deployment: int, *, commit: str, configuration: str, actor: Actor) -> None:
    """Start it with the commit and the configuration's fingerprint that are about to be deployed."""
    contract_check.refresh()
    act("start_deployment", deployment, commit, configuration, actor=actor)


def report_attempt(
    deployment: int, *, step: str, succeeded: bool, details: str = "", actor: Actor
) -> None:
    """Say how a build or a deploy went; the second failure of either ends the deployment."""
    act("report_attempt", deployment, step, succeeded, details, actor=actor)


def answer_deployment(
    deployment: int, *, item: str, verdict: str, evidence: str = "", actor: Actor
) -> None:
    """Answer an item of the preparation or a smoke test; a critical one that fails ends it."""
    act("answer_deployment", deployment, item, verdict, evidence, actor=actor)


def report_watch(
    deployment: int,
    *,
    error_percent: Decimal,
    unavailable_minutes: Decimal,
    note: str = "",
    actor: Actor,
) -> None:
    """Record what the watch shows; `unavailable_minutes` since the last reading."""
    act("report_watch", deployment, error_percent, unavailable_minutes, note, actor=actor)


def declare_incident(*, environment: str, severity: str, description: str, actor: Actor) -> int:
    """Record an incident in an environment; a critical one under watch ends the deployment."""
    return act("declare_incident", environment, severity, description, actor=actor)["id"]


def succeed(deployment: int, *, actor: Actor) -> None:
    """Declare a success, once smoke tests and watch are all there."""
    act("succeed_deployment", deployment, actor=actor)


def fail(deployment: int, *, why: str, actor: Actor) -> None:
    """Give a deployment up."""
    act("fail_deployment", deployment, why, actor=actor)


def correct(deployment: int, *, text: str, actor: Actor) -> None:
    """Add a correction to its history; nothing written before changes."""
    act("correct_deployment", deployment, text, actor=actor)


# --- Freeze and rollback -------------------------------------------------------------------------


def begin_freeze(release: int, *, reason: str, actor: User) -> int:
    """Scenario C: nothing goes to production until the freeze ends."""
    return act("begin_freeze", release, reason, actor=actor)["id"]


def end_freeze(*, purpose: str, why: str, actor: User) -> bool:
    """End it, `planned` or for an `urgent_fix`; whether its gate still held."""
    return act("end_freeze", purpose, why, actor=actor)["gate_held"]


def begin_rollback(*, environment: str, reason: str, actor: Actor) -> int:
    """Go back to the previous successful release; in production a post-mortem is then owed."""
    return act("begin_rollback", environment, reason, actor=actor)["id"]


def write_post_mortem(
    post_mortem: int, *, sections: Mapping[str, str], seen: int | None = None, actor: User
) -> bool:
    """Write a version of it; whether it is complete. `seen` is the version that was started from (0:
    none): a later one is a Conflict."""
    written = act("write_post_mortem", post_mortem, json.dumps(dict(sections)), seen, actor=actor)
    return written["complete"]


# --- Tokens --------------------------------------------------------------------------------------


def issue_token(
    *, name: str, scopes: list[str], digest: str, expires_at: datetime, actor: User
) -> int:
    """Give a token of which the database keeps the SHA-256 only."""
    return act("issue_release_token", name, scopes, digest, expires_at, actor=actor)["id"]


def revoke_token(token: int, *, actor: User) -> None:
    """End a token at once."""
    act("revoke_release_token", token, actor=actor)
