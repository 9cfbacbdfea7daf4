"""The catalogue of checks: one SQL file each, its header saying what it is and what it can't see."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Self

FOLDER = Path(__file__).parent.parent / "sql" / "checks"
HEADER_LINE = re.compile(r"^-- (\w+): (.+)$")
THRESHOLD = re.compile(r"^(\w+) = (\S+) (.+) \[(\S+) ; (\S+)\] (.+)$")
TEXTS = ("code", "severity", "entity", "label", "rule", "why", "action", "limits", "occurred")
OPTIONAL = {"threshold", "enabled"}

# How a file's SELECT and header become the columns of the view's contract (contract, section 2).
# A check that is switched off costs nothing: its condition is evaluated once, before any row.
ROW = """\
SELECT
    '{check.code}'::text AS check_code,
    '{check.severity}'::text AS severity,
    {entity_type} AS entity_type,
    anomaly.entity_id,
    anomaly.message,
    anomaly.payload,
    now() AS detected_at
FROM (
{check.sql}
) AS anomaly
WHERE (SELECT gouvernance.check_enabled('{check.code}'))"""
INSTALL = """\
SELECT pg_temp.install_check('{code}', '{severity}', {enabled}, '{thresholds}', $check$
{row}
$check$);"""


class CheckFileError(ValueError):
    """A check's file lacks a header line, or has one that is unknown or unreadable."""


@dataclass(frozen=True)
class Threshold:
    """A number that an administrator may tune between `lowest` and `highest`."""

    name: str
    initial: Decimal
    unit: str
    lowest: Decimal
    highest: Decimal
    label: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name = initial unit [lowest ; highest] label`. Raises CheckFileError."""
        match = THRESHOLD.match(text)
        if not match:
            raise CheckFileError(f"Seuil illisible : {text}")
        name, initial, unit, lowest, highest, label = match.groups()
        try:
            found = cls(name, Decimal(initial), unit, Decimal(lowest), Decimal(highest), label)
        except InvalidOperation as error:
            raise CheckFileError(f"Seuil illisible : {text}") from error
        if not found.lowest <= found.initial <= found.highest:
            raise CheckFileError(f"Seuil hors de ses propres bornes : {text}")
        return found


@dataclass(frozen=True)
class Check:
    """One rule: its SELECT yields (entity_id uuid, message text, payload jsonb) per anomaly.

    A check about several kinds of entities names them all, comma-separated, and its SELECT also
    yields `entity_type`.
    """

    code: str
    severity: str  # CRITICAL, WARN or INFO
    entity: str  # entity_type of the rows
    label: str
    rule: str
    why: str
    action: str
    limits: str
    occurred: str  # what `occurred_at` in the payload means
    sql: str
    thresholds: tuple[Threshold, ...]
    enabled: bool  # once installed, an administrator decides

    @property
    def view(self) -> str:
        """The branch of the view that this check alone makes."""
        return f"gouvernance.check_{self.code.lower()}"

    def install_sql(self) -> str:
        return INSTALL.format(
            code=self.code,
            severity=self.severity,
            enabled=str(self.enabled).lower(),
            thresholds=json.dumps(
                {t.name: [str(t.initial), str(t.lowest), str(t.highest)] for t in self.thresholds}
            ),
            row=ROW.format(
                check=self,
                entity_type="anomaly.entity_type"
                if "," in self.entity
                else f"'{self.entity}'::text",
            ),
        )


def parse(text: str) -> Check:
    """Read a check's file: header lines `-- key: value`, then its SELECT.

    `threshold` may come any number of times, `enabled` at most once, the others exactly once.
    Raises CheckFileError naming what is missing, unknown or repeated.
    """
    lines = text.splitlines()
    size = next((n for n, line in enumerate(lines) if not HEADER_LINE.match(line)), len(lines))
    header = [
        (match[1], match[2].strip()) for line in lines[:size] if (match := HEADER_LINE.match(line))
    ]
    sql = "\n".join(lines[size:]).strip()
    given = [key for key, _ in header if key != "threshold"]
    texts = dict(header)
    wrong = (set(TEXTS) ^ set(given)) - OPTIONAL | {key for key in given if given.count(key) > 1}
    if wrong or not sql:
        raise CheckFileError(
            f"En-tête de check incomplet ou inconnu : {', '.join(sorted(wrong)) or 'sql'}"
        )
    if texts.get("enabled", "no") != "no":
        raise CheckFileError(
            "enabled n’a que la valeur no : un check est en service s’il ne le dit pas."
        )
    return Check(
        **{key: texts[key] for key in TEXTS},
        sql=sql,
        thresholds=tuple(Threshold.parse(value) for key, value in header if key == "threshold"),
        enabled="enabled" not in texts,
    )


@cache
def catalogue() -> dict[str, Check]:
    """Every check of the folder by code, in the order of their files' names."""
    checks = [parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))]
    return {check.code: check for check in checks}


def placeholders() -> dict[str, str]:
    """What the catalogue's deploy.sql and verify.sql are filled with."""
    checks = catalogue().values()
    return {
        "checks": "\n\n".join(check.install_sql() for check in checks),
        "codes": ", ".join(f"'{check.code}'" for check in checks),
    }
