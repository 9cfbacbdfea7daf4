"""`manage.py simulate_astm53b`: the same report for a terminal, a spreadsheet and a program."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests import business
from tests.integrity.simulation_rows import field_cases

ROOT = Path(__file__).parents[2]


@pytest.fixture
def eight(fresh_database):
    """A database with the field's eight receptions in TANK1, and another TANK1 elsewhere."""
    with fresh_database.owner() as connection, connection.cursor() as cursor:
        tank = business.citerne(cursor, nom="TANK2", capacite_totale=500_000)
        field_cases(cursor, tank)
        for depot in ("Kolwezi", "Likasi"):
            business.citerne(cursor, nom="TANK1", depot_id=business.depot(cursor, depot))
    return fresh_database


def run(database, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", "simulate_astm53b", *arguments],
        cwd=ROOT,
        env=database.env,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_each_format_is_of_the_same_report(eight):
    text, sheet, program = (run(eight, "--format", form) for form in ("text", "csv", "json"))
    report = json.loads(program.stdout)
    assert report["total"]["difference"] == "-266.5"
    assert [line["within_tolerance"] for line in report["receptions"]] == [False, *[True] * 7]
    assert (report["environment"], report["release"]) == ("development", "v0.0.0+0000000")
    assert f"Somme de contrôle (SHA-256)  {report['checksum']}" in text.stdout
    assert "celui d’environ 22,6\u00a0°C" in text.stdout
    rows = list(
        csv.reader(StringIO(sheet.stdout.removeprefix("\ufeff"), newline=""), delimiter=";")
    )
    assert ["Somme de contrôle (SHA-256)", report["checksum"]] in rows
    assert sum(row[-1:] == [report["receptions"][0]["reception"]] for row in rows) == 1


def test_it_is_narrowed_by_name_and_period_and_computes_as_asked(eight):
    result = run(
        eight,
        *("--tank", "tank2", "--from", "2026-02-02", "--to", "2026-02-03"),
        *("--rounding", "exact", "--no-hydrometer", "--format", "json"),
    )
    report = json.loads(result.stdout)
    assert len(report["receptions"]) == 2
    assert report["identity"]["Filtres"] == (
        "Reçues du 02/02/2026 ; Au 03/02/2026 ; Citerne TANK2 · Dépôt Daipn"
    )
    assert report["parameters"]["rounding"] == "exact"
    assert report["parameters"]["hydrometer"] is False


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--tank", "TANK1"), "citerne « TANK1 » porte un nom commun à plusieurs"),
        (("--tank", "TANK9"), "citerne « TANK9 » n’existe pas"),
        (("--depot", "'; DROP"), "dépôt « '; DROP » n’existe pas"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "La période finit avant de commencer"),
        (("--from", "hier"), "une date AAAA-MM-JJ est attendue"),
    ],
)
def test_an_impossible_request_fails_and_says_why(eight, arguments, why):
    result = run(eight, *arguments)
    assert result.returncode != 0
    assert why in result.stderr
    assert "Traceback" not in result.stderr


def test_it_can_write_nothing_even_through_a_function_that_somebody_rewrote(eight):
    with eight.owner() as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION gouvernance.is_gasoil(code text, nom text) RETURNS boolean"
            " LANGUAGE plpgsql AS 'BEGIN DELETE FROM public.log_actions; RETURN true; END'"
        )
    result = run(eight)
    assert result.returncode != 0
    assert "cannot execute DELETE in a read-only transaction" in result.stderr
