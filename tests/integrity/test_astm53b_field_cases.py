"""The eight conversions of the field application, each judged on its own, and what is wrong with three."""

import csv
from pathlib import Path

import pytest

from integrity.astm53b import (
    DensityRounding,
    OutOfTableError,
    VcfRounding,
    VolumeRounding,
    density_at_15,
    volume_at_15,
)
from integrity.astm53b_diagnosis import FieldRow, diagnose

with (Path(__file__).parent / "astm53b_field_cases.csv").open(encoding="utf-8") as file:
    CASES = {
        case["case_id"]: FieldRow(
            volume=float(case["volume_observed_l"]),
            temperature=float(case["temperature_c"]),
            observed=float(case["density_observed_kg_m3"]),
            density_15=float(case["field_density_15_kg_m3"]),
            vcf=float(case["field_vcf"]),
            volume_15=float(case["field_volume_15_l"]),
        )
        for case in csv.DictReader(file)
    }
SOUND = [f"GASOIL_PROD_{number:02}" for number in (3, 4, 5, 6, 7)]


def litres(row: FieldRow) -> float:
    """As the field application counts: the printed four decimals, whole litres."""
    return volume_at_15(
        row.volume,
        row.observed,
        row.temperature,
        vcf_rounding=VcfRounding.FOUR_DECIMALS,
        volume_rounding=VolumeRounding.SORTIE,
    )


def test_all_eight_cases_are_here():
    assert len(CASES) == 8
    assert set(SOUND) < set(CASES)


# (case, litres by the tables less the field's: counted as the field does, and unrounded)
VOLUMES = [
    ("GASOIL_PROD_01", -235, -235.5),
    ("GASOIL_PROD_02", -32, -33.6),
    ("GASOIL_PROD_03", 0, 0.0),
    ("GASOIL_PROD_04", 0, 1.0),
    ("GASOIL_PROD_05", 0, -1.0),
    ("GASOIL_PROD_06", 0, -1.0),
    ("GASOIL_PROD_07", 0, -1.1),
    ("GASOIL_PROD_08", 0, 1.7),
]


@pytest.mark.parametrize(("case", "difference", "unrounded"), VOLUMES)
def test_the_tables_differ_from_the_field_by_so_many_litres(case, difference, unrounded):
    row = CASES[case]

    assert litres(row) - row.volume_15 == difference
    found = volume_at_15(row.volume, row.observed, row.temperature)
    assert found - row.volume_15 == pytest.approx(unrounded, abs=0.06)


@pytest.mark.parametrize("case", CASES)
def test_each_case_is_judged_against_a_litre_and_against_a_thousandth(case):
    row = CASES[case]
    difference = abs(litres(row) - row.volume_15)

    assert (difference <= 1) == (case not in {"GASOIL_PROD_01", "GASOIL_PROD_02"})
    assert (difference <= 0.001 * row.volume_15) == (case != "GASOIL_PROD_01")


@pytest.mark.parametrize("case", [case for case in CASES if case != "GASOIL_PROD_08"])
def test_the_printed_table_gives_the_field_s_density_at_15_to_its_last_digit(case):
    row = CASES[case]
    found = density_at_15(row.observed, row.temperature, rounding=DensityRounding.TABLE)
    assert found == row.density_15


@pytest.mark.parametrize("case", ["GASOIL_PROD_05", "GASOIL_PROD_06", "GASOIL_PROD_07"])
def test_without_the_correction_of_the_glass_it_would_not(case):
    row = CASES[case]
    found = density_at_15(
        row.observed, row.temperature, hydrometer=False, rounding=DensityRounding.TABLE
    )
    assert found == round(row.density_15 + 0.1, 1)


def test_without_the_rounding_of_the_printed_rows_it_would_not_either():
    row = CASES["GASOIL_PROD_01"]  # read at 837.3, between two rows
    assert round(density_at_15(row.observed, row.temperature), 1) == 847.4 != row.density_15


# What contradicts what


@pytest.mark.parametrize("case", SOUND)
def test_five_rows_contradict_nothing(case):
    diagnosis = diagnose(CASES[case])

    assert diagnosis.consistent
    assert diagnosis.sentences == ["Les chiffres de la ligne s’accordent."]
    assert diagnosis.implied_temperature == pytest.approx(CASES[case].temperature, abs=0.05)


@pytest.mark.parametrize(
    ("case", "table"), [("GASOIL_PROD_01", "0,9877"), ("GASOIL_PROD_02", "0,9929")]
)
def test_two_rows_have_the_vcf_of_another_temperature_and_a_volume_that_follows_it(case, table):
    row = CASES[case]
    diagnosis = diagnose(row)

    assert (diagnosis.density_agrees, diagnosis.vcf_agrees, diagnosis.volume_agrees) == (
        True,
        False,
        True,
    )
    assert diagnosis.implied_temperature == pytest.approx(22.5, abs=0.05)
    temperature = f"{row.temperature}".replace(".", ",")
    assert [sentence.replace("\u00a0", " ") for sentence in diagnosis.sentences] == [
        f"Le VCF noté (0,9937) n’est pas celui de {temperature} °C : la table 54B donne {table} ;"
        " 0,9937 correspond à 22,5 °C."
    ]


def test_one_row_has_the_density_at_15_of_another_reading_and_the_right_litres():
    diagnosis = diagnose(CASES["GASOIL_PROD_08"])

    assert (diagnosis.density_agrees, diagnosis.vcf_agrees, diagnosis.volume_agrees) == (
        False,
        True,
        True,
    )
    assert diagnosis.density_15 == 841.1
    assert diagnosis.implied_observed == pytest.approx(836.0, abs=0.05)
    assert diagnosis.volume_15 == CASES["GASOIL_PROD_08"].volume_15
    assert [sentence.replace("\u00a0", " ") for sentence in diagnosis.sentences] == [
        "La densité à 15 °C notée (840,1) ne suit pas de la densité observée (837) :"
        " la table 53B donne 841,1 ; 840,1 correspond à une densité observée de 836."
    ]


def test_a_volume_that_is_not_the_volume_times_the_vcf_is_told():
    row = FieldRow(39_330, 20, 837, 840.4, 0.9958, 39_195)
    diagnosis = diagnose(row)

    assert not diagnosis.volume_agrees
    assert [sentence.replace("\u00a0", " ") for sentence in diagnosis.sentences] == [
        "Le volume à 15 °C noté (39 195 L) n’est pas le volume multiplié par le VCF noté (39 164,8 L)."
    ]


def test_a_vcf_of_no_temperature_of_the_table_is_told_so():
    diagnosis = diagnose(FieldRow(39_330, 20, 837, 840.4, 9.958, 391_648))

    assert diagnosis.implied_temperature is None
    assert "9,958 ne correspond à aucune température de la table" in diagnosis.sentences[0]


def test_a_row_outside_the_tables_is_refused():
    with pytest.raises(OutOfTableError, match="densité à 15"):
        diagnose(FieldRow(39_330, 20, 837, 0.8404, 0.9958, 39_165))
