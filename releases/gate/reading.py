"""The gate of a release as it stands: item by item, for each scenario, and what keeps each back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy

from mlpp_gov.sentences import spoken
from releases import contract_check
from releases.journal import VERDICTS, Names, Words, actor_text, named
from releases.readings import fetch

SCENARIOS: Words = {"A": "staging", "B": "production", "C": gettext_lazy("gel")}
MARKS = {
    "ok": "resolved",
    "no": "close",
    "conditional": "ack",
    "missing": "open",
    "expired": "clock",
}
MOST_GATES = 50


@dataclass(frozen=True)
class Mark:
    """The verdict of an item for one scenario, or for several that agree."""

    scenarios: str
    verdict: str
    said: str

    @property
    def word(self) -> str:
        return str(VERDICTS[self.verdict])

    @property
    def icon(self) -> str:
        return MARKS[self.verdict]


@dataclass(frozen=True)
class Line:
    """An item of the gate: its marks, and who answered."""

    code: str
    section: str
    label: str
    computed: bool
    marks: Sequence[Mark]
    conditions: str
    re_evaluate_on: date | None
    by: str
    at: datetime | None


@dataclass(frozen=True)
class Gate:
    """The gate of a release; `number` is None where none was opened, `void` says why it is worth nothing.

    `rows` are those of the query `checklists`, `code`, `verdict`, `blocks`… per scenario and item.
    """

    release: int
    tag: str
    number: int | None
    void: str | None
    rows: Sequence[dict[str, Any]]

    @property
    def is_open(self) -> bool:
        return self.number is not None and self.void is None

    @property
    def is_frozen(self) -> bool:
        return bool(self.item("system_freeze", "B")["blocks"])

    def blocking(self, scenario: str) -> list[str]:
        """What keeps a scenario back, as far as the items go: their labels, each with what it says."""
        return [
            named(spoken(row["label"]), _said(row))
            for row in self.rows
            if row["scenario"] == scenario and row["blocks"]
        ]

    def item(self, code: str, scenario: str) -> dict[str, Any]:
        """An item as it stands for a scenario."""
        return next(row for row in self.rows if row["code"] == code and row["scenario"] == scenario)

    def lines(self, names: Names) -> list[Line]:
        """The items of all scenarios, in order."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(self.rows, key=lambda row: row["scenario"]):
            found.setdefault(row["code"], []).append(row)
        # B has them all, in their order.
        order = [row["code"] for row in self.rows if row["scenario"] == "B"]
        return [_line(found[code], names) for code in order]


def read_gate(release: int | None, *, look_again: bool = True) -> Gate | None:
    """The gate of that release, or of the candidate when none is named; one query.

    What is known of the SQL contract is brought up to date first, unless `look_again` is false.
    """
    rows = fetch("checklists", release=release, freshness=contract_check.FRESHNESS)
    if rows and rows[0]["contract_check_is_due"] and look_again:
        contract_check.record()
        return read_gate(release, look_again=False)
    if not rows:
        return None
    first = rows[0]
    void = first["void"] and spoken(first["void"])
    return Gate(first["release"], first["tag"], first["gate"], void, rows)


def _line(rows: list[dict[str, Any]], names: Names) -> Line:
    first = rows[0]
    return Line(
        code=first["code"],
        section=spoken(first["section"]),
        label=spoken(first["label"]),
        computed=first["computed"],
        marks=_marks(rows),
        conditions=first["conditions"] or "",
        re_evaluate_on=first["re_evaluate_on"],
        by=actor_text(first["person"], names, first["token_name"]) if first["at"] else "",
        at=first["at"],
    )


def _marks(rows: list[dict[str, Any]]) -> list[Mark]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["verdict"], _evidence(row)), []).append(row["scenario"])
    return [Mark(", ".join(letters), *key) for key, letters in found.items()]


def _said(row: dict[str, Any]) -> str:
    if row["computed"] or row["verdict"] == "no":
        return _evidence(row) or str(VERDICTS[row["verdict"]])
    return str(VERDICTS[row["verdict"]])


def _evidence(row: dict[str, Any]) -> str:
    """What a person typed, or what PostgreSQL found."""
    given = row["evidence"] or ""
    return spoken(given) if row["computed"] else given
