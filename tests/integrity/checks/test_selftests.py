"""A planted fault is seen by its check, what proves nothing is said, and nothing planted stays."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import translation

from integrity.checks import selftest
from integrity.checks.catalogue import Check, catalogue
from mlpp_gov.sentences import spoken
from tests.database import Database
from tests.faults.conftest import wait_until, waiting_for_a_lock
from tests.wording import is_french

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"
CODE = "CDR_ARRIVE_STALE"
CHECK = catalogue()[CODE]

everyone = pytest.mark.parametrize("check", catalogue().values(), ids=lambda check: check.code)


def command(database: Database, *codes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, MANAGE, "checks", "selftest", *codes],
        env=database.env,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(owner: psycopg.Connection) -> dict[str, int]:
    """Number of rows of every table of ML_PP's."""
    tables = owner.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('public', 'auth')"
    )
    return {
        table: owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for (table,) in tables
    }


def proofs(owner: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Code, whether it was ever proven, whether that was the last try, and why not."""
    return owner.execute(
        "SELECT check_code, proven_at IS NOT NULL, proven_at IS NOT DISTINCT FROM tried_at, failure"
        " FROM gouvernance.check_proofs ORDER BY 1"
    ).fetchall()


def rewrite(cursor: Any, check: Check, select: str) -> None:
    """Put another SELECT in the place of a check's own, which `gouvernance.before` then is."""
    cursor.execute("SELECT pg_get_viewdef(%s::regclass)", [check.view])
    cursor.execute(f"CREATE VIEW gouvernance.before AS {cursor.fetchone()[0]}")
    cursor.execute(f"CREATE OR REPLACE VIEW {check.view} AS {select}")


# --- What is proven -------------------------------------------------------------------------------


@everyone
def test_every_check_is_proven(owner, check):
    assert selftest.prove(connection, check) == selftest.Outcome(check.code, failure=None)


@everyone
@pytest.mark.parametrize("bound", ["lowest", "highest"])
def test_however_an_administrator_tuned_it(owner, check, bound):
    owner.execute(f"UPDATE gouvernance.check_thresholds SET value = {bound}")
    assert selftest.prove(connection, check).failure is None


@everyone
def test_without_its_fault_a_check_says_nothing_of_the_surroundings(owner, anomalies, check):
    expected, _ = selftest.read_fault(check)
    owner.execute(selftest.BASE.read_text(encoding="utf-8"))
    assert expected not in {str(anomaly["entity_id"]) for anomaly in anomalies(check.code)}


def test_a_check_that_is_switched_off_is_proven_and_stays_so(owner):
    owner.execute("UPDATE gouvernance.checks SET enabled = false")
    assert selftest.prove(connection, CHECK).failure is None
    owner.execute("SELECT DISTINCT enabled FROM gouvernance.checks")
    assert owner.fetchall() == [(False,)]


@everyone
def test_what_a_fault_makes_a_check_say_is_said_in_english(owner, anomalies, check):
    expected, fault = selftest.read_fault(check)
    owner.execute(selftest.ENABLE, [check.code])
    owner.execute(selftest.BASE.read_text(encoding="utf-8"))
    owner.execute(fault)
    (said,) = (a["message"] for a in anomalies(check.code) if str(a["entity_id"]) == expected)

    with translation.override("en"):
        english = spoken(said)
    assert english != said
    assert not is_french(english)


# --- What is not ----------------------------------------------------------------------------------


@everyone
def test_a_check_that_sees_nothing_any_more_is_told(owner, check):
    rewrite(owner, check, "SELECT * FROM gouvernance.before WHERE false")
    assert selftest.prove(connection, check).failure == "n’a pas réagi"


@pytest.mark.parametrize("entity_id", ["entity_id", "gen_random_uuid()"], ids=["it", "another"])
def test_a_key_that_comes_twice_is_told(owner, entity_id):
    rewrite(
        owner,
        CHECK,
        "SELECT * FROM gouvernance.before UNION ALL"
        " SELECT check_code, severity, entity_type, other, message, payload, detected_at"
        f" FROM (SELECT *, {entity_id} AS other FROM gouvernance.before OFFSET 0) AS b,"
        " generate_series(1, 2)",
    )
    assert selftest.prove(connection, CHECK).failure == "deux lignes pour une clé"


def test_a_payload_that_cannot_be_made_is_told(owner):
    rewrite(
        owner,
        CHECK,
        "SELECT check_code, severity, entity_type, entity_id, message,"
        " to_jsonb(1 / (length(message) - length(message))) AS payload, detected_at"
        " FROM gouvernance.before",
    )
    assert selftest.prove(connection, CHECK).failure == "lecture en échec : division by zero"


def test_an_installation_that_refuses_the_fault_is_told_with_its_words(owner):
    owner.execute(
        "CREATE FUNCTION public.refuser() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'Un camion n’arrive pas sans départ.'; END $$"
    )
    owner.execute(
        "CREATE TRIGGER refuser BEFORE INSERT ON public.cours_de_route"
        " FOR EACH ROW WHEN (NEW.statut = 'ARRIVE') EXECUTE FUNCTION public.refuser()"
    )
    refused = "plantation refusée par la base : Un camion n’arrive pas sans départ."
    assert selftest.prove(connection, CHECK).failure == refused


def test_a_check_that_this_installation_cannot_have_is_told(owner):
    owner.execute("UPDATE gouvernance.checks SET install_error = 'colonne absente'")
    assert selftest.prove(connection, CHECK).failure == "impossible ici : colonne absente"


# --- The command ----------------------------------------------------------------------------------


def test_the_command_records_every_proof_and_leaves_no_row(fresh_database: Database) -> None:
    with fresh_database.owner() as owner:
        before = rows(owner)

        result = command(fresh_database)

        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines() == [f"{code} : prouvé" for code in catalogue()]
        assert proofs(owner) == [(code, True, True, None) for code in sorted(catalogue())]
        assert rows(owner) == before


def test_a_check_without_proof_fails_the_command_and_keeps_its_last_proof(
    fresh_database: Database,
) -> None:
    with fresh_database.owner() as owner:
        command(fresh_database, CODE)
        rewrite(owner.cursor(), CHECK, "SELECT * FROM gouvernance.before WHERE false")

        result = command(fresh_database, CODE)

        assert (result.returncode, result.stdout) == (1, f"{CODE} : n’a pas réagi\n")
        assert result.stderr == "CommandError: 1 sur 1 sans preuve.\n"
        assert proofs(owner) == [(CODE, True, False, "n’a pas réagi")]


def test_a_check_never_seen_firing_has_no_date_of_proof(fresh_database: Database) -> None:
    with fresh_database.owner() as owner:
        owner.execute("CREATE UNIQUE INDEX ON public.profils (user_id)")

        result = command(fresh_database, "PROFIL_AMBIGU")

        assert result.returncode == 1
        ((code, proven, _, failure),) = proofs(owner)
        assert (code, proven) == ("PROFIL_AMBIGU", False)
        assert failure.startswith("plantation refusée par la base : duplicate key")


def test_killed_half_way_it_leaves_nothing(fresh_database: Database) -> None:
    with fresh_database.owner() as owner, fresh_database.owner() as holder:
        before = rows(owner)
        with holder.transaction():
            # It waits here with its surroundings planted.
            holder.execute("LOCK TABLE public.cours_de_route IN SHARE MODE")
            proof = subprocess.Popen(
                [sys.executable, MANAGE, "checks", "selftest", CODE],
                env=fresh_database.env,
                stdout=subprocess.DEVNULL,
            )
            wait_until(
                lambda: bool(waiting_for_a_lock(owner, "cours_de_route")), "a self-test that waits"
            )
            proof.kill()
            proof.wait(timeout=60)
        wait_until(
            lambda: (
                not owner.execute(
                    "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid NOT IN (%s, %s)",
                    [owner.info.backend_pid, holder.info.backend_pid],
                ).fetchone()
            ),
            "its session's end",
        )
        assert rows(owner) == before
        assert proofs(owner) == []


def test_an_unknown_check_names_the_known_ones(fresh_database: Database) -> None:
    result = command(fresh_database, CODE, "STOCK")
    assert result.returncode == 1
    assert result.stderr == (
        f"CommandError: Contrôle inconnu : STOCK. Contrôles : {', '.join(catalogue())}.\n"
    )


def test_before_the_contract_it_says_what_to_do(fresh_database: Database) -> None:
    with fresh_database.owner() as owner:
        owner.execute("DROP SCHEMA gouvernance CASCADE")
    result = command(fresh_database, CODE)
    assert result.returncode == 1
    assert result.stderr == (
        f"CommandError: {CODE} n’est pas installé dans cette base :"
        " lancez d’abord manage.py contract deploy.\n"
    )


def test_a_fault_that_does_not_say_what_it_expects_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cdr_arrive_stale.sql").write_text("SELECT 1;\n", encoding="utf-8")
    monkeypatch.setattr(selftest, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"^cdr_arrive_stale\.sql : la première ligne"):
        selftest.read_fault(CHECK)
