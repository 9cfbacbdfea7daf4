"""Attaching to an ML_PP database that already runs: everything native stays, and everything works.

On a server of each PostgreSQL at hand, so that the owner, who is not a superuser, creates the
application's login themself, as on Supabase.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from mlpp_gov.contract import OBJECTS
from mlpp_gov.database import STANDIN_SQL
from mlpp_gov.embedded import APP_LOGIN, UNPRIVILEGED
from tests.sql.conftest import PG_DUMP

ROOT = Path(__file__).resolve().parents[2]
OLDER_INSTALLATION = Path(__file__).with_name("older_installation.sql")
SERVERS = {
    "embedded": PG_DUMP.parent,
    **{
        path.parents[1].name: path.parent
        for path in Path("/usr/lib/postgresql").glob("1[5-8]/bin/initdb")
    },
}
OWNER = "mlpp_owner"

ADMIN, DIRECTEUR, PCA, GERANT, TWO_PROFILES = (
    f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 6)
)
OPEN, ACKNOWLEDGED, RESOLVED_TOO_EARLY = (
    f"a0000000-0000-4000-8000-00000000000{n}" for n in range(1, 4)
)


@dataclass(frozen=True)
class Installation:
    """One database of a server that listens on a socket in `folder`."""

    folder: Path
    name: str = "postgres"

    def url(self, login: str) -> str:
        return f"postgresql://{login}@:5432/{self.name}?host={quote(str(self.folder), safe='')}"

    def run(self, sql: str, login: str = "postgres") -> None:
        with closing(psycopg.connect(self.url(login), autocommit=True)) as connection:
            connection.execute(sql)

    @contextmanager
    def acting_as(self, role: str, person: str = "") -> Iterator[Connection]:
        """A transaction with that role and that person's claims; nothing of it stays."""
        with closing(psycopg.connect(self.url("postgres"))) as connection:
            connection.execute(
                "SELECT set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
                [role, f'{{"sub": "{person}", "role": "{role}"}}' if person else ""],
            )
            yield connection

    def copy(self, name: str) -> "Installation":
        copy = Installation(self.folder, name)
        Installation(self.folder).run(f"CREATE DATABASE {name} TEMPLATE {self.name} OWNER {OWNER}")
        return copy

    def manage(self, *arguments: str) -> str:
        """What `manage.py …` prints, with the owner's URL and the application's."""
        urls = {"DATABASE_OWNER_URL": self.url(OWNER), "DATABASE_URL": self.url(APP_LOGIN)}
        result = subprocess.run(
            [sys.executable, ROOT / "manage.py", *arguments],
            env=os.environ | urls,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def schema(self, *options: str) -> str:
        """The schema with its rights, as pg_dump prints it."""
        return subprocess.run(
            [PG_DUMP, "--schema-only", "--restrict-key=fixed", *options, self.url("postgres")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of ML_PP's tables, as text."""
        with self.acting_as("postgres") as connection:
            tables = connection.execute(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace IN ('public'::regnamespace, 'auth'::regnamespace)"
            ).fetchall()
            return {
                table: connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1").fetchall()
                for (table,) in tables
            }


def as_server_account() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    return {"user": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}


@pytest.fixture(scope="module", params=SERVERS.values(), ids=SERVERS.keys())
def older(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """The older installation, on a server where nothing of ours ever was."""
    binaries: Path = request.param
    folder = Path(tempfile.mkdtemp(prefix="mlpp-attach-"))
    cluster = folder / "cluster"
    if os.geteuid() == 0:
        folder.chmod(0o755)
        shutil.chown(folder, UNPRIVILEGED)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, f"--pgdata={cluster}", *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
            **as_server_account(),
        )

    try:
        run(
            "initdb",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        )
        options = f"-k {folder} -p 5432 -c listen_addresses= -c fsync=off"
        run("pg_ctl", "start", "-w", "-o", options, "-l", str(cluster / "log"))
        try:
            Installation(folder).run("CREATE DATABASE older")
            installation = Installation(folder, "older")
            installation.run(STANDIN_SQL.read_text(encoding="utf-8"))
            installation.run(OLDER_INSTALLATION.read_text(encoding="utf-8"))
            yield installation
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def attached(older: Installation) -> Installation:
    """The older installation after the guide's steps, before its first evaluation."""
    installation = older.copy("attached")
    installation.manage("contract", "deploy")
    installation.run(f"ALTER ROLE {APP_LOGIN} LOGIN PASSWORD 'secret'", login=OWNER)
    installation.manage("migrate", "--database=owner")
    return installation


def test_the_owner_is_not_a_superuser(attached: Installation) -> None:
    with attached.acting_as(OWNER) as connection:
        owned = connection.execute(
            "SELECT r.rolsuper, p.proowner = r.oid FROM pg_proc AS p, pg_roles AS r"
            " WHERE p.oid = 'gouvernance.role_of(uuid)'::regprocedure AND r.rolname = current_user"
        ).fetchone()
    assert owned == (False, True)


def test_nothing_native_is_altered(older: Installation, attached: Installation) -> None:
    ours = re.compile(r"CREATE (TRIGGER (zz_)?gouvernance_|POLICY gouvernance_|INDEX gouvernance_)")

    def native(installation: Installation) -> list[str]:
        schema = installation.schema("--schema=public", "--schema=auth")
        parts = re.sub(r"^(--|SET ).*", "", schema, flags=re.M).split(";\n")
        return sorted(part.strip() for part in parts if not ours.match(part.strip()))

    assert native(attached) == native(older)
    assert attached.schema() != older.schema()


def test_every_row_is_kept_byte_for_byte(older: Installation, attached: Installation) -> None:
    assert attached.rows() == older.rows()


def test_the_history_of_existing_alerts_is_imported(attached: Installation) -> None:
    with attached.acting_as("postgres") as connection:
        unimported = connection.execute(
            "SELECT count(*) FROM public.system_alerts AS a WHERE NOT EXISTS ("
            "     SELECT FROM gouvernance.alert_periods AS p WHERE p.alert_id = a.id"
            "         AND (p.number, p.ended_at IS NOT NULL) = (1, a.status = 'RESOLVED'))"
        ).fetchone()
        history = connection.execute(
            "SELECT kind, source, actor::text, at::date::text FROM gouvernance.alert_events"
            " WHERE alert_id = %s ORDER BY id",
            [RESOLVED_TOO_EARLY],
        ).fetchall()

    assert unimported == (0,)
    assert history == [
        ("opened", "import", None, "2026-02-04"),
        ("acknowledged", "import", DIRECTEUR, "2026-02-05"),
        ("resolved", "import", DIRECTEUR, "2026-02-06"),
    ]


def test_the_application_evaluates(attached: Installation) -> None:
    installation = attached.copy("evaluated")

    printed = installation.manage("sync_alerts")

    # opened: truck c-4, and person 5 who has two profiles
    assert printed == "ouvertes 2, rafraîchies 2, rouvertes 1, résolues 3\n"


def test_a_backup_comes_back_beside_ml_pp_for_an_owner_who_is_no_superuser(
    older: Installation, attached: Installation, tmp_path: Path
) -> None:
    attached.manage("backup", "dump", str(tmp_path / "sauvegarde"))
    restored = older.copy("restored")  # ML_PP's own backup, without the table of the alerts
    restored.run("DROP TABLE public.system_alerts CASCADE", login=OWNER)

    printed = restored.manage("backup", "restore", str(tmp_path / "sauvegarde"))

    assert "toutes identiques" in printed
    assert "Diffèrent encore, comme avant : v_integrity_checks : " in printed
    alerts = "--table=public.system_alerts"
    assert restored.schema(alerts) == attached.schema(alerts)


def test_an_older_trigger_does_not_rewrite_who_acknowledged(attached: Installation) -> None:
    with attached.acting_as("postgres") as connection:
        actors = "SELECT acknowledged_by, acknowledged_at FROM public.system_alerts WHERE id = %s"
        before = connection.execute(actors, [ACKNOWLEDGED]).fetchone()
        connection.execute("SET LOCAL ROLE mlpp_owner")
        connection.execute("SELECT gouvernance.sync_alerts()")
        assert connection.execute(actors, [ACKNOWLEDGED]).fetchone() == before


ACKNOWLEDGE = "UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s"


def test_a_directeur_acknowledges_although_the_older_policy_matches_nobody(
    older: Installation, attached: Installation
) -> None:
    with older.acting_as("authenticated", DIRECTEUR) as connection:
        assert connection.execute(ACKNOWLEDGE, [OPEN]).rowcount == 0

    with attached.acting_as("authenticated", DIRECTEUR) as connection:
        assert connection.execute(ACKNOWLEDGE, [OPEN]).rowcount == 1
        event = connection.execute(
            "SELECT kind, source, actor::text, details FROM gouvernance.alert_events"
            " WHERE alert_id = %s ORDER BY id DESC LIMIT 1",
            [OPEN],
        ).fetchone()
    assert event == ("acknowledged", "person", DIRECTEUR, {})


@pytest.mark.parametrize(
    ("person", "seen"),
    [(ADMIN, 9), (DIRECTEUR, 9), (PCA, 9), (GERANT, 0), (TWO_PROFILES, 0)],
    ids=["admin", "directeur", "pca", "gerant", "directeur and gerant"],
)
def test_an_older_open_policy_lets_nobody_else_see(
    older: Installation, attached: Installation, person: str, seen: int
) -> None:
    count = "SELECT count(*) FROM public.system_alerts"
    with older.acting_as("authenticated", person) as connection:
        assert connection.execute(count).fetchone() == (9,)

    with attached.acting_as("authenticated", person) as connection:
        assert connection.execute(count).fetchone() == (seen,)


def test_anon_no_longer_sees_an_alert(older: Installation, attached: Installation) -> None:
    count = "SELECT count(*) FROM public.system_alerts"
    with older.acting_as("anon") as connection:
        assert connection.execute(count).fetchone() == (9,)

    with attached.acting_as("anon") as connection:
        assert connection.execute(count).fetchone() == (0,)


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "attempt",
    [
        "TRUNCATE public.system_alerts",
        "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
        " VALUES ('X', 'WARN', 'CDR', gen_random_uuid(), 'faux')",
    ],
    ids=["truncate", "insert"],
)
def test_rights_that_are_too_wide_are_of_no_use(
    attached: Installation, role: str, attempt: str
) -> None:
    with (
        attached.acting_as(role, DIRECTEUR) as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute(attempt)


@pytest.mark.parametrize(
    "attempt",
    ["SELECT * FROM gouvernance.alert_events", "SELECT gouvernance.sync_alerts()"],
)
def test_anon_reaches_nothing_of_ours(attached: Installation, attempt: str) -> None:
    with attached.acting_as("anon") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(attempt)


@pytest.mark.parametrize("role", ["anon", "service_role"])
def test_the_older_evaluation_runs_beside_ours_and_is_journalled_as_the_system_s(
    attached: Installation, role: str
) -> None:
    with attached.acting_as(role) as connection:
        connection.execute("SELECT public.sync_system_alerts_from_integrity()")
        connection.execute("SET LOCAL ROLE mlpp_owner")
        journal = connection.execute(
            "SELECT kind, count(*) FROM gouvernance.alert_events"
            " WHERE source = 'system' AND actor IS NULL AND sync_run IS NULL GROUP BY kind"
        ).fetchall()
        ours = connection.execute("SELECT * FROM gouvernance.sync_alerts()").fetchone()

    assert dict(journal) == {"opened": 1, "refreshed": 2, "reopened": 1, "resolved": 3}
    assert ours == (1, 4, 0, 0, []), "somebody there has two profiles, which only our check sees"


def test_status_says_what_is_whose_and_what_risk_it_carries(attached: Installation) -> None:
    lines = attached.manage("contract", "status").splitlines()

    heading = lines.index("Risques :")
    assert lines[heading - 1].startswith("Index facultatifs : ")
    states = [line.split()[:3] for line in lines[: heading - 1] if not line.startswith(" ")]
    native = {
        "v_integrity_checks": ["natif", "options"],
        "system_alerts": ["natif", "triggers"],
    }
    assert states == [
        [sql_object.name, *native.get(sql_object.name, ["à", "nous"])] for sql_object in OBJECTS
    ]
    assert any("droits sur public.v_integrity_checks : en trop anon: " in line for line in lines)
    sync = "fonction public.sync_system_alerts_from_integrity(integer)"
    table = "table public.system_alerts"
    assert [line.strip() for line in lines[heading + 1 :]] == [
        "fonction public.app_current_role() : LIMIT sans ORDER BY : "
        "de deux profils d’une personne, le hasard choisit",
        "fonction public.app_current_role() : SECURITY DEFINER sans search_path fixé",
        "fonction public.app_current_role() : SECURITY DEFINER, exécutable par anon",
        f"{sync} : LIMIT sans ORDER BY : des CRITICAL peuvent ne jamais arriver",
        f"{sync} : SECURITY DEFINER sans search_path fixé",
        f"{sync} : SECURITY DEFINER, exécutable par anon",
        f"{sync} : appelée par une personne, même sans droit sur les alertes, elle agit en son nom",
        f"{sync} : tant qu’elle tourne, elle rouvre ce qu’une personne a accepté",
        "policy system_alerts_lecture : {public}, permissive : elle vaut aussi pour anon "
        "(retenu par nos policies)",
        "policy system_alerts_select_authenticated : USING (true), permissive : "
        "elle ouvre toutes les alertes (retenu par nos policies)",
        "policy system_alerts_update_admin_directeur : elle compare profils.id à auth.uid() : "
        "0 ligne modifiée, sans erreur (la nôtre, à côté, laisse agir qui le doit)",
        f"{table} : droits trop larges : anon : SELECT, INSERT, UPDATE, DELETE, TRUNCATE ; "
        "authenticated : INSERT, UPDATE, DELETE, TRUNCATE (retenu par nos policies et nos gardes)",
        "trigger trg_system_alerts_set_actor : ancien : il écrit acteurs et dates à sa façon "
        "(nos gardes ont le dernier mot)",
        "vue public.v_integrity_checks : lisible par anon, sans security_invoker : "
        "elle montre tout à Internet",
    ]


def test_the_view_is_replaced_on_demand_and_anon_no_longer_reads_it(attached: Installation) -> None:
    installation = attached.copy("replaced")
    read = "SELECT count(*) FROM public.v_integrity_checks"
    with installation.acting_as("anon") as connection:
        assert connection.execute(read).fetchone() == (4,)

    installation.manage("contract", "deploy", "--replace", "v_integrity_checks")

    with installation.acting_as("anon") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(read)
    assert "vue public.v_integrity_checks" not in installation.manage("contract", "status")


@pytest.mark.parametrize(
    "replace", [[], ["--replace", "v_integrity_checks"]], ids=["kept", "replaced"]
)
def test_revert_leaves_the_installation_byte_for_byte_as_it_was(
    older: Installation, replace: list[str]
) -> None:
    installation = older.copy(f"reverted_{len(replace)}")
    installation.manage("contract", "deploy", *replace)

    installation.manage("contract", "revert", "--no-input")

    assert installation.schema() == older.schema()
    assert installation.rows() == older.rows()
