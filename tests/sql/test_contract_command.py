"""`manage.py contract …` as an operator types it: what it prints, refuses and exits with."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from mlpp_gov import contract
from tests.database import Database
from tests.sql.conftest import Dump, Manage

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
KNOWN = ", ".join(sql_object.name for sql_object in contract.OBJECTS)


def type_command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, MANAGE, "contract", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_prints_a_line_per_object_and_changes_nothing(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    before = dump(bare_database)

    printed = manage(bare_database, "contract", "status")

    assert [re.split(r"  +", line) for line in printed.splitlines()] == [
        [sql_object.name, "absent", "—"] for sql_object in contract.OBJECTS
    ]
    assert dump(bare_database) == before


def test_verify_of_a_database_without_the_contract_names_every_object(
    bare_database: Database, manage: Manage
) -> None:
    with pytest.raises(CommandError) as refusal:
        manage(bare_database, "contract", "verify")

    assert str(refusal.value).splitlines() == [
        f"{sql_object.name} : absent ou à redéployer" for sql_object in contract.OBJECTS
    ]


@pytest.mark.parametrize("action", ["status", "deploy", "verify", "revert"])
def test_an_unknown_object_names_the_known_ones(
    fresh_database: Database, manage: Manage, action: str
) -> None:
    with pytest.raises(CommandError) as refusal:
        manage(fresh_database, "contract", action, "alertes")

    assert str(refusal.value) == f"Objet inconnu : alertes. Objets du contrat : {KNOWN}."


def test_replacing_an_unknown_object_names_the_known_ones(
    fresh_database: Database, manage: Manage
) -> None:
    with pytest.raises(CommandError) as refusal:
        manage(fresh_database, "contract", "deploy", "--replace", "x")

    assert str(refusal.value) == f"Objet inconnu : x. Objets du contrat : {KNOWN}."


@pytest.mark.parametrize("action", ["status", "verify", "revert"])
def test_replace_goes_with_deploy_only(
    fresh_database: Database, manage: Manage, action: str
) -> None:
    with pytest.raises(CommandError, match=r"^--replace ne va qu’avec deploy\.$"):
        manage(fresh_database, "contract", action, "--replace", "v_integrity_checks")


def test_a_conforming_database_exits_with_zero(fresh_database: Database) -> None:
    result = type_command(fresh_database.env, "verify")

    assert (result.returncode, result.stdout, result.stderr) == (0, "Contrat conforme.\n", "")


def test_a_difference_exits_with_one_and_no_traceback(fresh_database: Database) -> None:
    with fresh_database.owner() as connection:
        connection.execute("GRANT SELECT ON public.v_integrity_checks TO anon")

    result = type_command(fresh_database.env, "verify")

    assert result.returncode == 1
    assert result.stderr == (
        "CommandError: v_integrity_checks : "
        "droits sur public.v_integrity_checks : en trop anon: SELECT\n"
    )


def test_without_the_owner_s_url_it_says_which_variable_is_missing(
    fresh_database: Database,
) -> None:
    env = {**fresh_database.env, "DATABASE_OWNER_URL": ""}

    result = type_command(env, "status")

    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: DATABASE_OWNER_URL est obligatoire")


def test_nobody_at_the_keyboard_is_a_refusal(fresh_database: Database, dump: Dump) -> None:
    before = dump(fresh_database)

    result = type_command(fresh_database.env, "revert")

    assert result.returncode == 1
    assert "--no-input" in result.stderr
    assert "Traceback" not in result.stderr
    assert dump(fresh_database) == before
