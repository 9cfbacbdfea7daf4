"""The catalogue of checks: one SQL file each, its header saying what it is and what it can't see."""

import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql" / "checks"
HEADER_LINE = re.compile(r"^-- (\w+): (.+)$")

# How the header's values become columns of the view's contract (contract, section 2).
ROW = """\
SELECT
    '{check.code}'::text AS check_code,
    '{check.severity}'::text AS severity,
    '{check.entity}'::text AS entity_type,
    anomaly.entity_id,
    anomaly.message,
    anomaly.payload,
    now() AS detected_at
FROM (
{check.sql}
) AS anomaly"""


class CheckFileError(ValueError):
    """A check's file lacks a header line, or has one that is unknown."""


@dataclass(frozen=True)
class Check:
    """One rule: its SELECT yields (entity_id uuid, message text, payload jsonb) per anomaly."""

    code: str
    severity: str  # CRITICAL, WARN or INFO
    entity: str  # entity_type of the rows
    label: str
    why: str
    action: str
    limits: str
    sql: str


def parse(text: str) -> Check:
    """Read a check's file: header lines `-- key: value`, then its SELECT.

    Raises CheckFileError naming what is missing or unknown.
    """
    header: dict[str, str] = {}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = HEADER_LINE.match(line)
        if not match:
            header["sql"] = "\n".join(lines[number:]).strip()
            break
        header[match[1]] = match[2].strip()
    expected = {field.name for field in fields(Check)}
    if header.keys() != expected or not header["sql"]:
        wrong = ", ".join(sorted(header.keys() ^ expected)) or "sql"
        raise CheckFileError(f"En-tête de check incomplet ou inconnu : {wrong}")
    return Check(**header)


@cache
def catalogue() -> dict[str, Check]:
    """Every check of the folder by code, in the order of their files' names."""
    checks = [parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))]
    return {check.code: check for check in checks}


def placeholders() -> dict[str, str]:
    """What the view's deploy.sql is filled with: the checks, joined by UNION ALL."""
    return {"checks": "\nUNION ALL\n".join(ROW.format(check=c) for c in catalogue().values())}
