"""The simulation report: what ML_PP stored of gasoil receptions beside what the tables say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import pytest
from django.db import connection

from integrity.astm53b import (
    VcfRounding,
    VolumeRounding,
    density_at_15,
    volume_at_15,
    volume_correction_factor,
)
from integrity.simulation.report import Flag, Parameters, Rounding, simulate
from mlpp_gov.demo.production import RECEPTIONS
from mlpp_gov.identity import db_identity
from tests import business
from tests.database import as_owner
from tests.integrity.simulation_rows import FIELD_CASES, field_cases, gasoil

DEFAULT = Parameters()
OTHER_TANK = UUID("cccccccc-0000-0000-0000-000000000001")
EXACT = Parameters(rounding=Rounding.EXACT)


@pytest.fixture
def report_of(directeur):
    """The report as a directeur reads it."""

    def read(parameters=DEFAULT, *, person=directeur):
        with db_identity(person):
            return simulate(connection, parameters)

    return read


@pytest.fixture
def line_of(report_of):
    """The only line of a report on one gasoil reception of these values."""

    def planted(parameters=DEFAULT, **values):
        with as_owner() as cursor:
            gasoil(cursor, **values)
        (line,) = report_of(parameters).lines
        return line

    return planted


# The field's eight conversions


def test_the_demonstration_of_production_carries_the_field_s_eight_receptions():
    assert [(m.ambient, m.temperature, m.observed_density, m.at_15c) for *_, m in RECEPTIONS] == (
        FIELD_CASES
    )


def test_the_eight_receptions_are_judged_by_a_thousandth_and_by_a_litre_apart(report_of):
    with as_owner() as cursor:
        field_cases(cursor)
    report = report_of()
    assert [line.difference for line in report.lines] == [
        Decimal(figure)
        for figure in ("-235.3", "-31.7", "-0.1", "0.3", "0.1", "-0.2", "0.0", "0.4")
    ]
    assert [line.verdict for line in report.lines] == ["hors tolérance", *["dans la tolérance"] * 7]
    assert [line.is_within_a_litre for line in report.lines] == [False, False, *[True] * 6]
    assert not any(line.flags for line in report.lines)


def test_two_of_them_say_which_temperature_their_stored_volume_supposes(report_of):
    with as_owner() as cursor:
        field_cases(cursor)
    first, second, *others = (line.explanation.replace("\u00a0", " ") for line in report_of().lines)
    assert first == (
        "Le volume stocké suppose un VCF de 0,9937, celui d’environ 22,6 °C ;"
        " la température notée est de 29,7 °C."
    )
    assert "celui d’environ 22,5 °C ; la température notée est de 23,5 °C" in second
    assert others == [""] * 6


def test_their_totals_add_up_and_say_what_the_stock_would_become(report_of):
    with as_owner() as cursor:
        tank = field_cases(cursor)
        business.adjustment(cursor, tank, -1_000)
    total = report_of().total
    assert (total.count, total.unknown, total.out_of_tolerance, total.beyond_a_litre) == (
        8,
        0,
        1,
        2,
    )
    assert (total.stored, total.computed) == (301_873, Decimal("301606.5"))
    assert total.difference == Decimal("-266.5")
    assert (total.stock, total.stock_after) == (300_873, Decimal("300606.5"))


# How it computes


@pytest.mark.parametrize(("volume", "temperature", "observed"), [case[:3] for case in FIELD_CASES])
def test_each_figure_is_that_of_the_python_engine(line_of, volume, temperature, observed):
    line = line_of(volume_ambiant=volume, temperature_ambiante_c=temperature, densite_a_15=observed)
    density = density_at_15(observed, temperature)
    vcf = volume_correction_factor(density, temperature, rounding=VcfRounding.FOUR_DECIMALS)
    litres = volume_at_15(
        volume,
        observed,
        temperature,
        vcf_rounding=VcfRounding.FOUR_DECIMALS,
        volume_rounding=VolumeRounding.RECEPTION,
    )
    assert float(line.density_15) == pytest.approx(density, abs=1e-6)
    assert (float(line.vcf), float(line.computed)) == (vcf, litres)


def test_without_rounding_it_is_the_exact_volume(line_of):
    line = line_of(EXACT)
    assert float(line.computed) == pytest.approx(volume_at_15(30_000, 837, 20), abs=1e-6)
    assert float(line.vcf) == pytest.approx(
        volume_correction_factor(density_at_15(837, 20), 20), abs=1e-10
    )


def test_the_correction_of_the_hydrometer_can_be_left_out(line_of):
    line = line_of(replace(EXACT, hydrometer=False), temperature_ambiante_c=35)
    without = volume_at_15(30_000, 837, 35, hydrometer=False)
    assert float(line.computed) == pytest.approx(without, abs=1e-6)
    assert without != pytest.approx(volume_at_15(30_000, 837, 35), abs=1e-2)


def test_the_stored_volume_is_volume_15c_and_else_the_corrected_one(line_of):
    assert line_of(volume_15c=None, volume_corrige_15c=29_800).stored == 29_800


@pytest.mark.parametrize(
    ("stored", "within"), [(29_903.8, True), (29_904.0, False), (29_844.2, True), (29_844.0, False)]
)
def test_a_thousandth_of_the_stored_volume_is_admitted_either_way(line_of, stored, within):
    line = line_of(volume_15c=stored)  # 29 874.0 L by the tables
    assert line.is_within_tolerance is within


# What it covers


def test_only_validated_gasoil_is_in_it(report_of):
    with as_owner() as cursor:
        essence = business.insert(cursor, "produits", nom="Essence", code="ESS")
        coded = business.insert(cursor, "produits", nom="Carburant 2", code="G.O")
        gasoil(cursor, business.citerne(cursor, produit_id=essence))
        gasoil(cursor, statut="rejetee")
        told_by_code = gasoil(cursor, business.citerne(cursor, produit_id=coded))
        told_by_name = gasoil(cursor)
    assert {line.reception_id for line in report_of().lines} == {told_by_code, told_by_name}


def test_it_is_narrowed_by_period_depot_and_tank(report_of):
    with as_owner() as cursor:
        depot = business.depot(cursor, "Kolwezi")
        tank, other = (business.citerne(cursor, depot_id=depot) for _ in range(2))
        business.citerne(cursor)
        first = gasoil(cursor, tank, date_reception="2026-02-01")
        second = gasoil(cursor, other, date_reception="2026-02-02")
        third = gasoil(cursor, date_reception="2026-02-03")

    def found(**values):
        return [line.reception_id for line in report_of(Parameters(**values)).lines]

    assert found() == [first, second, third]
    assert found(first_day=date(2026, 2, 2)) == [second, third]
    assert found(first_day=date(2026, 2, 2), last_day=date(2026, 2, 2)) == [second]
    assert found(depot=depot) == [first, second]
    assert found(tank=tank) == [first]


def test_there_is_a_total_for_each_tank_and_owner(report_of):
    with as_owner() as cursor:
        partner = business.insert(cursor, "partenaires", nom="Partenaire")
        tank = business.citerne(cursor, nom="TANK1")
        gasoil(cursor, tank, volume_15c=29_870)
        gasoil(cursor, tank, volume_15c=29_860)
        gasoil(cursor, tank, proprietaire_type="PARTENAIRE", partenaire_id=partner)
        business.snapshot(cursor, tank, 60_000, 59_730, booked=False)
    ours, theirs = report_of().totals
    assert (ours.owner, ours.count, ours.difference, ours.stock_after) == (
        "MONALUXE",
        2,
        18,
        59_748,
    )
    assert (theirs.owner, theirs.count, theirs.difference, theirs.stock) == (
        "PARTENAIRE",
        1,
        0,
        None,
    )


def test_a_tank_in_no_depot_is_in_it(line_of):
    with as_owner() as cursor:
        tank = business.citerne(cursor, depot_id=None)
    assert line_of(citerne_id=tank).depot == "sans dépôt"


# What can't be computed, and what is odd


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"volume_ambiant": "NaN"}, "volume ambiant absent ou illisible"),
        ({"volume_ambiant": "Infinity"}, "volume ambiant absent ou illisible"),
        ({"volume_ambiant": -1}, "Le volume (−1 L) est hors du domaine admis"),
        ({"volume_ambiant": 1e308}, "est hors du domaine admis : de 0 à 1 000 000 000 000 L"),
        ({"densite_a_15": None}, "densité absente ou illisible"),
        ({"densite_a_15": "-Infinity"}, "densité absente ou illisible"),
        ({"densite_a_15": 0.837}, "La densité observée (0,837 kg/m³) est hors du domaine admis"),
        ({"temperature_ambiante_c": None}, "température absente ou illisible"),
        ({"temperature_ambiante_c": 1e308}, "est hors du domaine admis : de −18 à 150 °C"),
        ({"volume_15c": None}, "volume à 15 °C absent ou illisible"),
        ({"volume_15c": "NaN"}, "volume à 15 °C absent ou illisible"),
    ],
)
def test_a_line_without_a_difference_says_why_and_is_counted_apart(report_of, values, why):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        gasoil(cursor, tank, volume_15c=29_873, date_reception="2026-02-01")
        gasoil(cursor, tank, **values)
    report = report_of()
    line = report.lines[1]
    assert why in line.why_unknown.replace("\u00a0", " ")
    assert (line.difference, line.verdict) == (None, "non calculable")
    assert (report.total.count, report.total.unknown) == (2, 1)
    assert (report.total.stored, report.total.difference) == (29_873, 1)


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ({}, []),
        ({"densite_a_15": 820}, []),
        ({"densite_a_15": 819.9}, [Flag.DENSITY]),
        ({"densite_a_15": 860.1}, [Flag.DENSITY]),
        ({"densite_a_15": 0.837}, [Flag.DENSITY]),
        ({"temperature_ambiante_c": 40.1}, [Flag.TEMPERATURE]),
        ({"temperature_ambiante_c": 9.9}, [Flag.TEMPERATURE]),
        ({"temperature_ambiante_c": 293}, [Flag.TEMPERATURE]),
        ({"densite_a_15": None, "temperature_ambiante_c": "NaN"}, []),
        # 848 read at 35 °C is 861.7 at 15 °C, no gasoil: it was brought to 15 °C already.
        ({"densite_a_15": 848, "temperature_ambiante_c": 35}, [Flag.TRUE_DENSITY]),
    ],
)
def test_an_implausible_input_is_flagged(line_of, values, flags):
    assert line_of(**values).flags == flags


def test_a_stored_volume_that_only_a_true_density_explains_flags_it(line_of):
    as_true = 30_000 * volume_correction_factor(845, 32)
    as_observed = volume_at_15(30_000, 845, 32)
    assert abs(as_true - as_observed) > 5
    values = {"densite_a_15": 845, "temperature_ambiante_c": 32}
    line = line_of(**values, volume_15c=round(as_true))
    assert line.flags == [Flag.TRUE_DENSITY]


def test_a_stored_volume_that_an_observed_density_explains_does_not(line_of):
    stored = round(volume_at_15(30_000, 845, 32))
    line = line_of(densite_a_15=845, temperature_ambiante_c=32, volume_15c=stored)
    assert line.flags == []


def test_extreme_figures_and_dates_are_lines_like_others(report_of):
    with as_owner() as cursor:
        gasoil(cursor, volume_15c=1e308, date_reception="infinity")
        gasoil(cursor, volume_15c=-1e308, date_reception="5874897-12-31")
        gasoil(cursor, volume_15c=1e-300, volume_ambiant=1e-300)
        gasoil(cursor, volume_15c=0)
    report = report_of()
    assert report.total.count == 4
    assert [bool(line.verdict) for line in report.lines] == [True] * 4
    assert [line.percent for line in report.lines if line.stored == 0] == [None]


# The checksum


@pytest.fixture
def planted(db):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 30_000, 29_874, booked=False)
        return tank, gasoil(cursor, tank)


def changed(table, column, value, row):
    with as_owner() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE public.{table} SET {column} = %s WHERE id = %s", [value, row])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_same_data_give_the_same_checksum_to_whoever_reads_them(report_of, planted, pca, admin):
    checksums = {report_of(person=person).checksum for person in (pca, admin)}
    assert checksums == {report_of().checksum}
    assert len(report_of().checksum) == 64


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("volume_ambiant", 30_000.1),
        ("volume_15c", 29_874.1),
        ("temperature_ambiante_c", 20.1),
        ("densite_a_15", 837.1),
        ("date_reception", "2026-02-11"),
        ("citerne_id", OTHER_TANK),
        ("statut", "rejetee"),
    ],
)
def test_any_figure_of_a_reception_changes_the_checksum(report_of, planted, column, value):
    before = report_of().checksum
    with as_owner() as cursor:
        business.citerne(cursor, id=OTHER_TANK)
    changed("receptions", column, value, planted[1])
    assert report_of().checksum != before


def test_a_new_reception_and_another_stock_change_the_checksum(report_of, planted):
    checksums = [report_of().checksum]
    with as_owner() as cursor:
        business.adjustment(cursor, planted[0], -1)
    checksums.append(report_of().checksum)
    with as_owner() as cursor:
        gasoil(cursor, planted[0])
    checksums.append(report_of().checksum)
    assert len(set(checksums)) == 3


def test_each_parameter_changes_the_checksum(report_of, planted):
    tank = planted[0]
    with as_owner() as cursor:
        cursor.execute("SELECT depot_id FROM public.citernes WHERE id = %s", [tank])
        (depot,) = cursor.fetchone()
    checksums = [
        report_of(parameters).checksum
        for parameters in (
            Parameters(),
            EXACT,
            Parameters(hydrometer=False),
            Parameters(tank=tank),
            Parameters(depot=depot),
            Parameters(first_day=date(2026, 2, 1)),
            Parameters(last_day=date(2026, 2, 28)),
        )
    ]
    assert len(set(checksums)) == len(checksums)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("receptions", "note", "relue"),
        ("receptions", "index_avant", 1),
        ("citernes", "nom", "TANK9"),
    ],
)
def test_what_is_no_figure_of_the_report_leaves_the_checksum_alone(
    report_of, planted, table, column, value
):
    before = report_of().checksum
    changed(table, column, value, planted[0] if table == "citernes" else planted[1])
    assert report_of().checksum == before


def test_the_way_a_session_writes_dates_and_numbers_leaves_the_checksum_alone(report_of, planted):
    before = report_of().checksum
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'SQL, DMY'")
        cursor.execute("SET LOCAL extra_float_digits = 0")
        cursor.execute("SET LOCAL timezone = 'Asia/Tokyo'")
    assert report_of().checksum == before


def test_the_canonical_form_is_what_the_documentation_says(report_of, planted):
    with as_owner() as cursor:
        cursor.execute("SELECT produit_id FROM public.receptions")
        (product,) = cursor.fetchone()
    tank, reception = planted
    (line,) = report_of().lines
    text = (
        '["ASTM53B/1", null, null, null, null, "ml_pp", true]\n'
        f'["{reception}", "2026-02-10", "{tank}", "{product}", "MONALUXE",'
        f" 30000, 837, 20, 29874, {line.density_15}, 0.9958, 29874.0, 29874]"
    )
    assert report_of().checksum == sha256(text.encode()).hexdigest()
