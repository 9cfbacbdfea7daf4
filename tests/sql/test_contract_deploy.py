"""`contract deploy`: whole or not at all, and the same the second time."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError

from mlpp_gov import contract
from tests.database import Database
from tests.sql.conftest import Dump, Manage


def registry(database: Database) -> list[tuple[object, ...]]:
    with database.owner() as connection:
        return connection.execute(
            "SELECT * FROM gouvernance.contract_objects ORDER BY name"
        ).fetchall()


def test_it_installs_every_object_in_a_database_that_has_none(
    bare_database: Database, manage: Manage
) -> None:
    *lines, indexes = manage(bare_database, "contract", "deploy").splitlines()

    assert indexes.startswith("Index facultatifs : ")
    assert [line.split()[0] for line in lines] == [o.name for o in contract.OBJECTS]
    assert all(line.endswith("à nous  conforme") for line in lines)
    assert manage(bare_database, "contract", "verify") == "Contrat conforme.\n"


def test_a_second_deployment_changes_nothing(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    first = manage(bare_database, "contract", "deploy")
    schema, rows = dump(bare_database), registry(bare_database)

    assert manage(bare_database, "contract", "deploy") == first
    assert dump(bare_database) == schema
    assert registry(bare_database) == rows


def test_a_second_deployment_keeps_the_alerts(fresh_database: Database, manage: Manage) -> None:
    with fresh_database.owner() as connection:
        connection.execute(
            "INSERT INTO public.system_alerts"
            " (check_code, severity, entity_type, entity_id, message)"
            " VALUES ('STOCK_NEGATIF', 'CRITICAL', 'CITERNE_STOCK', gen_random_uuid(), 'TANK1')"
        )

    manage(fresh_database, "contract", "deploy")

    with fresh_database.owner() as connection:
        kept = connection.execute("SELECT message FROM public.system_alerts").fetchall()
    assert kept == [("TANK1",)]


@pytest.mark.parametrize(
    ("failing", "sql"),
    [
        ("deploy", "CREATE TABLE public.laisse (); SELECT 1 / 0;"),
        ("verify", "SELECT pg_temp.expect('policies', ARRAY['a'], ARRAY['b']);"),
    ],
)
def test_an_object_that_fails_leaves_nothing_of_those_before_it(
    bare_database: Database,
    manage: Manage,
    dump: Dump,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    failing: str,
    sql: str,
) -> None:
    *others, last = contract.OBJECTS
    for action in ("deploy", "verify", "revert"):
        (tmp_path / f"{action}.sql").write_text(sql if action == failing else "SELECT;")
    monkeypatch.setattr(contract, "OBJECTS", (*others, replace(last, folder=str(tmp_path))))
    before = dump(bare_database)

    with pytest.raises(CommandError, match=rf"^{last.name} : "):
        manage(bare_database, "contract", "deploy")

    assert dump(bare_database) == before


def test_one_object_alone_needs_those_before_it(bare_database: Database, manage: Manage) -> None:
    with pytest.raises(CommandError, match=r"^guards : déploiement refusé\. .*gouvernance"):
        manage(bare_database, "contract", "deploy", "guards")


def test_an_object_whose_file_has_changed_is_to_redeploy_until_it_is(
    fresh_database: Database, manage: Manage
) -> None:
    with fresh_database.owner() as connection:
        connection.execute(
            "UPDATE gouvernance.contract_objects"
            " SET checksum = 'an older file', deployed_at = '2026-01-01' WHERE name = 'sync'"
        )
    assert "à redéployer (le fichier a changé)" in manage(
        fresh_database, "contract", "status", "sync"
    )
    with pytest.raises(CommandError, match=r"^sync : absent ou à redéployer$"):
        manage(fresh_database, "contract", "verify")

    manage(fresh_database, "contract", "deploy")

    assert manage(fresh_database, "contract", "verify") == "Contrat conforme.\n"
    with fresh_database.owner() as connection:
        renewed = connection.execute(
            "SELECT array_agg(name) FROM gouvernance.contract_objects"
            " WHERE name = 'sync' AND deployed_at > now() - interval '1 hour'"
        ).fetchone()
    assert renewed == (["sync"],)
