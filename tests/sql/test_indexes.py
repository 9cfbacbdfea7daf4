"""Indexes of ours on ML_PP's tables: optional, whole or told, never left behind."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError

from mlpp_gov import indexes
from tests.database import Database
from tests.sql.conftest import Dump, Manage

FILES = sorted(indexes.FOLDER.glob("*.sql"))


def installed(database: Database) -> dict[str, bool]:
    with database.owner() as connection:
        return dict(connection.execute(indexes.INSTALLED).fetchall())


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where a test writes the files it wants."""
    monkeypatch.setattr(indexes, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, name: str, on: str) -> None:
    (folder / f"{name}.sql").write_text(
        f"CREATE INDEX {{{{ concurrently }}}} IF NOT EXISTS {name} ON {on};"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_what_it_is_for_and_makes_the_index_of_its_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    statement = re.sub(r"(?m)^--.*\n", "", text)
    assert statement.startswith(f"CREATE INDEX {{{{ concurrently }}}} IF NOT EXISTS {path.stem}\n")
    assert path.stem.startswith("gouvernance_")
    assert statement.count(";") == 1


@pytest.mark.parametrize("option", [[], ["--concurrently"]])
def test_a_deployment_creates_every_index_once(
    bare_database: Database, manage: Manage, option: list[str]
) -> None:
    for _ in range(2):
        said = manage(bare_database, "contract", "deploy", *option)
        assert f"Index facultatifs : {len(FILES)} sur {len(FILES)} en place." in said
    assert installed(bare_database) == {path.stem: True for path in FILES}


def test_a_deployment_without_indexes_has_none_and_conforms(
    bare_database: Database, manage: Manage
) -> None:
    manage(bare_database, "contract", "deploy", "--without-indexes")
    assert installed(bare_database) == {}
    assert manage(bare_database, "contract", "verify") == "Contrat conforme.\n"
    said = manage(bare_database, "contract", "status")
    assert f"Index facultatifs : 0 sur {len(FILES)} en place." in said


def test_an_index_that_cannot_be_is_told_and_the_others_are_there(
    bare_database: Database, manage: Manage, folder: Path
) -> None:
    write(folder, "gouvernance_a", "public.receptions (colonne_absente)")
    write(folder, "gouvernance_b", "public.receptions (date_reception)")

    said = manage(bare_database, "contract", "deploy")

    assert "Index facultatifs : 1 sur 2 en place." in said
    assert "gouvernance_a : refusé. " in said
    assert "colonne_absente" in said
    assert installed(bare_database) == {"gouvernance_b": True}


@pytest.mark.parametrize("option", [[], ["--concurrently"]])
def test_an_index_left_invalid_or_without_a_file_is_put_right(
    bare_database: Database, manage: Manage, folder: Path, option: list[str]
) -> None:
    write(folder, "gouvernance_a", "public.receptions (date_reception)")
    write(folder, "gouvernance_b", "public.receptions (created_at)")
    manage(bare_database, "contract", "deploy")
    with bare_database.owner() as connection:
        connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.gouvernance_a'::regclass"
        )
    (folder / "gouvernance_b.sql").unlink()
    assert "0 sur 1 en place" in manage(bare_database, "contract", "status")

    manage(bare_database, "contract", "deploy", *option)

    assert installed(bare_database) == {"gouvernance_a": True}


def test_a_revert_takes_them_all_away(bare_database: Database, manage: Manage, dump: Dump) -> None:
    before = dump(bare_database)
    manage(bare_database, "contract", "deploy")
    assert installed(bare_database)
    manage(bare_database, "contract", "revert", "--no-input")
    assert dump(bare_database) == before


@pytest.mark.parametrize("action", ["status", "verify", "revert"])
@pytest.mark.parametrize("option", ["--concurrently", "--without-indexes"])
def test_its_options_go_with_deploy_only(
    bare_database: Database, manage: Manage, action: str, option: str
) -> None:
    with pytest.raises(CommandError, match=f"{option} ne va qu’avec deploy"):
        manage(bare_database, "contract", action, option)


@pytest.mark.parametrize("scenario", ["production", "incident"])
def test_every_check_finds_the_same_with_and_without_them(
    fresh_database: Database, manage: Manage, scenario: str
) -> None:
    manage(fresh_database, "demo", "--scenario", scenario)
    found = []
    with fresh_database.owner() as connection:
        for settings in ("on", "off"):
            for path in ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"):
                connection.execute(f"SET {path} = {settings}")
            connection.execute(f"SET enable_seqscan = {'off' if settings == 'on' else 'on'}")
            found.append(
                connection.execute(
                    "SELECT check_code, entity_type, entity_id, message, payload"
                    " FROM public.v_integrity_checks ORDER BY 1, 2, 3"
                ).fetchall()
            )
    assert found[0] == found[1] != []
