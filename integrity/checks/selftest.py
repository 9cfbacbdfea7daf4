"""Proof that a check is alive: a fault is planted, the check must see it, and nothing stays.

`sql/selftests/base.sql` plants healthy surroundings; a check's own file there plants its fault, and
names on its first line the entity that must be reported.

What a self-test shows is kept in French, and said in the reader's language (mlpp_gov.sentences).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_noop, pgettext

from integrity.checks.catalogue import Check

FOLDER = Path(__file__).parent.parent / "sql" / "selftests"
BASE = FOLDER / "base.sql"
EXPECTS = re.compile(r"-- expects: ([0-9a-f-]{36})\n")

# What is planted holds locks; whoever it waits for may be waiting for it.
BE_BRIEF = "SET LOCAL lock_timeout = '5s'"
ENABLE = "UPDATE gouvernance.checks SET enabled = true WHERE code = %s"
# Every message and payload is made, as an evaluation makes them.
READ = """
    SELECT coalesce(sum(number) FILTER (WHERE entity_id = %s), 0), coalesce(max(number), 0), sum(made)
    FROM (
        SELECT entity_id, count(*) AS number, count(message) + count(payload) AS made
        FROM {view}
        GROUP BY entity_type, entity_id
    ) AS found
"""
RECORD = """
    INSERT INTO gouvernance.check_proofs AS p (check_code, proven_at, tried_at, failure)
    VALUES (%(code)s, CASE WHEN %(failure)s::text IS NULL THEN now() END, now(), %(failure)s)
    ON CONFLICT (check_code) DO UPDATE
        SET proven_at = coalesce(EXCLUDED.proven_at, p.proven_at),
            tried_at = EXCLUDED.tried_at, failure = EXCLUDED.failure
"""


class SelftestError(Exception):
    """The checks are not installed in this database; the French text says what to do."""


@dataclass(frozen=True)
class Outcome:
    """What the self-test of one check showed; `failure` is why it proved nothing, in French."""

    code: str
    failure: str | None

    def __str__(self) -> str:
        return f"{self.code} : {self.failure or 'prouvé'}"


def run(connection: BaseDatabaseWrapper, checks: Iterable[Check]) -> Iterator[Outcome]:
    """Try each check as the owner, record its outcome in `gouvernance.check_proofs`, and yield it.

    Raises SelftestError when one of them is not installed; those before it are recorded.
    """
    for check in checks:
        outcome = prove(connection, check)
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(RECORD, {"code": outcome.code, "failure": outcome.failure})
        yield outcome


def prove(connection: BaseDatabaseWrapper, check: Check) -> Outcome:
    """Plant the check's fault and look for it, in a transaction that is always rolled back.

    Raises SelftestError when the check is not installed.
    """
    if reason := _why_impossible(connection, check):
        return Outcome(check.code, pgettext("sql", "impossible ici : %s") % reason)
    expected, fault = read_fault(check)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        try:
            cursor.execute(BE_BRIEF)
            cursor.execute(ENABLE, [check.code])
            cursor.execute(BASE.read_text(encoding="utf-8"))
            cursor.execute(fault)
        except DatabaseError as error:  # a trigger or a constraint of this installation's own
            failure: str | None = pgettext("sql", "plantation refusée par la base : %s") % _message(
                error
            )
        else:
            failure = _failure(cursor, check, expected)
        transaction.set_rollback(True, using=connection.alias)
    return Outcome(check.code, failure)


def read_fault(check: Check) -> tuple[str, str]:
    """The entity that must be reported, and the SQL that plants the fault.

    Raises ValueError when the file does not begin with `-- expects: <uuid>`.
    """
    path = FOLDER / f"{check.code.lower()}.sql"
    sql = path.read_text(encoding="utf-8")
    expects = EXPECTS.match(sql)
    if not expects:
        raise ValueError(f"{path.name} : la première ligne doit être « -- expects: <uuid> ».")
    return expects[1], sql


def _why_impossible(connection: BaseDatabaseWrapper, check: Check) -> str | None:
    """Why this installation can't have the check; None when it has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('gouvernance.checks') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute(
                "SELECT install_error FROM gouvernance.checks WHERE code = %s", [check.code]
            )
            if row := cursor.fetchone():
                return row[0]
    raise SelftestError(
        f"{check.code} n’est pas installé dans cette base : lancez d’abord manage.py contract deploy."
    )


def _failure(cursor: CursorWrapper, check: Check, expected: str) -> str | None:
    try:
        cursor.execute(READ.format(view=check.view), [expected])
    except DatabaseError as error:
        return pgettext("sql", "lecture en échec : %s") % _message(error)
    found, most, _ = cursor.fetchone()
    if found > 1 or most > 1:
        return gettext_noop("deux lignes pour une clé")
    return None if found else gettext_noop("n’a pas réagi")


def _message(error: DatabaseError) -> str:
    """PostgreSQL's message on one line."""
    return str(error).partition("\n")[0]
