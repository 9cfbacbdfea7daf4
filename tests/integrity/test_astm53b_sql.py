"""The tables in PostgreSQL: the same figures as Python's, and NULL instead of an error."""

import math
import random
from typing import Any

import pytest
from django.db import connection

from integrity.astm53b import density_at_15, observed_at, volume_correction_factor, volumes_at_15
from tests.database import as_owner

POINTS = 100_000
NAN, INFINITY = math.nan, math.inf


def read(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of a query of the application's login."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def grid() -> list[tuple[float, float, float]]:
    """Volumes, observed densities and temperatures: all over the tables, and a tenth around them."""
    random.seed(53)
    points = []
    for _ in range(POINTS):
        temperature = random.uniform(-25, 160)
        lowest = 653 if temperature <= 95 else 778 if temperature <= 125 else 824
        density = random.uniform(lowest - 5, 1080)
        if -18 <= temperature <= 150 and lowest <= density <= 1075:
            density = observed_at(density, temperature, hydrometer=random.random() < 0.5)
        points.append((random.uniform(0, 60_000), density, temperature))
    return points


def assert_same(in_sql: list[float | None], in_python: list[float | None]) -> None:
    """NULL where Python has None, else equal to 1e-9; fewer than all and more than none are NULL."""
    assert len(in_sql) == len(in_python) == POINTS
    assert 0.02 < in_sql.count(None) / POINTS < 0.2
    apart = [
        pair
        for pair in zip(in_sql, in_python, strict=True)
        if not (pair == (None, None) or (None not in pair and math.isclose(*pair, rel_tol=1e-9)))
    ]
    assert apart == []


@pytest.mark.parametrize("hydrometer", [True, False])
def test_volumes_of_a_hundred_thousand_points_are_python_s(db, grid, hydrometer):
    volumes, densities, temperatures = (list(column) for column in zip(*grid, strict=True))
    rows = read(
        "SELECT gouvernance.astm53b_volume_15(v, d, t, %s)"
        " FROM unnest(%s::float8[], %s::float8[], %s::float8[]) WITH ORDINALITY AS m(v, d, t, n)"
        " ORDER BY n",
        hydrometer,
        volumes,
        densities,
        temperatures,
    )

    assert_same([value for (value,) in rows], volumes_at_15(grid, hydrometer=hydrometer))


def test_densities_and_factors_of_a_hundred_thousand_points_are_python_s(db, grid):
    rows = read(
        "SELECT density, gouvernance.astm54b_vcf(density, t)"
        " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS m(d, t, n),"
        " LATERAL (SELECT gouvernance.astm53b_density_15(d, t) AS density OFFSET 0) AS found"
        " ORDER BY n",
        [density for _, density, _ in grid],
        [temperature for *_, temperature in grid],
    )

    densities: list[float | None] = []
    factors: list[float | None] = []
    for _, observed, temperature in grid:
        try:
            density = density_at_15(observed, temperature)
        except ValueError:
            densities.append(None)
            factors.append(None)
        else:
            densities.append(density)
            factors.append(volume_correction_factor(density, temperature))
    assert_same([density for density, _ in rows], densities)
    assert_same([factor for _, factor in rows], factors)


def test_the_loop_has_converged_to_1e_12(db, grid):
    """What it found, brought back to temperature, is the reading."""
    (worst, found) = read(
        "SELECT max(abs(density * gouvernance.astm54b_vcf(density, t) / d - 1)), count(density)"
        " FROM unnest(%s::float8[], %s::float8[]) AS m(d, t),"
        " LATERAL (SELECT gouvernance.astm53b_density_15(d, t, false) AS density OFFSET 0) AS x"
        " WHERE abs(density - 770.5) > 0.2 AND abs(density - 787.5) > 0.2"
        " AND abs(density - 838.5) > 0.2",
        [density for _, density, _ in grid],
        [temperature for *_, temperature in grid],
    )[0]

    assert worst < 1e-12
    assert found > 0.8 * POINTS


@pytest.mark.parametrize(
    ("density", "temperature"),
    [(653, 95), (778, 95.01), (778, 125), (824, 125.01), (824, 150), (1075, -18)]
    + [(density, 29.7) for density in (770.0, 770.5, 787.5, 788.0, 838.5, 839.0)],
)
def test_edges_and_limits_are_python_s(db, density, temperature):
    assert read("SELECT gouvernance.astm54b_vcf(%s, %s)", density, temperature) == [
        (pytest.approx(volume_correction_factor(density, temperature), rel=1e-14),)
    ]


WRONG = [
    NAN,
    INFINITY,
    -INFINITY,
    0.0,
    -1.0,
    -0.0,
    5e-324,
    -1e308,
    1e308,
    1.7976931348623157e308,
    None,
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_figure_gives_null_and_never_an_error(db, wrong):
    assert read(
        "SELECT gouvernance.astm54b_vcf(%s::float8, 20),"
        " gouvernance.astm53b_density_15(%s::float8, 20),"
        " gouvernance.astm53b_volume_15(1000, %s::float8, 20)",
        *[wrong] * 3,
    ) == [(None, None, None)]


@pytest.mark.parametrize("wrong", [NAN, INFINITY, -INFINITY, -18.1, 150.1, -1e308, 1e308, None])
def test_a_wrong_temperature_gives_null_and_never_an_error(db, wrong):
    assert read(
        "SELECT gouvernance.astm54b_vcf(840, %s::float8),"
        " gouvernance.astm53b_density_15(837, %s::float8),"
        " gouvernance.astm53b_volume_15(1000, 837, %s::float8)",
        *[wrong] * 3,
    ) == [(None, None, None)]


@pytest.mark.parametrize("wrong", [NAN, INFINITY, -INFINITY, -1, 1.1e12, 1e308, None])
def test_a_wrong_volume_gives_null_and_never_an_error(db, wrong):
    assert read("SELECT gouvernance.astm53b_volume_15(%s::float8, 837, 20)", wrong) == [(None,)]


def test_no_volume_is_none_at_15_degrees_either(db):
    assert read("SELECT gouvernance.astm53b_volume_15(0, 837, 20)") == [(0,)]


def test_wrong_figures_in_a_column_give_null_too(db):
    """Nothing is evaluated at plan time here, unlike constants."""
    rows = read(
        "SELECT gouvernance.astm53b_volume_15(x, x, x), gouvernance.astm54b_vcf(x, x),"
        " gouvernance.astm54b_vcf(x, 20), gouvernance.astm54b_vcf(840, x)"
        " FROM unnest(%s::float8[]) AS x",
        WRONG,
    )
    assert [row[:3] for row in rows] == [(None, None, None)] * len(WRONG)
    assert [row[3] is not None for row in rows] == [
        value is not None and -18 <= value <= 150 for value in WRONG
    ]


@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_a_person_and_the_service_may_compute(db, role):
    with as_owner() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'gouvernance'::regnamespace AND proname ~ '^astm5'",
            [role],
        )
        assert cursor.fetchall() == [(True,)] * 4


def test_the_internet_may_not(db):
    with as_owner() as cursor:
        cursor.execute(
            "SELECT has_function_privilege('anon', oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'gouvernance'::regnamespace AND proname ~ '^astm5'"
        )
        assert cursor.fetchall() == [(False,)] * 4
