"""Gasoil receptions for the tests of the simulation report."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Cursor

from tests import business

# Litres ambient, °C, kg/m³ observed, litres at 15 °C as stored: the field's eight conversions.
with (Path(__file__).parent / "astm53b_field_cases.csv").open(encoding="utf-8") as file:
    FIELD_CASES = [
        tuple(
            float(case[column])
            for column in (
                "volume_observed_l",
                "temperature_c",
                "density_observed_kg_m3",
                "field_volume_15_l",
            )
        )
        for case in csv.DictReader(file)
    ]


def gasoil(cursor: Cursor[Any], tank: UUID | None = None, **values: Any) -> UUID:
    """A validated reception of 30 000 L at 20 °C, observed at 837 kg/m³, stored as the tables say."""
    return business.reception(
        cursor,
        tank,
        booked=False,
        **{
            "index_apres": 30_000,
            "volume_ambiant": 30_000,
            "volume_15c": 29_874,
            "temperature_ambiante_c": 20,
            "densite_a_15": 837,
            "date_reception": "2026-02-10",
            **values,
        },
    )


def field_cases(cursor: Cursor[Any], tank: UUID | None = None) -> UUID:
    """The eight receptions, a day apart from 2026-02-01, in one tank with their stock; its id."""
    tank = tank or business.citerne(cursor, capacite_totale=500_000)
    for day, (volume, temperature, observed, stored) in enumerate(FIELD_CASES, start=1):
        gasoil(
            cursor,
            tank,
            index_apres=volume,
            volume_ambiant=volume,
            temperature_ambiante_c=temperature,
            densite_a_15=observed,
            volume_15c=stored,
            date_reception=f"2026-02-{day:02}",
        )
    business.snapshot(cursor, tank, 303_420, 301_873, booked=False)
    return tank
