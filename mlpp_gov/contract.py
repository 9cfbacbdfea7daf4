"""The SQL objects this project adds to an ML_PP database: deploy, verify, revert.

Each object is a folder with deploy.sql, verify.sql and revert.sql; a long deploy.sql is a folder of
parts, in the order of their names. ML_PP's own objects are never altered (contract, section 6): one that
already exists is left alone, or, for a view and only on request, replaced with what brings it back kept
in `gouvernance.contract_objects`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils.module_loading import import_string
from psycopg.errors import Diagnostic

from mlpp_gov import indexes

ROOT = Path(__file__).resolve().parent.parent
# The scripts, and the definitions that PostgreSQL prints, then name every schema.
QUALIFIED_NAMES = "SET LOCAL search_path = ''"
DEFINITIONS = ROOT / "mlpp_gov/sql/definitions.sql"
RESTORE_VIEW = ROOT / "mlpp_gov/sql/restore_view.sql"
RISKS = ROOT / "mlpp_gov/sql/risks.sql"
VERIFY_HELPERS = ROOT / "mlpp_gov/sql/verify_helpers.sql"
DIFFERENCE = "GV000"  # SQLSTATE of a warning of the verify helpers


class ContractError(Exception):
    """The contract can't be deployed, verified or reverted as asked; the French text says why."""


class Origin(StrEnum):
    ABSENT = "absent"
    OURS = "à nous"
    NATIVE = "natif"


@dataclass(frozen=True)
class SqlObject:
    """One folder of SQL; `relation` is the ML_PP relation that an installation may already have."""

    name: str
    folder: str
    relation: str | None = None
    replaceable: bool = False
    placeholders: str | None = None  # dotted path of a function: () -> {placeholder: SQL}

    def script(self, action: str) -> str:
        """Text of deploy, verify or revert, its placeholders filled in."""
        whole = ROOT / self.folder / f"{action}.sql"
        parts = [whole] if whole.exists() else sorted((ROOT / self.folder / action).glob("*.sql"))
        text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
        if self.placeholders:
            for placeholder, sql in import_string(self.placeholders)().items():
                text = text.replace(f"{{{{ {placeholder} }}}}", sql)
        return text

    def checksum(self) -> str:
        return hashlib.sha256(self.script("deploy").encode()).hexdigest()


# In the order of deployment; each may build on those before it.
OBJECTS = (
    SqlObject("gouvernance", "mlpp_gov/sql/gouvernance"),
    SqlObject("access_journal", "mlpp_gov/sql/access_journal"),
    SqlObject("astm53b", "integrity/sql/astm53b"),
    SqlObject("mouvements", "integrity/sql/mouvements"),
    SqlObject("profils", "integrity/sql/profils"),
    SqlObject(
        "catalogue",
        "integrity/sql/catalogue",
        placeholders="integrity.checks.catalogue.placeholders",
    ),
    SqlObject("simulation", "integrity/sql/simulation"),
    SqlObject(
        "v_integrity_checks",
        "integrity/sql/v_integrity_checks",
        relation="public.v_integrity_checks",
        replaceable=True,
    ),
    SqlObject("system_alerts", "alerts/sql/system_alerts", relation="public.system_alerts"),
    SqlObject("journal", "alerts/sql/journal"),
    SqlObject("news", "alerts/sql/news"),
    SqlObject("service_levels", "alerts/sql/service_levels"),
    SqlObject("kpis", "alerts/sql/kpis"),
    SqlObject("guards", "alerts/sql/guards"),
    SqlObject("sync", "alerts/sql/sync"),
    SqlObject("notifications", "alerts/sql/notifications"),
    SqlObject("access_alert", "alerts/sql/access_alert"),
    SqlObject("policies", "alerts/sql/policies"),
    SqlObject("rls_audits", "integrity/sql/rls_audits"),
    SqlObject("releases", "releases/sql/releases"),
    SqlObject("gate", "releases/sql/gate"),
    SqlObject("deployments", "releases/sql/deployments"),
    SqlObject("scenarios", "releases/sql/scenarios"),
    SqlObject("requests", "releases/sql/requests"),
    SqlObject("operations", "releases/sql/operations"),
    SqlObject("tracker", "releases/sql/tracker"),
)


@dataclass(frozen=True)
class State:
    """What `status` says of one object: whose it is and how it differs from the contract."""

    object: SqlObject
    origin: Origin
    outdated: bool = False
    differences: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        return self.origin is not Origin.ABSENT and not self.outdated and not self.differences

    def __str__(self) -> str:
        """On one line, what is to be said of an object that does not conform."""
        return f"{self.object.name} : {' · '.join(self.differences) or 'absent ou à redéployer'}"


@dataclass(frozen=True)
class Risk:
    """What an object that is not ours lets happen around the alerts, in an operator's words."""

    object: str
    risk: str


def find(name: str) -> SqlObject:
    """Return the object of that name. Raises ContractError listing the known ones."""
    for sql_object in OBJECTS:
        if sql_object.name == name:
            return sql_object
    known = ", ".join(sql_object.name for sql_object in OBJECTS)
    raise ContractError(f"Objet inconnu : {name}. Objets du contrat : {known}.")


def deploy(
    connection: BaseDatabaseWrapper,
    objects: Sequence[SqlObject] = OBJECTS,
    *,
    replace: frozenset[SqlObject] = frozenset(),
) -> list[State]:
    """Install `objects` in one transaction and verified, and return their states.

    Idempotent. A native relation is kept unless it is in `replace`.
    Raises ContractError when an object can't be replaced or installed, or fails its verification.
    """
    for sql_object in replace:
        if not sql_object.replaceable:
            raise ContractError(f"{sql_object.name} ne se remplace pas : seule une vue le peut.")
        if sql_object not in objects:
            raise ContractError(f"{sql_object.name} est à remplacer mais pas à déployer.")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(QUALIFIED_NAMES)
        before = _definitions(cursor)
        for sql_object in objects:
            _deploy_one(cursor, sql_object, replace=sql_object in replace)
        _record_definitions(cursor, before, whole=objects == OBJECTS)
        states = status(connection, objects)
        for state in states:
            if state.origin is Origin.OURS and state.differences:
                raise ContractError(str(state))
    return states


def _deploy_one(cursor: CursorWrapper, sql_object: SqlObject, *, replace: bool) -> None:
    origin = _origin(cursor, sql_object)
    restore_sql = None
    if origin is Origin.NATIVE:
        if not replace:
            return
        restore_sql = _restore_view_sql(cursor, sql_object)
    try:
        cursor.execute(sql_object.script("deploy"))
    except DatabaseError as error:
        raise ContractError(f"{sql_object.name} : déploiement refusé. {error}") from error
    cursor.execute(
        """
        INSERT INTO gouvernance.contract_objects (name, checksum, restore_sql) VALUES (%s, %s, %s)
        ON CONFLICT (name) DO UPDATE
            SET checksum = EXCLUDED.checksum, deployed_by = current_user, deployed_at = now()
            WHERE contract_objects.checksum <> EXCLUDED.checksum
        """,
        [sql_object.name, sql_object.checksum(), restore_sql],
    )


def _definitions(cursor: CursorWrapper) -> dict[str, str]:
    """Fingerprints of the bodies of what is ours, by name; none before the first deployment."""
    cursor.execute("SELECT to_regclass('gouvernance.contract_definitions') IS NOT NULL")
    if cursor.fetchone() == (False,):
        return {}
    cursor.execute(DEFINITIONS.read_text(encoding="utf-8"))
    return dict(cursor.fetchall())


def _record_definitions(cursor: CursorWrapper, before: dict[str, str], *, whole: bool) -> None:
    """Keep the fingerprints of what this deployment made; those it did not touch stay as they were."""
    after = _definitions(cursor)
    made = {name: value for name, value in after.items() if whole or before.get(name) != value}
    _forget_removed_definitions(cursor)
    cursor.executemany(
        "INSERT INTO gouvernance.contract_definitions (name, fingerprint) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET fingerprint = EXCLUDED.fingerprint",
        list(made.items()),
    )


def _forget_removed_definitions(cursor: CursorWrapper) -> None:
    cursor.execute(
        "DELETE FROM gouvernance.contract_definitions WHERE name <> ALL (%s)",
        [list(_definitions(cursor))],
    )


def _rewritten(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """What no longer is what was deployed."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(QUALIFIED_NAMES)
        now = _definitions(cursor)
        cursor.execute("SELECT name, fingerprint FROM gouvernance.contract_definitions")
        deployed = dict(cursor.fetchall())
    changed = sorted(name for name in now.keys() | deployed if now.get(name) != deployed.get(name))
    return (f"changé depuis le déploiement : {', '.join(changed)}",) if changed else ()


def verify(connection: BaseDatabaseWrapper, objects: Sequence[SqlObject] = OBJECTS) -> None:
    """Compare the database with the contract. Raises ContractError naming every difference."""
    differences = [str(state) for state in status(connection, objects) if not state.conforms]
    if differences:
        raise ContractError("\n".join(differences))


def revert(connection: BaseDatabaseWrapper, first: SqlObject = OBJECTS[0]) -> list[SqlObject]:
    """Remove `first` and every later object that is ours, newest first; return those removed.

    Native relations stay. A replaced view gets its saved definition back; the later objects, which
    then still have a view to read, stay when that view is what is reverted.
    Raises ContractError when PostgreSQL refuses, nothing being changed then.
    """
    removed = []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(QUALIFIED_NAMES)
        later = () if _saved_native(cursor, first) else OBJECTS[OBJECTS.index(first) + 1 :]
        for sql_object in reversed((first, *later)):
            if _origin(cursor, sql_object) is not Origin.OURS:
                continue
            try:
                cursor.execute(_saved_native(cursor, sql_object) or sql_object.script("revert"))
                if sql_object is not OBJECTS[0]:  # the first one takes the registry with it
                    cursor.execute(
                        "DELETE FROM gouvernance.contract_objects WHERE name = %s",
                        [sql_object.name],
                    )
            except DatabaseError as error:
                raise ContractError(f"{sql_object.name} : retrait refusé. {error}") from error
            removed.append(sql_object)
        if find("catalogue") in removed:
            indexes.remove(connection)
        if removed and OBJECTS[0] not in removed:
            _forget_removed_definitions(cursor)
    return removed


def status(connection: BaseDatabaseWrapper, objects: Sequence[SqlObject] = OBJECTS) -> list[State]:
    """Return the state of each object; reads only."""
    return [_state(connection, sql_object) for sql_object in objects]


def _state(connection: BaseDatabaseWrapper, sql_object: SqlObject) -> State:
    with connection.cursor() as cursor:
        origin = _origin(cursor, sql_object)
        if origin is Origin.ABSENT:
            return State(sql_object, origin)
        outdated = False
        if origin is Origin.OURS:
            cursor.execute(
                "SELECT checksum FROM gouvernance.contract_objects WHERE name = %s",
                [sql_object.name],
            )
            outdated = cursor.fetchone() != (sql_object.checksum(),)
    differences = _differences(connection, sql_object)
    if sql_object is OBJECTS[0] and not differences:
        differences = _rewritten(connection)
    return State(sql_object, origin, outdated, differences)


def _differences(connection: BaseDatabaseWrapper, sql_object: SqlObject) -> tuple[str, ...]:
    """What verify.sql finds, up to what it can't compare. The helpers leave with the rollback."""
    with _warnings(connection) as found:
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(VERIFY_HELPERS.read_text(encoding="utf-8"))
                cursor.execute(sql_object.script("verify"))
                transaction.set_rollback(True, using=connection.alias)
        except DatabaseError as error:
            found.append(str(error).splitlines()[0])
    return tuple(found)


@contextmanager
def _warnings(connection: BaseDatabaseWrapper) -> Iterator[list[str]]:
    """Collect the differences of which the verify helpers warn."""
    found: list[str] = []

    def collect(warning: Diagnostic) -> None:
        if warning.sqlstate == DIFFERENCE:
            found.append(warning.message_primary or "")

    connection.ensure_connection()
    psycopg_connection = connection.connection
    psycopg_connection.add_notice_handler(collect)
    try:
        yield found
    finally:
        psycopg_connection.remove_notice_handler(collect)


def risks(connection: BaseDatabaseWrapper) -> list[Risk]:
    """Return what ML_PP's own objects around the alerts let happen (contract, section 5); reads only."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(QUALIFIED_NAMES)
        cursor.execute(RISKS.read_text(encoding="utf-8"))
        return [Risk(*row) for row in cursor.fetchall()]


def _origin(cursor: CursorWrapper, sql_object: SqlObject) -> Origin:
    cursor.execute("SELECT to_regclass('gouvernance.contract_objects') IS NOT NULL")
    if cursor.fetchone() == (True,):
        cursor.execute(
            "SELECT EXISTS (SELECT FROM gouvernance.contract_objects WHERE name = %s)",
            [sql_object.name],
        )
        if cursor.fetchone() == (True,):
            return Origin.OURS
    if sql_object.relation:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [sql_object.relation])
        if cursor.fetchone() == (True,):
            return Origin.NATIVE
    return Origin.ABSENT


def _saved_native(cursor: CursorWrapper, sql_object: SqlObject) -> str | None:
    """SQL that brings back the native object which ours replaced, if it replaced one."""
    if _origin(cursor, sql_object) is not Origin.OURS:
        return None
    cursor.execute(
        "SELECT restore_sql FROM gouvernance.contract_objects WHERE name = %s", [sql_object.name]
    )
    return cursor.fetchone()[0]


def _restore_view_sql(cursor: CursorWrapper, sql_object: SqlObject) -> str:
    """SQL that puts a native view back as it is now: definition, options, privileges in order."""
    cursor.execute(RESTORE_VIEW.read_text(encoding="utf-8"), {"view": sql_object.relation})
    create, revoke, grants = cursor.fetchone()
    return "\n".join([create.rstrip().rstrip(";") + ";", revoke, *grants])
