"""Run the RLS audit: everything it finds in a database, and which of it is accepted for now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from integrity.rls.accepted import EXPIRED, UNUSED, Acceptance
from integrity.rls.catalogue import Level, Rule, audit_sql, catalogue
from mlpp_gov.contract import QUALIFIED_NAMES
from mlpp_gov.sentences import pgettext_noop

# Printing a policy needs its table: one that is locked, or a statement that never ends, is an error.
SURROUNDINGS = f"""
    {QUALIFIED_NAMES};
    SET LOCAL jit = off;
    SET LOCAL lock_timeout = '3s';
    SET LOCAL statement_timeout = '30s'
"""

RULES = {**catalogue(), EXPIRED.code: EXPIRED, UNUSED.code: UNUSED}
UNUSED_SINCE = pgettext_noop("sql", "acceptée jusqu’au %s, absente de la base")
LAPSED_SINCE = pgettext_noop("sql", "échue depuis le %s : %s")
PUBLIC_POLICY = "PUBLIC_POLICY"  # whose number is the standard: 0


@dataclass(frozen=True)
class Finding:
    """One object that a rule names; `fix` is SQL to review, which nothing here executes."""

    rule: Rule
    object: str
    detail: str
    fix: str
    accepted: Acceptance | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding in two audits."""
        return self.rule.code, self.object, self.detail


@dataclass(frozen=True)
class Audit:
    """What was found at one moment, the worst level first."""

    at: datetime
    findings: Sequence[Finding]

    @property
    def open(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.accepted]

    @property
    def accepted(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.accepted]

    @property
    def failing(self) -> list[Finding]:
        return [finding for finding in self.open if finding.rule.level is Level.ERROR]

    @property
    def public_policies(self) -> int:
        """Permissive policies for everybody, whatever was accepted: the standard counts them all."""
        return sum(finding.rule.code == PUBLIC_POLICY for finding in self.findings)

    def count(self, level: Level) -> int:
        return Counter(finding.rule.level for finding in self.open)[level]


def run(
    connection: BaseDatabaseWrapper, acceptances: Sequence[Acceptance], *, today: date | None = None
) -> Audit:
    """Audit a database with the rights of that connection's login; any login will do.

    An acceptance holds up to its last day; `today` is the depot's by default.
    Raises django.db.DatabaseError.
    """
    at = timezone.now()
    found = _read(connection)
    today = today or timezone.localdate()
    held = {(a.finding, a.object): a for a in acceptances if a.until >= today}
    findings = [
        Finding(RULES[code], name, detail, fix, held.get((code, name)))
        for code, name, detail, fix in found
    ]
    present = {(code, name) for code, name, _, _ in found}
    findings += _about(acceptances, present, today)
    levels = list(Level)
    findings.sort(key=lambda f: (levels.index(f.rule.level), f.rule.code))
    return Audit(at, findings)


def _read(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str, str]]:
    """Rolled back, so that what it sets for itself leaves with it."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(SURROUNDINGS)
        cursor.execute(audit_sql(tuple(catalogue().values())))
        rows = cursor.fetchall()
        transaction.set_rollback(True, using=connection.alias)
    return rows


def _about(
    acceptances: Sequence[Acceptance], present: set[tuple[str, str]], today: date
) -> Iterator[Finding]:
    """What is wrong with the file of acceptances itself."""
    for acceptance in acceptances:
        if (acceptance.finding, acceptance.object) not in present:
            detail = UNUSED_SINCE % f"{acceptance.until:%d/%m/%Y}"
            yield Finding(UNUSED, f"{acceptance.finding} · {acceptance.object}", detail, "")
        elif acceptance.until < today:
            detail = LAPSED_SINCE % (f"{acceptance.until:%d/%m/%Y}", acceptance.reason)
            yield Finding(EXPIRED, f"{acceptance.finding} · {acceptance.object}", detail, "")
