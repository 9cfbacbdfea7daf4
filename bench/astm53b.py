"""Volumes at 15 °C of many rows, in SQL and in Python, against one call of volume_at_15() per row."""

import random
from functools import partial
from typing import Any

import psycopg

from bench.measure import Result, alternate, rates, seconds
from bench.sync import base, server_version
from integrity.astm53b import volume_at_15, volumes_at_15
from tests import database

ROWS = 100_000
# Temperatures as a depot notes them, or each of its own: the limits of zones are kept per temperature.
DECIMALS = {"tenths": 1, "any_temperature": 6}
SQL = "SELECT sum(gouvernance.astm53b_volume_15(volume, observed, temperature)) FROM measures"

Measures = list[tuple[float, float, float]]


def volumes() -> list[Result]:
    """One pass over rows that are there: a table of the session, or a list of tuples."""
    return [
        result
        for name, decimals in DECIMALS.items()
        for result in _results(name, _measures(decimals))
    ]


def _results(name: str, measures: Measures) -> list[Result]:
    with psycopg.connect(database.url_of(base()), autocommit=True) as connection:
        _load(connection, measures)
        durations = alternate(
            {
                "sql": partial(seconds, partial(_fetch, connection)),
                "many": partial(seconds, partial(volumes_at_15, measures)),
                "plain": partial(seconds, partial(_row_by_row, measures)),
            }
        )
    return [
        rates(
            f"astm53b.{name}.{contender}",
            ROWS,
            durations[contender],
            durations["plain"],
            f"{ROWS} rows, gasolines to fuel oils, −10 to 45 °C; wall clock, medians of"
            f" {len(durations['plain'])} alternating runs; one backend of PostgreSQL"
            f" {server_version()}; the reference calls volume_at_15() per row",
        )
        for contender in ("sql", "many")
    ]


def _measures(decimals: int) -> Measures:
    source = random.Random(53)  # noqa: S311  the same rows at every run
    return [
        (
            source.uniform(0, 60_000),
            source.uniform(700, 950),
            round(source.uniform(-10, 45), decimals),
        )
        for _ in range(ROWS)
    ]


def _load(connection: psycopg.Connection[Any], measures: Measures) -> None:
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute(
        "CREATE TEMPORARY TABLE measures (volume float8, observed float8, temperature float8)"
    )
    with connection.cursor().copy("COPY measures FROM STDIN") as copy:
        for measure in measures:
            copy.write_row(measure)
    connection.execute("ANALYZE measures")


def _fetch(connection: psycopg.Connection[Any]) -> None:
    connection.execute(SQL).fetchone()


def _row_by_row(measures: Measures) -> list[float]:
    return [volume_at_15(*measure) for measure in measures]
