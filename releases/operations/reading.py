"""Operations as a person reads them: how far each is, what is asked next and of whom, what was done."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.queries import Queries
from mlpp_gov.roles import Role
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import moment
from releases.operations.actions import TooLate
from releases.paging import PAGE_SIZE, page_of
from releases.templatetags.releases_banner import frozen_text

fetch = Queries(Path(__file__).parent / "queries").fetch

OPERATIONS_SHOWN = 200
APPROVALS_SHOWN = 20
STATES = {
    "planned": gettext_noop("À lancer"),
    "running": gettext_noop("En cours"),
    "done": gettext_noop("Clôturée"),
    "abandoned": gettext_noop("Abandonnée"),
}
KINDS = {
    "opened": gettext_noop("Opération ouverte"),
    "started": gettext_noop("Opération lancée"),
    "done": gettext_noop("Fait"),
    "reopened": gettext_noop("Rouvert"),
    "stop_passed": gettext_noop("STOP franchi"),
    "stop_refused": gettext_noop("STOP refusé"),
    "stop_withdrawn": gettext_noop("STOP remis"),
    "note": gettext_noop("Note"),
    "frozen": gettext_noop("Gel"),
    "unfrozen": gettext_noop("Gel levé"),
    "finished": gettext_noop("Opération clôturée"),
    "abandoned": gettext_noop("Opération abandonnée"),
}

READ: dict[str, Callable[[str], Any]] = {
    "actor": UUID,
    "approved_by": UUID,
    "at": datetime.fromisoformat,
    "approved_at": datetime.fromisoformat,
    "happened_on": date.fromisoformat,
}

Names = dict[UUID, str]


@dataclass(frozen=True)
class Moment:
    """Who did something and when; nobody: it was taken over from the tracker, which may give the day."""

    actor: UUID | None
    at: datetime | None
    happened_on: date | None
    name: str

    def __str__(self) -> str:
        if self.actor:
            return _("{who}, le {at}").format(who=self.name, at=moment(self.at))
        if self.happened_on is None:
            return _("repris du suivi, date inconnue")
        return _("repris du suivi, le {day:%d/%m/%Y}").format(day=self.happened_on)


@dataclass(frozen=True)
class Summary:
    """An operation in the list; `frozen` are its activities that are frozen now."""

    code: str
    title: str
    why: str
    state: str
    moment: Moment
    total: int
    done: int
    next_stop: str | None
    frozen: list[str]

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def frozen_text(self) -> str:
        return ", ".join(frozen_text(activity) for activity in self.frozen)


@dataclass(frozen=True)
class Step:
    """A step or a STOP; `said` and `met` are what PostgreSQL computed of it, None where it can't.

    `obstacles`: of the STOP to pass next, what keeps this reader from it; None for every other.
    """

    position: int
    kind: str
    title: str
    requirement: str
    computed: str | None
    is_done: bool
    last_kind: str | None
    text: str
    evidence: str
    moment: Moment | None
    met: bool | None
    said: str | None
    obstacles: list[str] | None
    is_reachable: bool  # no closed STOP before it

    @property
    def is_stop(self) -> bool:
        return self.kind == "stop"

    @property
    def state_text(self) -> str:
        match self.is_stop, self.is_done:
            case True, True:
                return _("Franchi")
            case True, False:
                return _("À franchir") if self.is_reachable else _("Fermé")
            case False, True:
                return _("Fait")
        return _("À faire") if self.is_reachable else _("Attend le STOP")


@dataclass(frozen=True)
class Freeze:
    activity: str
    is_frozen: bool
    moment: Moment | None

    @property
    def text(self) -> str:
        return frozen_text(self.activity) if self.is_frozen else self.activity


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    kind: str
    text: str
    evidence: str
    subject: str
    role: str | None
    moment: Moment

    @property
    def role_text(self) -> str:
        return str(Role(self.role).label) if self.role and self.role in Role else self.role or ""

    @property
    def head(self) -> str:
        label = _(KINDS[self.kind])
        if not self.subject:
            return label
        return _("{field}\u00a0: {said}").format(field=label, said=self.subject)


@dataclass(frozen=True)
class Approval:
    """Somebody's approval of a simulation report, as it stands now."""

    name: str
    approved_at: datetime
    note: str
    checksum: str
    receptions: int
    is_whole: bool
    is_current: bool


@dataclass(frozen=True)
class Operation:
    code: str
    title: str
    why: str
    state: str
    moment: Moment
    steps: list[Step]
    freezes: list[Freeze]
    log: Page[Entry]
    approvals: list[Approval] = field(default_factory=list)

    @property
    def state_text(self) -> str:
        return _(STATES[self.state])

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return all(step.is_done for step in self.steps)

    @property
    def asks_for_simulation(self) -> bool:
        return any(step.computed == "simulation_approved" for step in self.steps)

    @property
    def activities(self) -> list[str]:
        return [freeze.activity for freeze in self.freezes]

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "abandoned")

    def left_frozen(self, freeze: Freeze) -> bool:
        """Whether the operation was given up and nobody has said yet that this is safe again."""
        return self.state == "abandoned" and freeze.is_frozen


def operations(reader: User) -> list[Summary]:
    """Every operation, those that run first; two queries."""
    with db_identity(reader):
        rows = fetch("operations", limit=OPERATIONS_SHOWN)
    names = _names(rows)
    return [Summary(**_with_moment(row, names)) for row in rows]


def operation(code: str, *, reader: User, page: int = 1) -> Operation | None:
    """One of them with everything its page shows, `page` of its log; None when there is none. Four queries."""
    with db_identity(reader):
        rows = fetch("operation", code=code, most_approvals=APPROVALS_SHOWN)
        if not rows:
            return None
        found = rows[0]
        known = {"operation": found.pop("id")}
        steps = fetch("steps", **known)
        entries = fetch("log", page=page, size=PAGE_SIZE, **known)
    freezes = [_as_columns(row) for row in json.loads(found.pop("freezes"))]
    approvals = [_as_columns(row) for row in json.loads(found.pop("approvals"))]
    names = _names(
        [found, *steps, *freezes, *entries, *({"actor": row["approved_by"]} for row in approvals)]
    )
    log: Page[Any] = page_of(entries, page)
    log.object_list = [_entry(row, names) for row in entries]
    return Operation(
        **_with_moment(found, names),
        steps=_steps(steps, names),
        freezes=[Freeze(**_with_moment(row, names)) for row in freezes],
        log=log,
        approvals=[
            Approval(name=actor_name(row.pop("approved_by"), names), **row) for row in approvals
        ],
    )


def late_text(late: TooLate) -> str:
    """« Ce STOP est déjà franchi par Directeur, le 19 fév. 2026 à 07:12. »; one query."""
    names = names_by_supabase_id({late.by}) if late.by else {}
    who = Moment(late.by, late.at, late.on, actor_name(late.by, names))
    said = _("{said} par {who}.") if late.by else _("{said}, {who}.")
    return said.format(said=spoken(late.said), who=who)


def _steps(rows: list[dict[str, Any]], names: Names) -> list[Step]:
    found = []
    is_reachable = True
    for row in rows:
        row["text"], row["evidence"] = row["text"] or "", row["evidence"] or ""
        found.append(Step(**_with_moment(row, names), is_reachable=is_reachable))
        if row["kind"] == "stop" and not row["is_done"]:
            is_reachable = False
    return found


def _entry(row: dict[str, Any], names: Names) -> Entry:
    position, title = row.pop("position"), row.pop("title")
    activity = row.pop("activity")
    del row["total"]
    subject = f"{position}. {spoken(title)}" if position else activity or ""
    return Entry(**_with_moment(row, names), subject=subject)


def _as_columns(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON keeps it, its values as they come from a column."""
    return {
        name: READ[name](value) if name in READ and value else value for name, value in row.items()
    }


def _names(rows: list[dict[str, Any]]) -> Names:
    people = {row["actor"] for row in rows if row["actor"]}
    return names_by_supabase_id(people) if people else {}


def _with_moment(row: dict[str, Any], names: Names) -> dict[str, Any]:
    """The row with one `moment` in place of actor, at and happened_on; None where nothing happened."""
    kept = {name: row[name] for name in ("actor", "at", "happened_on")}
    rest = {name: value for name, value in row.items() if name not in kept}
    happened = kept["at"] is not None
    return {
        **rest,
        "moment": Moment(**kept, name=actor_name(kept["actor"], names)) if happened else None,
    }
