"""`manage.py backup`: what comes back is what was, in a database that then works; a refusal changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError

from tests.database import Database
from tests.sql.conftest import Dump, Manage

ADMIN = "00000000-0000-4000-8000-000000000001"
ROWS = f"""
    INSERT INTO auth.users (id, email) VALUES ('{ADMIN}', 'admin@example.org');
    INSERT INTO public.profils (user_id, nom_complet, role) VALUES ('{ADMIN}', 'Une personne', 'admin');
    INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message, payload)
    VALUES ('CDR_BLOQUE', 'WARN', 'CDR', gen_random_uuid(), 'É''\\', '{{"figure": 1e-7}}');
    UPDATE public.system_alerts SET status = 'RESOLVED';
    INSERT INTO gouvernance.access_events (at, event, reason, severity, method, route, role, user_agent,
        session, typed_name, detail, release, count)
    VALUES (now(), 'authz_fail', '', 'WARN', 'GET', 'alerts', 'pca', '', '', '', '', 'v1', 3);
    INSERT INTO gouvernance.django_session VALUES ('a', '', 'infinity');
"""
# Nobody of these may be left behind by a rehearsal.
SCRATCH = "SELECT count(*) FROM pg_database WHERE datname LIKE 'gouvernance_repetition_%'"


@pytest.fixture
def source(fresh_database: Database) -> Database:
    with fresh_database.owner() as connection:
        connection.execute(ROWS)
    return fresh_database


@pytest.fixture
def folder(source: Database, manage: Manage, tmp_path: Path) -> Path:
    manage(source, "backup", "dump", str(tmp_path / "sauvegarde"))
    return tmp_path / "sauvegarde"


def value(database: Database, sql: str) -> object:
    with database.owner() as connection:
        return connection.execute(sql).fetchone()[0]


def lines(schema: str) -> list[str]:
    """A condition on varchar that Django wrote is printed otherwise once it was read from its print."""
    return [line for line in schema.splitlines() if "::character varying" not in line]


def has_ours(database: Database) -> object:
    return value(
        database,
        "SELECT to_regnamespace('gouvernance') IS NOT NULL"
        " OR to_regclass('public.system_alerts') IS NOT NULL",
    )


def test_a_backup_names_its_journals_and_is_the_owners_alone(folder: Path) -> None:
    manifest = json.loads((folder / "manifeste.json").read_text(encoding="utf-8"))
    tables = {table["name"]: table for table in manifest["tables"]}

    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == [
        "gouvernance.dump",
        "manifeste.json",
        "system_alerts.dump",
    ]
    assert tables["gouvernance.alert_events"]["rows"] == 2
    assert {name for name, table in tables.items() if table["journal"]} >= {
        "gouvernance.access_events",
        "gouvernance.alert_events",
        "gouvernance.rls_audits",
    }
    assert "gouvernance.django_session" not in tables


def test_a_restored_database_is_the_one_that_was_and_works(
    source: Database, folder: Path, bare_database: Database, manage: Manage, dump: Dump
) -> None:
    everything = "SELECT string_agg(t::text, '\n' ORDER BY t::text) FROM {} AS t"

    printed = manage(bare_database, "backup", "restore", str(folder))

    assert "Contrat redéployé et conforme" in printed
    assert manage(bare_database, "contract", "verify") == "Contrat conforme.\n"
    manage(bare_database, "contract", "deploy")  # the indexes on ML_PP's tables
    assert lines(dump(bare_database)) == lines(dump(source))  # rights and default rights included
    for table in ("gouvernance.alert_events", "gouvernance.alert_periods", "public.system_alerts"):
        assert value(bare_database, everything.format(table)) == value(
            source, everything.format(table)
        )
    assert value(bare_database, "SELECT count(*) FROM gouvernance.django_session") == 0
    with bare_database.app() as connection:  # a role's settings in a database are in no dump
        assert connection.execute("SHOW search_path").fetchone() == ("gouvernance, public",)
        connection.execute("SELECT gouvernance.record_accesses('[]')")
    with bare_database.owner() as connection:
        connection.execute(
            "UPDATE public.system_alerts SET status = 'OPEN'"
        )  # draws the next number
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE gouvernance.alert_events SET actor = NULL")
    assert value(bare_database, "SELECT max(id) FROM gouvernance.alert_events") == 3


def test_a_journal_that_differs_from_the_backup_is_named_and_nothing_stays(
    folder: Path, bare_database: Database, manage: Manage
) -> None:
    path = folder / "manifeste.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    (journal,) = (t for t in manifest["tables"] if t["name"] == "gouvernance.alert_events")
    journal["digest"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(CommandError) as refusal:
        manage(bare_database, "backup", "restore", str(folder))

    first, *different = str(refusal.value).splitlines()
    assert first == "La base restaurée n’est pas la sauvegarde :"
    assert [line.split(" : ")[0] for line in different] == ["gouvernance.alert_events"]
    assert has_ours(bare_database) is False


def test_a_damaged_archive_leaves_nothing(
    folder: Path, bare_database: Database, manage: Manage
) -> None:
    archive = folder / "gouvernance.dump"
    archive.write_bytes(archive.read_bytes()[:-2000])

    with pytest.raises(CommandError, match="pg_restore a échoué"):
        manage(bare_database, "backup", "restore", str(folder))

    assert has_ours(bare_database) is False


def test_what_is_there_is_never_restored_over(
    source: Database, folder: Path, manage: Manage, dump: Dump
) -> None:
    before = dump(source)

    with pytest.raises(CommandError, match="contient déjà le schéma gouvernance et la table"):
        manage(source, "backup", "restore", str(folder))

    assert dump(source) == before


def test_a_database_without_ml_pp_is_refused(
    folder: Path, bare_database: Database, manage: Manage
) -> None:
    with bare_database.owner() as connection:
        connection.execute("DROP VIEW public.v_stock_actuel")

    with pytest.raises(CommandError, match="n’a pas les tables de ML_PP"):
        manage(bare_database, "backup", "restore", str(folder))


@pytest.mark.parametrize("missing", ["manifeste.json", "system_alerts.dump"])
def test_a_folder_that_is_no_whole_backup_is_refused(
    folder: Path, bare_database: Database, manage: Manage, missing: str
) -> None:
    (folder / missing).unlink()

    with pytest.raises(CommandError, match=rf"n’est pas une sauvegarde : {missing}"):
        manage(bare_database, "backup", "restore", str(folder))


def test_a_backup_never_replaces_another(source: Database, folder: Path, manage: Manage) -> None:
    before = {path: path.stat() for path in folder.iterdir()}

    with pytest.raises(CommandError, match="dossier impossible à créer"):
        manage(source, "backup", "dump", str(folder))

    assert {path: path.stat() for path in folder.iterdir()} == before


def test_a_client_that_does_not_fit_the_server_is_refused_by_name(
    source: Database, manage: Manage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "pg_dump"
    older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    older.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("mlpp_gov.embedded.find_spec", lambda _: None)

    with pytest.raises(CommandError, match="pg_dump manque dans la version du serveur"):
        manage(source, "backup", "dump", str(tmp_path / "rien"))

    assert not (tmp_path / "rien").exists()


def test_without_the_contract_there_is_nothing_to_back_up(
    bare_database: Database, manage: Manage, tmp_path: Path
) -> None:
    for arguments in (("dump", str(tmp_path / "rien")), ("rehearse",)):
        with pytest.raises(CommandError, match="le contrat n’est pas installé"):
            manage(bare_database, "backup", *arguments)

    assert not (tmp_path / "rien").exists()


@pytest.fixture
def others(template_database: str) -> Iterator[int]:
    """How many scratch databases other runs have at this moment: none, on a server of the tests' own."""
    with psycopg.connect(Database("postgres").owner_url) as connection:
        yield connection.execute(SCRATCH).fetchone()[0]


def test_a_rehearsal_proves_every_journal_and_leaves_the_server_as_it_was(
    source: Database, manage: Manage, dump: Dump, others: int
) -> None:
    before = dump(source), value(source, "SELECT max(id) FROM gouvernance.alert_events")

    printed = manage(source, "backup", "rehearse")

    assert "gouvernance.alert_events : 2 lignes" in printed
    assert "Contrat redéployé et conforme" in printed
    assert printed.splitlines()[-1].startswith("Répétition réussie en ")
    assert before == (
        dump(source),
        value(source, "SELECT max(id) FROM gouvernance.alert_events"),
    )
    assert value(source, SCRATCH) == others


def test_a_rehearsal_that_fails_says_why_and_leaves_nothing(
    source: Database, manage: Manage, others: int
) -> None:
    with source.owner() as connection:
        connection.execute(
            "CREATE FUNCTION public.ancien() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
        connection.execute(
            "CREATE TRIGGER ancien BEFORE INSERT ON public.system_alerts"
            " FOR EACH ROW EXECUTE FUNCTION public.ancien()"
        )

    with pytest.raises(CommandError, match=r"function public\.ancien\(\) does not exist"):
        manage(source, "backup", "rehearse")

    assert value(source, SCRATCH) == others
