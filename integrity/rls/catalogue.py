"""The findings of the RLS audit: one SQL file each, its header saying why it matters and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from integrity.checks.catalogue import HEADER_LINE

SQL = Path(__file__).parent.parent / "sql"
FOLDER = SQL / "rls"
FACTS = SQL / "rls_facts.sql"
KEYS = ("code", "level", "title", "why", "action", "reference")
BRANCH = "SELECT '{rule.code}' AS finding, object, detail, fix FROM (\n{rule.sql}\n) AS found"


class RuleFileError(ValueError):
    """A finding's file lacks a header line, or has one that is unknown or unreadable."""


class Level(StrEnum):
    """How much a finding weighs, the worst first; ERROR alone makes the audit fail."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """A kind of finding; its SELECT yields (object, detail, fix) per object, over rls_facts.sql."""

    code: str
    level: Level
    title: str
    why: str
    action: str
    reference: str
    sql: str = ""  # none when Python finds it


def parse(text: str) -> Rule:
    """Read a finding's file: header lines `-- key: value`, each exactly once, then its SELECT.

    Raises RuleFileError naming what is missing, unknown or repeated.
    """
    lines = text.splitlines()
    size = next((n for n, line in enumerate(lines) if not HEADER_LINE.match(line)), len(lines))
    header = [
        (match[1], match[2].strip()) for line in lines[:size] if (match := HEADER_LINE.match(line))
    ]
    given = [key for key, _ in header]
    sql = "\n".join(lines[size:]).strip()
    wrong = set(KEYS) ^ set(given) | {key for key in given if given.count(key) > 1}
    if wrong or not sql:
        raise RuleFileError(
            f"En-tête de constat incomplet ou inconnu : {', '.join(sorted(wrong)) or 'sql'}"
        )
    values = dict(header)
    if values["level"] not in list(Level):
        raise RuleFileError(f"Niveau inconnu : {values['level']}. Niveaux : {', '.join(Level)}.")
    return Rule(**{**values, "level": Level(values["level"])}, sql=sql)


@cache
def catalogue() -> dict[str, Rule]:
    """Every finding of the folder by code, in the order of their files' names."""
    rules = [parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))]
    return {rule.code: rule for rule in rules}


@cache
def audit_sql(rules: tuple[Rule, ...]) -> str:
    """One statement that yields (finding, object, detail, fix) for these rules, the facts read once."""
    branches = "\nUNION ALL\n".join(BRANCH.format(rule=rule) for rule in rules)
    return f"{FACTS.read_text(encoding='utf-8')}{branches}\nORDER BY 1, 2, 3"
