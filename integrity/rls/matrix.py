"""What each role can do to each table, by trying: as anon, as somebody of each ML_PP role, as the server.

Everything is tried in a read-only transaction that is rolled back. SELECT is run for one row. Writing is
only explained: PostgreSQL checks the rights when it starts a statement, EXPLAIN included, and neither rows
nor triggers come into it. Which rows a write would reach is then read, with the policies' own conditions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from integrity.rls import audit
from integrity.rls.catalogue import FACTS, SQL
from mlpp_gov.roles import Role
from mlpp_gov.sentences import pgettext_noop

RELATIONS = SQL / "rls_matrix" / "relations.sql"
TRY = SQL / "rls_matrix" / "try.sql"
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
ROLES = ["anon", "authenticated", "service_role", "mlpp_gov_app"]
# PostgREST's path; waiting for a lock, or for a policy that reads everything, is not worth a cell.
SURROUNDINGS = """
    SET LOCAL search_path = public, extensions;
    SET LOCAL lock_timeout = '100ms';
    SET LOCAL statement_timeout = '2s';
    SET LOCAL transaction_read_only = on
"""
PEOPLE = """
    SELECT DISTINCT ON (role) role, user_id
    FROM (
        SELECT user_id, min(role) AS role FROM public.profils GROUP BY user_id HAVING count(*) = 1
    ) AS person
    ORDER BY role, user_id
"""
BECOME = """
    SELECT set_config('request.jwt.claims', %s, true), set_config('role', %s, true)
"""


class Outcome(StrEnum):
    """What a trial showed, as it is stored and as a person reads it."""

    YES = pgettext_noop("sql", "oui")
    DEPENDS = pgettext_noop("sql", "selon la ligne")
    NONE = pgettext_noop("sql", "aucune ligne")
    DENIED = pgettext_noop("sql", "refusé")
    IMPOSSIBLE = pgettext_noop("sql", "sans objet")
    UNKNOWN = pgettext_noop("sql", "inconnu")


@dataclass(frozen=True)
class Visitor:
    """Somebody to try as; `claims` is None when this database has nobody of that kind."""

    label: str
    role: str  # PostgreSQL's
    claims: Mapping[str, str] | None


@dataclass(frozen=True)
class Relation:
    name: str
    kind: str
    bound: Sequence[str]  # the roles that row-level security holds there
    columns: Mapping[str, str]  # for each role, one that it may change if there is any
    policies: Sequence[Mapping[str, Any]]


def compute(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """The matrix, as it is stored: {visitors: [label], relations: [{name, cells: [[outcome] * 4]}]}.

    A cell has an outcome for each of COMMANDS. The login must be allowed to SET ROLE to each of ROLES:
    those it is not are « inconnu ». Raises django.db.DatabaseError.
    """
    with transaction.atomic(using=connection.alias):
        visitors = _visitors(connection)
        relations = _relations(connection)
        with connection.cursor() as cursor:
            cursor.execute(TRY.read_text(encoding="utf-8"))
        columns = [_as_visitor(connection, visitor, relations) for visitor in visitors]
        transaction.set_rollback(True, using=connection.alias)
    return {
        "visitors": [visitor.label for visitor in visitors],
        "relations": [
            {"name": relation.name, "cells": list(cells)}
            for relation, *cells in zip(relations, *columns, strict=True)
        ],
    }


def _visitors(connection: BaseDatabaseWrapper) -> list[Visitor]:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(PEOPLE)
            people: dict[str, UUID] = dict(cursor.fetchall())
    except DatabaseError:  # not ML_PP's profils
        people = {}
    return [
        Visitor("anon", "anon", {"role": "anon"}),
        *(Visitor(role.value, "authenticated", _claims(people.get(role))) for role in Role),
        Visitor(pgettext_noop("sql", "sans profil"), "authenticated", _claims(uuid4())),
        Visitor("service_role", "service_role", {"role": "service_role"}),
        Visitor("mlpp_gov_app", "mlpp_gov_app", {}),
    ]


def _claims(person: UUID | None) -> dict[str, str] | None:
    return {"sub": str(person), "role": "authenticated"} if person else None


def _relations(connection: BaseDatabaseWrapper) -> list[Relation]:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(audit.SURROUNDINGS)
        facts = FACTS.read_text(encoding="utf-8").replace("%", "%%")
        cursor.execute(facts + RELATIONS.read_text(encoding="utf-8"), {"roles": ROLES})
        rows = cursor.fetchall()
        transaction.set_rollback(True, using=connection.alias)
    return [
        Relation(name, kind, bound, json.loads(columns), json.loads(policies))
        for name, kind, bound, columns, policies in rows
    ]


def _as_visitor(
    connection: BaseDatabaseWrapper, visitor: Visitor, relations: Sequence[Relation]
) -> list[list[Outcome]]:
    """A cell for each relation."""
    nothing = [Outcome.UNKNOWN] * len(COMMANDS)
    if visitor.claims is None:
        return [nothing] * len(relations)
    try:
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute(SURROUNDINGS)
                cursor.execute(BECOME, [json.dumps(visitor.claims), visitor.role])
            cells = [_try(connection, visitor.role, relation) or nothing for relation in relations]
            transaction.set_rollback(True, using=connection.alias)
    except DatabaseError:  # no such role, or this login may not become it
        return [nothing] * len(relations)
    return cells


def _try(connection: BaseDatabaseWrapper, role: str, relation: Relation) -> list[Outcome] | None:
    """The outcome of each command; None when PostgreSQL gave up."""
    trials = [_trial(command, role, relation) for command in COMMANDS]
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            statements = [statement for trial in trials for statement in trial]
            cursor.execute("SELECT pg_temp.try_statements(%s)", [statements])
            outcomes = iter(cursor.fetchone()[0])
            transaction.set_rollback(True, using=connection.alias)
    except DatabaseError:
        return None
    return [
        _verdict(command, role, relation, [next(outcomes) for _ in trial])
        for command, trial in zip(COMMANDS, trials, strict=True)
    ]


def _trial(command: str, role: str, relation: Relation) -> list[str]:
    """The statement to explain or run, then what reads the rows that a bound role would reach."""
    name = relation.name
    match command:
        case "SELECT":
            return [f"SELECT FROM {name} LIMIT 1"]
        case "INSERT":
            start = f"EXPLAIN INSERT INTO {name} DEFAULT VALUES"
        case "UPDATE":
            start = f"EXPLAIN UPDATE {name} SET {relation.columns.get(role)} = DEFAULT"
        case _:
            start = f"EXPLAIN DELETE FROM {name}"
    condition = _condition(command, role, relation)
    if condition is None:
        return [start]
    source = "" if _is_decided_by_person(command, role, relation) else f"FROM {name} "
    return [start, f"SELECT {source}WHERE {condition} LIMIT 1"]


def _verdict(command: str, role: str, relation: Relation, found: Sequence[str]) -> Outcome:
    started, *reached = found
    if command == "SELECT" and started in ("rows", "none"):
        return Outcome.YES if started == "rows" else Outcome.NONE
    match started:
        case "denied":
            return Outcome.DENIED
        case "impossible":
            return Outcome.IMPOSSIBLE
        case "unknown":
            return Outcome.UNKNOWN
    if role not in relation.bound:  # of a view, the tables behind it decide
        return Outcome.DEPENDS if relation.kind == "v" else Outcome.YES
    nothing = Outcome.DENIED if command == "INSERT" else Outcome.NONE
    match reached:
        case []:  # no policy for it
            return nothing
        case ["rows"]:
            return Outcome.YES
        case ["none"] if command != "INSERT" or _is_decided_by_person(command, role, relation):
            return nothing
    return Outcome.DEPENDS


def _condition(command: str, role: str, relation: Relation) -> str | None:
    """What the policies ask of a row, in their own words; None when none of them lets anything through."""
    if role not in relation.bound:
        return None
    policies = list(_policies(command, role, relation))
    side = "check" if command == "INSERT" else "using"
    allowing = [p[side] for p in policies if p["permissive"] and p[side]]
    if not allowing:
        return None
    narrowing = [p[side] for p in policies if not p["permissive"] and p[side]]
    return " AND ".join([f"({' OR '.join(map(_group, allowing))})", *map(_group, narrowing)])


def _group(condition: str) -> str:
    return f"({condition})"


def _is_decided_by_person(command: str, role: str, relation: Relation) -> bool:
    """Whether who asks is all that the policies for an INSERT look at, and not the row."""
    policies = _policies(command, role, relation)
    return command == "INSERT" and not any(policy["reads_row"] for policy in policies)


def _policies(command: str, role: str, relation: Relation) -> Iterator[Mapping[str, Any]]:
    for policy in relation.policies:
        if policy["command"] in (command, "ALL") and role in policy["roles"]:
            yield policy
