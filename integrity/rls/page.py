"""The audit as a person reads it: findings by level and rule, and the matrix in few letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integrity.queries import fetch
from integrity.rls.audit import Audit, Finding
from integrity.rls.catalogue import Level, Rule
from integrity.rls.matrix import Outcome
from mlpp_gov.sentences import spoken

SHOWN = 50  # findings of a rule; the command has them all
TITLES = {
    Level.ERROR: gettext_noop("Bloquants"),
    Level.WARN: gettext_noop("Avertissements"),
    Level.INFO: gettext_noop("Pour information"),
}
ACTIONS = [
    gettext_noop("lire"),
    gettext_noop("ajouter"),
    gettext_noop("modifier"),
    gettext_noop("supprimer"),
]
MARKS = {Outcome.YES: "", Outcome.DEPENDS: "?", Outcome.NONE: "0"}


@dataclass(frozen=True)
class RuleGroup:
    """What one rule found; `hidden` is how many are not shown."""

    rule: Rule
    findings: Sequence[Finding]
    hidden: int


@dataclass(frozen=True)
class LevelGroup:
    level: Level
    title: str
    count: int
    rules: Sequence[RuleGroup]


@dataclass(frozen=True)
class Cell:
    """What a visitor can do to a relation: letters for the eye, sentences for the ear."""

    visitor: str
    letters: str
    words: str


@dataclass(frozen=True)
class Row:
    relation: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Tried:
    """The last matrix that was recorded."""

    at: datetime
    login: str
    visitors: Sequence[str]
    rows: Sequence[Row]


def groups(audit: Audit) -> list[LevelGroup]:
    """What is not accepted, by level, the worst first; a level without finding is there too."""
    return [
        LevelGroup(
            level,
            _(title),
            audit.count(level),
            [
                _rule_group(rule, list(findings))
                for rule, findings in groupby(
                    (f for f in audit.open if f.rule.level is level), key=lambda f: f.rule
                )
            ],
        )
        for level, title in TITLES.items()
    ]


def _rule_group(rule: Rule, findings: list[Finding]) -> RuleGroup:
    return RuleGroup(rule, findings[:SHOWN], max(len(findings) - SHOWN, 0))


def tried() -> Tried | None:
    """The last matrix; None when no role was ever tried. One query."""
    row = next(iter(fetch("rls_matrix")), None)
    if row is None:
        return None
    matrix = json.loads(row["matrix"])
    visitors = matrix["visitors"]
    return Tried(
        row["at"],
        row["login"],
        visitors,
        [
            Row(
                relation["name"],
                [_cell(*cell) for cell in zip(visitors, relation["cells"], strict=True)],
            )
            for relation in matrix["relations"]
        ],
    )


def _cell(visitor: str, outcomes: Sequence[str]) -> Cell:
    said = dict(zip(map(_, ACTIONS), map(Outcome, outcomes), strict=True))
    letters = " ".join(
        action[0].upper() + MARKS[outcome] for action, outcome in said.items() if outcome in MARKS
    )
    if Outcome.UNKNOWN in said.values():
        letters = f"{letters} {spoken(Outcome.UNKNOWN)}".strip()
    words = ", ".join(
        _("{action} : {outcome}").format(action=action, outcome=spoken(outcome))
        for action, outcome in said.items()
    )
    return Cell(spoken(visitor), letters or "—", words)
