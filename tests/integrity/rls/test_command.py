"""`manage.py audit_rls`: for a person, for a machine, with any login, against any database."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.database import Database, create_database, drop_database, run_on_server, url_of

ROOT = Path(__file__).parents[3]
OLDER = ROOT / "tests/sql/older_installation.sql"
KEYS = {"finding", "level", "object", "detail", "fix", "accepted"}


def run(database, *arguments, **env):
    return subprocess.run(
        [sys.executable, "manage.py", "audit_rls", *arguments],
        cwd=ROOT,
        env={**database.env, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_sound_database_exits_with_0_in_both_formats(fresh_database):
    text, program = (run(fresh_database, "--format", form) for form in ("text", "json"))
    assert (text.returncode, program.returncode) == (0, 0), text.stderr + program.stderr
    assert "Policies {public} permissives : 0. bloquants 0, avertissements 0" in text.stdout
    assert (
        "Environnement\u00a0: development · Version du cockpit\u00a0: v0.0.0+0000000" in text.stdout
    )
    found = json.loads(program.stdout)
    assert (found["environment"], found["release"]) == ("development", "v0.0.0+0000000")
    (only,) = found["findings"]
    assert only.keys() == KEYS
    assert (only["finding"], only["level"], only["accepted"]) == ("FK_AUTH", "info", None)


def test_an_older_installation_fails_with_everything_that_is_wrong_with_it(template_database):
    name = "mlpp_older_rls"
    create_database(name)
    try:
        with psycopg.connect(url_of(name), autocommit=True) as connection:
            connection.execute((ROOT / "mlpp_gov/sql/standin.sql").read_text(encoding="utf-8"))
            connection.execute(OLDER.read_text(encoding="utf-8"))
            connection.execute("CREATE ROLE quidam LOGIN")

        older = Database(name)
        found = run(older, "--format", "json", DATABASE_URL=url_of(name, user="quidam"))
        assert found.returncode == 1
        assert "Constats bloquants" in found.stderr
        assert {(f["finding"], f["object"]) for f in json.loads(found.stdout)["findings"]} >= {
            ("PUBLIC_POLICY", "policy system_alerts_lecture ON public.system_alerts"),
            (
                "READ_ALWAYS_TRUE",
                "policy system_alerts_select_authenticated ON public.system_alerts",
            ),
            ("WRONG_ID", "policy system_alerts_update_admin_directeur ON public.system_alerts"),
            ("AUTH_PER_ROW", "policy system_alerts_lecture ON public.system_alerts"),
            ("ANON_GRANT", "public.system_alerts"),
            ("TRUNCATE_GRANT", "public.system_alerts"),
            ("VIEW_NOT_INVOKER", "public.v_integrity_checks"),
            ("VIEW_NOT_INVOKER", "public.v_stock_actuel"),
            ("DEFINER_ANON", "public.sync_system_alerts_from_integrity(integer)"),
            ("DEFINER_ANON", "public.app_current_role()"),
            ("DEFINER_SEARCH_PATH", "public.app_current_role()"),
            ("WRITE_WITHOUT_POLICY", "public.system_alerts (authenticated)"),
        }
    finally:
        drop_database(name)
        run_on_server("DROP ROLE IF EXISTS quidam")


def test_recording_keeps_the_audit_and_what_each_role_could_do(fresh_database):
    assert run(fresh_database, "--record").returncode == 0
    with fresh_database.app() as connection:
        row = connection.execute(
            "SELECT path, login, failing, matrix -> 'visitors' -> 0 FROM gouvernance.rls_audits"
        ).fetchone()
    assert row == ("command", "postgres", 0, "anon")


def test_recording_without_the_owner_says_what_is_missing(fresh_database):
    refused = run(fresh_database, "--record", DATABASE_OWNER_URL="")
    assert refused.returncode == 1
    assert "DATABASE_OWNER_URL est obligatoire" in refused.stderr


def test_another_file_of_acceptances_and_one_that_is_wrong(fresh_database, tmp_path):
    path = tmp_path / "accepted.toml"
    path.write_text(
        '[[accepted]]\nfinding = "FK_AUTH"\nobject = "constraint profils_user_id_fkey ON public.profils"\n'
        'reason = "Garder la personne est voulu."\nuntil = 9999-12-31\n',
        encoding="utf-8",
    )
    accepted = run(fresh_database, "--accepted", str(path))
    assert "informations 0, acceptés 1" in accepted.stdout
    assert "jusqu’au 31/12/9999 : Garder la personne est voulu." in accepted.stdout
    path.write_text("[[accepted]]\n", encoding="utf-8")
    wrong = run(fresh_database, "--accepted", str(path))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "Acceptation n° 1 : clé absente" in wrong.stderr


@pytest.mark.parametrize("arguments", [("--database", "rien"), ("--format", "xml")])
def test_an_unknown_choice_is_refused(fresh_database, arguments):
    assert run(fresh_database, *arguments).returncode == 2


def test_a_database_that_is_away_is_said_in_one_line(fresh_database):
    away = run(fresh_database, DATABASE_URL="postgresql://x@127.0.0.1:1/rien")
    assert away.returncode == 1
    assert "Audit impossible. PostgreSQL" in away.stderr
    assert "Traceback" not in away.stderr
