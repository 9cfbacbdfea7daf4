"""The tracker as a person reads it: the actions by axis, how far each axis is, who changed what."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.queries import Queries

fetch = Queries(Path(__file__).parent / "queries").fetch

CHANGES_SHOWN = 200
AXES = {
    1: gettext_lazy("Observabilité métier"),
    2: gettext_lazy("Monitoring niveau 2"),
    3: gettext_lazy("Sécurité et audit"),
    4: gettext_lazy("Traçabilité et discipline release"),
}
STATUSES = {
    "TODO": gettext_lazy("À faire"),
    "IN_PROGRESS": gettext_lazy("En cours"),
    "DONE": pgettext_lazy("action", "Terminée"),
    "BLOCKED": gettext_lazy("Bloquée"),
}
LABELS = {
    "status": gettext_lazy("Statut"),
    "status_detail": gettext_lazy("Précision du statut"),
    "owner": gettext_lazy("Responsable"),
    "reference": gettext_lazy("PR ou commit"),
    "started_on": gettext_lazy("Début"),
    "ended_on": gettext_lazy("Fin"),
    "notes": gettext_lazy("Notes"),
    "evidence": gettext_lazy("Preuves"),
}
LONG = ("notes", "evidence")


@dataclass(frozen=True)
class Action:
    """A row of gouvernance.phase2_actions; `imported`: as the tracker had it, gaps included."""

    id: int
    title: str
    axis: int
    priority: str
    status: str
    status_detail: str
    owner: str
    reference: str
    started_on: date | None
    ended_on: date | None
    notes: str
    evidence: str
    imported: bool
    version: int

    @property
    def is_done(self) -> bool:
        return self.status == "DONE"

    @property
    def status_text(self) -> str:
        detail = f" ({self.status_detail})" if self.status_detail else ""
        return f"{STATUSES[self.status]}{detail}"

    @property
    def reference_text(self) -> str:
        return self.reference or (_("inconnu") if self.is_done else "—")

    @property
    def start_text(self) -> str:
        return _day(self.started_on, is_known=self.status in ("TODO", "BLOCKED"))

    @property
    def end_text(self) -> str:
        return _day(self.ended_on, is_known=not self.is_done)

    @property
    def axis_name(self) -> str:
        return str(AXES[self.axis])


@dataclass(frozen=True)
class Axis:
    number: int
    name: str
    actions: list[Action]

    @property
    def done(self) -> int:
        return sum(action.is_done for action in self.actions)

    @property
    def total(self) -> int:
        return len(self.actions)


@dataclass(frozen=True)
class Line:
    """A column that changed; long ones are opened on request."""

    label: str
    before: str
    after: str
    is_long: bool


@dataclass(frozen=True)
class Change:
    at: datetime
    who: str
    role: str
    lines: list[Line]


def axes(reader: User) -> list[Axis]:
    """The actions by axis; one query."""
    with db_identity(reader):
        actions = [Action(**row) for row in fetch("actions", action=None)]
    return [
        Axis(number, str(name), [action for action in actions if action.axis == number])
        for number, name in AXES.items()
    ]


def checkpoint(found: Sequence[Axis]) -> str:
    """« 4 actions sur 10 terminées ; 2 en cours, 1 bloquée. », the tracker's « Checkpoint actuel »."""
    actions = [action for axis in found for action in axis.actions]
    count = {status: sum(action.status == status for action in actions) for status in STATUSES}
    done, blocked = count["DONE"], count["BLOCKED"]
    ended = ngettext(
        "{done} action sur {total} terminée", "{done} actions sur {total} terminées", done
    )
    stuck = ngettext("{count} bloquée", "{count} bloquées", blocked).format(count=blocked)
    return _("{ended}\u00a0; {under_way} en cours, {stuck}, {to_do} à faire.").format(
        ended=ended.format(done=done, total=len(actions)),
        under_way=count["IN_PROGRESS"],
        stuck=stuck,
        to_do=count["TODO"],
    )


def action(action_id: int, *, reader: User) -> tuple[Action, list[Change]] | None:
    """One action and its changes, the latest first; None when there is no such one. Three queries."""
    with db_identity(reader):
        rows = fetch("actions", action=action_id)
        changes = fetch("changes", action=action_id, since=0, limit=CHANGES_SHOWN)
    return (Action(**rows[0]), _in_words(changes)) if rows else None


def changes_since(action_id: int, version: int, *, reader: User) -> list[Change]:
    """What happened to an action after the version that somebody read; two queries."""
    with db_identity(reader):
        rows = fetch("changes", action=action_id, since=version, limit=CHANGES_SHOWN)
    return _in_words(rows)


def _in_words(rows: list[dict[str, Any]]) -> list[Change]:
    people = {row["actor"] for row in rows}
    names = names_by_supabase_id(people) if people else {}
    return [
        Change(
            row["at"],
            actor_name(row["actor"], names),
            row["role"],
            _lines(json.loads(row["before"]), json.loads(row["after"])),
        )
        for row in rows
    ]


def _lines(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    return [
        Line(str(label), _text(name, before[name]), _text(name, after[name]), name in LONG)
        for name, label in LABELS.items()
        if name in after
    ]


def _text(name: str, value: str | None) -> str:
    if not value:
        return "—"
    if name == "status":
        return str(STATUSES.get(value, value))
    return f"{date.fromisoformat(value):%d/%m/%Y}" if name.endswith("_on") else value


def _day(day: date | None, *, is_known: bool) -> str:
    """A date; where it should be and is not, it is unknown."""
    if day is None:
        return "—" if is_known else pgettext("date", "inconnue")
    return f"{day:%d/%m/%Y}"
