"""The audit for a terminal and for a machine."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from integrity.rls.accepted import Acceptance
from integrity.rls.audit import Audit, Finding
from integrity.rls.catalogue import Level
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import moment

WORDS = {Level.ERROR: "bloquants", Level.WARN: "avertissements", Level.INFO: "informations"}


def as_list(audit: Audit) -> list[dict[str, Any]]:
    """One object per finding, the worst first; `accepted` is null, or the reason and its last day."""
    return [
        {
            "finding": finding.rule.code,
            "level": finding.rule.level.value,
            "object": finding.object,
            "detail": finding.detail,
            "fix": finding.fix,
            "accepted": {
                "reason": finding.accepted.reason,
                "until": finding.accepted.until.isoformat(),
            }
            if finding.accepted
            else None,
        }
        for finding in audit.findings
    ]


def as_json(audit: Audit) -> str:
    """One object: who made it, when (ISO 8601), and the findings."""
    return json.dumps(
        {**producer.keys(), "at": audit.at.isoformat(), "findings": as_list(audit)},
        ensure_ascii=False,
        indent=2,
    )


def text_lines(audit: Audit) -> Iterator[str]:
    """One line per finding and its SQL below it; the names in them can't pass for lines of ours."""
    yield f"Audit RLS du {moment(audit.at)}"
    yield producer.line()
    counts = ", ".join(f"{words} {audit.count(level)}" for level, words in WORDS.items())
    yield f"Policies {{public}} permissives : {audit.public_policies}. {counts}, acceptés {len(audit.accepted)}."
    for rule, findings in groupby(audit.open, key=lambda finding: finding.rule):
        yield ""
        yield f"[{rule.level}] {rule.code} · {rule.title}"
        yield f"  Pourquoi : {rule.why}"
        yield f"  Que faire : {rule.action}"
        yield f"  Référence : {rule.reference}"
        for finding in findings:
            yield f"  - {_line(finding)}"
            for line in finding.fix.split("\n") if finding.fix else ():
                yield f"      {printable(line)}"
    if audit.accepted:
        yield ""
        yield "Acceptés :"
    for finding in audit.accepted:
        yield f"  - {finding.rule.code} · {_line(finding)} ; {_terms(finding.accepted)}"


def _line(finding: Finding) -> str:
    return f"{printable(finding.object)} : {printable(finding.detail)}"


def _terms(accepted: Acceptance | None) -> str:
    if accepted is None:
        return ""
    return f"jusqu’au {accepted.until:%d/%m/%Y} : {printable(accepted.reason)}"


def printable(text: str) -> str:
    """The text on one line: what is no letter, sign or space is written as its escape."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
