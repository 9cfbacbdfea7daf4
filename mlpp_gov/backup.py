"""Backup of what this project keeps in an ML_PP database, its restoration, and a rehearsal of both.

A backup is a folder: the schema `gouvernance` and the table of the alerts, each as an archive of
pg_dump, and a manifest of what their tables held, all three of one snapshot. ML_PP's own tables are in
ML_PP's backups. What is code comes back by `contract deploy`: the view of the checks, the indexes on
ML_PP's tables, the settings of the application's login.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg.conninfo import make_conninfo

from mlpp_gov import contract, embedded
from mlpp_gov.database import STANDIN_SQL
from mlpp_gov.templatetags.governance import number

QUERIES = Path(__file__).resolve().parent / "sql" / "backup"
SCHEMA_ARCHIVE = "gouvernance.dump"
ALERTS_ARCHIVE = "system_alerts.dump"
MANIFEST = "manifeste.json"
NOT_KEPT = ("gouvernance.django_session", "gouvernance.procrastinate_*")  # as in tables.sql

# Settings by which the text of one and the same row would differ.
ONE_WAY_TO_WRITE = """
    SET LOCAL search_path = '';
    SET LOCAL row_security = off;
    SET LOCAL timezone = 'UTC';
    SET LOCAL datestyle = 'ISO, YMD';
    SET LOCAL intervalstyle = 'iso_8601';
    SET LOCAL bytea_output = 'hex';
    SET LOCAL extra_float_digits = 1
"""
MAKE_LOGIN = """
    DO $$ BEGIN
        IF pg_catalog.to_regrole('mlpp_gov_app') IS NULL THEN
            CREATE ROLE mlpp_gov_app NOLOGIN NOINHERIT;
        END IF;
    END $$
"""
UNDO = """
    DROP SCHEMA IF EXISTS gouvernance CASCADE;
    DROP TABLE IF EXISTS public.system_alerts CASCADE
"""


class BackupError(Exception):
    """The backup can't be made or restored, or is not what it was; the French text says why."""


@dataclass(frozen=True)
class Table:
    """What one table held; `digest` is the SHA-256 of content.sql."""

    name: str
    journal: bool
    rows: int
    digest: str

    def __str__(self) -> str:
        return f"{self.name} : {_lines(self.rows)}, {self.digest[:16]}"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, by which a restoration is judged."""

    taken_at: str  # ISO 8601, UTC
    release: str
    server: str
    tables: tuple[Table, ...]

    @property
    def journals(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.journal)

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        return f"{len(self.tables)} tables, {_lines(rows)}"


def dump(connection: BaseDatabaseWrapper, folder: Path) -> Manifest:
    """Write a backup into `folder`, which must not exist; reads one snapshot and changes nothing.

    Raises BackupError when the contract is not installed, or when the folder or pg_dump refuses; no
    folder is left then.
    """
    try:
        folder.mkdir(mode=0o700)  # it holds password hashes
    except OSError as error:
        raise BackupError(f"{folder} : dossier impossible à créer ({error.strerror}).") from error
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_catalog.pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            manifest = _manifest(cursor)
            common = (
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--dbname={_address(connection)}",
            )
            left_out = (f"--exclude-table-data={pattern}" for pattern in NOT_KEPT)
            schema = ("--schema=gouvernance", *left_out, f"--file={folder / SCHEMA_ARCHIVE}")
            alerts = ("--table=public.system_alerts", f"--file={folder / ALERTS_ARCHIVE}")
            _run(connection, "pg_dump", *common, *schema)
            _run(connection, "pg_dump", *common, *alerts)
        (folder / MANIFEST).write_text(
            json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def restore(connection: BaseDatabaseWrapper, folder: Path) -> Manifest:
    """Put a backup into a database that has ML_PP's tables and nothing of ours; return its manifest.

    Raises BackupError when the database is not so, when pg_restore refuses, and when what was restored
    is not what the manifest says; nothing stays of it then.
    """
    manifest = _read(folder)
    _require_room(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(MAKE_LOGIN)
        # The functions and views of the schema may name the table, whose triggers call the functions.
        _put(connection, folder / ALERTS_ARCHIVE, "--section=pre-data")
        _put(connection, folder / SCHEMA_ARCHIVE)
        _put(connection, folder / ALERTS_ARCHIVE, "--section=data", "--section=post-data")
        _compare(connection, manifest)
    except BaseException:
        with connection.cursor() as cursor:
            cursor.execute(UNDO)
        raise
    return manifest


def reinstall(connection: BaseDatabaseWrapper) -> str:
    """Deploy over what was restored, for all that a backup does not hold; say how it conforms.

    Raises contract.ContractError when an object of ours does not.
    """
    native = [state for state in contract.deploy(connection) if not state.conforms]
    if native:
        return "Contrat redéployé. Diffèrent encore, comme avant : " + " ; ".join(map(str, native))
    return f"Contrat redéployé et conforme : {len(contract.OBJECTS)} objets"


def rehearse(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Back up, restore into a database made for it on the same server, prove it whole, and yield what
    each step found. The database is read, never written; the other one is dropped whatever happens.

    Raises BackupError or contract.ContractError where a step fails.
    """
    with tempfile.TemporaryDirectory(prefix="mlpp-gouvernance-") as parent:
        folder = Path(parent) / "sauvegarde"
        manifest = dump(connection, folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        yield f"Sauvegarde : {manifest}, {number(size // 1024)} Kio"
        with _scratch(connection) as scratch:
            with scratch.cursor() as cursor:
                cursor.execute(STANDIN_SQL.read_text(encoding="utf-8"))
            yield f"Base vide {scratch.settings_dict['NAME']}, schéma de remplacement de ML_PP"
            restore(scratch, folder)
            journals = "".join(f"\n          {journal}" for journal in manifest.journals)
            yield f"Restauration : {manifest}, toutes identiques ; journaux intacts :{journals}"
            yield reinstall(scratch)
            yield f"Évaluation dans la base restaurée : {_evaluate(scratch)}"
        yield "Base de répétition effacée"


def _manifest(cursor: CursorWrapper) -> Manifest:
    """What the tables of this transaction hold. Raises BackupError when the contract is not installed."""
    cursor.execute(ONE_WAY_TO_WRITE)
    cursor.execute((QUERIES / "tables.sql").read_text(encoding="utf-8"))
    named = cursor.fetchall()
    if not any(journal for _, journal in named):
        raise BackupError("Rien à sauvegarder : le contrat n’est pas installé dans cette base.")
    content = (QUERIES / "content.sql").read_text(encoding="utf-8")
    tables = []
    for name, journal in named:
        cursor.execute(content.replace("{{ table }}", name))  # as PostgreSQL quotes it
        tables.append(Table(name, journal, *cursor.fetchone()))
    cursor.execute(
        "SELECT to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), current_setting('server_version')"
    )
    taken_at, server = cursor.fetchone()
    return Manifest(taken_at, settings.APP_RELEASE, server, tuple(tables))


def _read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError when the folder is none."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        tables = tuple(Table(**table) for table in content.pop("tables"))
        manifest = Manifest(**content, tables=tables)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{folder} n’est pas une sauvegarde : {MANIFEST} illisible.") from error
    for archive in (SCHEMA_ARCHIVE, ALERTS_ARCHIVE):
        if not (folder / archive).is_file():
            raise BackupError(f"{folder} n’est pas une sauvegarde : {archive} manque.")
    return manifest


def _require_room(connection: BaseDatabaseWrapper) -> None:
    """Raises BackupError unless the database has ML_PP's tables and nothing that a backup brings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('public.v_stock_actuel') IS NOT NULL,"
            " concat_ws(' et ',"
            " CASE WHEN to_regnamespace('gouvernance') IS NOT NULL THEN 'le schéma gouvernance' END,"
            " CASE WHEN to_regclass('public.system_alerts') IS NOT NULL"
            " THEN 'la table public.system_alerts' END)"
        )
        has_ml_pp, present = cursor.fetchone()
    if present:
        raise BackupError(
            f"Cette base contient déjà {present} : une sauvegarde ne se restaure que dans une base "
            "sans eux (docs/restauration.md)."
        )
    if not has_ml_pp:
        raise BackupError("Cette base n’a pas les tables de ML_PP : restaurez-les d’abord.")


def _put(connection: BaseDatabaseWrapper, archive: Path, *sections: str) -> None:
    """Restore an archive but for the default rights, which name the owner of the other database:
    `contract deploy` gives them to this one's."""
    contents = _run(connection, "pg_restore", "--list", str(archive))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="mlpp-gouvernance-") as wanted:
        wanted.writelines(
            f"{line}\n" for line in contents.splitlines() if "DEFAULT ACL" not in line
        )
        wanted.flush()
        _run(
            connection,
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            f"--dbname={_address(connection)}",
            f"--use-list={wanted.name}",
            *sections,
            str(archive),
        )


def _compare(connection: BaseDatabaseWrapper, manifest: Manifest) -> None:
    """Raises BackupError naming every table that is not what the manifest says."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        found = {table.name: table for table in _manifest(cursor).tables}
    said = {table.name: table for table in manifest.tables}
    different = [
        f"{name} : {_held(said.get(name))} dans la sauvegarde, {_held(found.get(name))} restaurée"
        for name in sorted(found.keys() | said)
        if found.get(name) != said.get(name)
    ]
    if different:
        raise BackupError("La base restaurée n’est pas la sauvegarde :\n" + "\n".join(different))


def _held(table: Table | None) -> str:
    return f"{_lines(table.rows)} ({table.digest[:16]})" if table else "absente"


def _evaluate(connection: BaseDatabaseWrapper) -> str:
    """Let the restored functions, triggers and numbers write as they would in service."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opened, resolved, failing FROM gouvernance.sync_alerts()")
        opened, resolved, failing = cursor.fetchone()
    if failing:
        raise BackupError(f"Contrôles en échec dans la base restaurée : {', '.join(failing)}.")
    return f"alertes ouvertes {number(opened)}, résolues {number(resolved)}"


@contextmanager
def _scratch(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """An empty database of a name that nothing has, on the same server; dropped at the end.

    Raises BackupError when the owner may not create databases.
    """
    name = f"gouvernance_repetition_{secrets.token_hex(6)}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    except DatabaseError as error:
        raise BackupError(f"La base de répétition ne peut pas être créée. {error}") from error
    scratch = connection.copy(alias=name)
    scratch.settings_dict["NAME"] = name
    connections[name] = scratch
    try:
        yield scratch
    finally:
        scratch.close()
        del connections[name]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address(connection: BaseDatabaseWrapper) -> str:
    """What Django connects with, as a connection string without password."""
    return make_conninfo(
        **{  # type: ignore[arg-type]  # its stub knows texts only
            name: given
            for name, given in connection.get_connection_params().items()
            if isinstance(given, str | int) and name != "password"
        }
    )


def _run(connection: BaseDatabaseWrapper, program: str, *arguments: str) -> str:
    """What pg_dump or pg_restore prints, one that fits the server of a connection.

    Raises BackupError when there is none, or with the end of what it says.
    """
    connection.ensure_connection()
    session = connection.connection.info
    done = subprocess.run(
        [_program(program, session.server_version), *arguments],
        env={**os.environ, "PGPASSWORD": session.password},  # arguments are everybody's to see
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} a échoué :\n" + "\n".join(done.stderr.splitlines()[-8:]))
    return done.stdout


def _program(name: str, server_version: int) -> Path:
    """The pg_dump or pg_restore of the server's own version, else the oldest that is newer.

    From 17 on, pg_restore sets a parameter that servers before 17 refuse, and only it reads what its own
    pg_dump wrote. Raises BackupError when none fits.
    """
    candidates = [Path(path)] if (path := shutil.which(name)) else []
    with suppress(embedded.EmbeddedError):  # not installed, as in production
        candidates.append(embedded.binaries() / name)
    server = server_version // 10000
    fitting = [
        (major, candidate)
        for candidate in candidates
        if (major := _major(candidate)) >= server and (server >= 17 or major < 17)
    ]
    if not fitting:
        raise BackupError(
            f"{name} manque dans la version du serveur : installez le client de PostgreSQL {server} "
            f"(Debian : postgresql-client-{server})."
        )
    return min(fitting)[1]


def _major(program: Path) -> int:
    """Major version that a program of PostgreSQL says of itself; 0 when it says none."""
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(version[1]) if version else 0


def _lines(rows: int) -> str:
    return f"{number(rows)} ligne{'s' * (rows > 1)}"
