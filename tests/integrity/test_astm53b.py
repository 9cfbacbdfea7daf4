"""Tables 53B and 54B against published values and against other ways to the same figures."""

import math
import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from integrity.astm53b import (
    FUEL_OILS,
    GASOLINES,
    JET_FUELS,
    TRANSITION,
    DensityRounding,
    OutOfTableError,
    Quantity,
    VcfRounding,
    VolumeRounding,
    Zone,
    density_at_15,
    observed_at,
    temperature_of,
    volume_at_15,
    volume_correction_factor,
    volumes_at_15,
    zone_of,
)

NAN, INFINITY = math.nan, math.inf
WATER = 999.012  # kg/m³ at 60 °F, in the tables of 1980
BOUNDARIES = (770.5, 787.5, 838.5)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function is zero, by bisection: no derivative, no fixed point, no start."""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def celsius(fahrenheit: float) -> float:
    return (fahrenheit - 32) / 1.8


def density_60f(density_15: float) -> float:
    return density_15 * volume_correction_factor(density_15, celsius(60))


def api_gravity(density: float) -> float:
    return 141.5 * WATER / density - 131.5


def density_of_api(gravity: float) -> float:
    return 141.5 * WATER / (gravity + 131.5)


# Published values


def test_53b_gives_the_density_of_a_published_calculation():
    """1008.0 kg/m³ at 4.5 °C is 1001.19: « ASTM Tables Calc », St. Petersburg crew service, table 53B."""
    assert density_at_15(1008.0, 4.5) == pytest.approx(1001.19, abs=0.005)


@pytest.mark.parametrize(
    ("read", "fahrenheit", "at_60f"),
    [
        (46.0, 85, 43.8),  # the worked pair of Table 5B
        (10.5, 135, 6.74),  # « ASTM Tables Calc », table 5B
    ],
)
def test_the_published_pairs_of_table_5b_come_out_of_53b_too(read, fahrenheit, at_60f):
    """The tables of 1980 are one correlation in three units: API gravity here, at 60 °F."""
    density_15 = density_at_15(density_of_api(read), celsius(fahrenheit))

    digits = len(str(at_60f).split(".")[1])
    assert round(api_gravity(density_60f(density_15)), digits) == at_60f


@pytest.mark.parametrize(
    ("at_60f", "fahrenheit", "vcf"),
    [
        (density_of_api(63), 75, 0.9895),  # « ASTM Tables Calc », table 6B
        (0.67 * WATER, 195.5, 0.88975),  # the same, table 24B, gasoline
    ],
)
def test_the_published_factors_of_tables_6b_and_24b_come_out_of_54b_too(at_60f, fahrenheit, vcf):
    density_15 = root(lambda density: density_60f(density) - at_60f, 653, 1075)

    to_60f = volume_correction_factor(density_15, celsius(60))
    found = volume_correction_factor(density_15, celsius(fahrenheit)) / to_60f
    assert found == pytest.approx(vcf, abs=5e-5)


@pytest.mark.parametrize(
    ("zone", "k0", "k1", "k2"),
    [
        (GASOLINES, 192.4571, 0.2438, 0),
        (TRANSITION, 1489.0670, 0, -0.00186840),
        (JET_FUELS, 330.3010, 0, 0),
        (FUEL_OILS, 103.8720, 0.2701, 0),
    ],
)
def test_the_constants_are_those_of_table_6b_per_celsius_instead_of_fahrenheit(zone, k0, k1, k2):
    """Table 6B's constants are printed apart, in °F: API MPMS 11.1, editions of 1980 and 2004 alike."""
    assert (round(1.8 * k0, 4), round(1.8 * k1, 4), round(1.8 * k2, 8)) == (
        zone.k0,
        zone.k1,
        zone.k2,
    )


def vcf_2004(density_15: float, temperature: float) -> float:
    """The edition of 2004 (API MPMS 11.1-2004, 11.1.6.1): another base, 60 °F, and another algebra."""

    def ctl(density: float, celsius_90: float) -> float:
        zones = (
            (770.3520, 192.4571, 0.2438, 0),
            (787.5195, 1489.0670, 0, -0.00186840),
            (838.3127, 330.3010, 0, 0),
            (1163.5, 103.8720, 0.2701, 0),
        )
        k0, k1, k2 = next(constants for limit, *constants in zones if density <= limit)
        scale = 0.0
        for coefficient in (  # from ITS-90 to IPTS-68
            *(-3.536296, 7.438081, -1.871251, -4.089591),
            *(1.269056, 1.080760, -0.267408, -0.148759),
        ):
            scale = (scale + coefficient) * celsius_90 / 630
        shift = 0.01374979547
        half = shift / 2 * ((k0 / density + k1) / density + k2)
        slope = (2 * k0 + k1 * density) / (k0 + (k1 + k2 * density) * density)
        moved = math.expm1(half * (1 + 0.8 * half)) / (1 + half * (1 + 1.6 * half) * slope)
        base = density * (1 + moved)
        expansion = (k0 / base + k1) / base + k2
        delta = 1.8 * (celsius_90 - scale) + 32 - 60.0068749
        return math.exp(-expansion * delta * (1 + 0.8 * expansion * (delta + shift)))

    base = root(lambda density: density * ctl(density, 15) - density_15, 640, 1163)
    return ctl(base, temperature) / ctl(base, 15)


@pytest.mark.parametrize(("lightest", "densest"), [(700, 768), (790, 837), (840, 1060)])
def test_the_edition_of_2004_differs_by_less_than_a_litre_in_fifty_thousand(lightest, densest):
    """Away from the zones' limits, at a depot's temperatures."""
    random.seed(2004)
    for _ in range(300):
        density, temperature = random.uniform(lightest, densest), random.uniform(0, 50)
        assert volume_correction_factor(density, temperature) == pytest.approx(
            vcf_2004(density, temperature), rel=2e-5
        )


# The definition, solved another way


def grid(count: int) -> list[tuple[float, float]]:
    """Densities at 15 °C and temperatures all over the tables, their edges and limits among them."""
    random.seed(53)
    points = []
    while len(points) < count:
        temperature = random.choice([random.uniform(-18, 150), -18, 15, 95, 125, 150])
        lowest = 653 if temperature <= 95 else 778 if temperature <= 125 else 824
        density = random.choice([random.uniform(lowest, 1075), lowest, 1075, *BOUNDARIES])
        if density >= lowest:
            points.append((density, temperature))
    return points


def test_53b_finds_the_density_that_bisection_of_the_definition_finds():
    """ρ15 is where ρ15 × VCF(ρ15) is the reading; inside a zone, whose constants are written anew here."""
    zones = [
        (653, 770.4999, lambda d: 346.4228 / d**2 + 0.4388 / d),
        (770.5, 787.5, lambda d: -0.00336312 + 2680.3206 / d**2),
        (787.5001, 838.5, lambda d: 594.5418 / d**2),
        (838.5001, 1075, lambda d: 186.9696 / d**2 + 0.4862 / d),
    ]
    random.seed(15)
    for _ in range(2000):
        lightest, densest, expansion = random.choice(zones)
        temperature = random.uniform(-18, 95)
        delta = temperature - 15

        def brought_to_temperature(density, expansion=expansion, delta=delta):
            x = expansion(density) * delta
            return density * math.exp(-x - 0.8 * x**2)

        glass = 1 - 0.000023 * delta - 2e-8 * delta**2
        reading = brought_to_temperature(random.uniform(lightest + 0.2, densest - 0.2))
        expected = root(
            lambda density, reading=reading: brought_to_temperature(density) - reading, 600, 1100
        )
        assert density_at_15(reading / glass, temperature) == pytest.approx(expected, rel=1e-12)


def test_54b_brings_what_53b_found_back_to_the_reading():
    for density, temperature in grid(5000):
        if min(abs(density - boundary) for boundary in BOUNDARIES) < 0.2:
            continue
        observed = observed_at(density, temperature)
        assert density_at_15(observed, temperature) == pytest.approx(density, rel=1e-12)


def test_at_15_degrees_nothing_is_corrected():
    for density in (653, 720.5, *BOUNDARIES, 1075):
        assert density_at_15(density, 15) == density
        assert volume_correction_factor(density, 15) == 1
        assert volume_at_15(38_312, density, 15) == 38_312


# Zones


@pytest.mark.parametrize(
    ("density", "zone"),
    [
        (653.0, GASOLINES),
        (770.0, GASOLINES),
        (770.5, TRANSITION),
        (787.5, TRANSITION),
        (788.0, JET_FUELS),
        (838.5, JET_FUELS),
        (839.0, FUEL_OILS),
        (1075.0, FUEL_OILS),
    ],
)
def test_every_printed_row_next_to_a_limit_is_in_the_printed_zone(density: float, zone: Zone):
    assert zone_of(density) is zone


@pytest.mark.parametrize("temperature", [-18, 0, 15, 29.7, 60, 95, 125, 150])
def test_a_denser_reading_is_never_a_lighter_product_across_a_limit_either(temperature):
    for boundary in BOUNDARIES:
        if boundary < {125: 778, 150: 824}.get(temperature, 653):
            continue
        about = observed_at(boundary, temperature)
        densities = [density_at_15(about + step / 1000, temperature) for step in range(-400, 401)]

        assert all(denser >= lighter - 1e-9 for lighter, denser in pairwise(densities))
        assert max(denser - lighter for lighter, denser in pairwise(densities)) < 0.15


def last_gasoline_reading(temperature: float) -> float:
    """The observed density at which gasolines reach 770.5 kg/m³ at 15 °C."""
    expansion = GASOLINES.expansion(770.5) * (temperature - 15)
    glass = observed_at(1000, temperature, hydrometer=False) / observed_at(1000, temperature)
    return 770.5 * math.exp(-expansion * (1 + 0.8 * expansion)) / glass


@pytest.mark.parametrize("temperature", [29.7, 60, 95])
def test_above_15_degrees_readings_that_no_zone_gives_are_at_the_limit(temperature):
    last, first = last_gasoline_reading(temperature), observed_at(770.5, temperature)
    assert 0 < first - last < 0.1
    assert density_at_15((first + last) / 2, temperature) == 770.5


@pytest.mark.parametrize("temperature", [-18, 0])
def test_below_15_degrees_readings_that_two_zones_give_are_of_the_lighter_one(temperature):
    last, first = last_gasoline_reading(temperature), observed_at(770.5, temperature)
    assert 0 < last - first < 0.05
    assert zone_of(density_at_15((first + last) / 2, temperature)) is GASOLINES


# The glass of the hydrometer


def test_the_glass_of_a_hydrometer_makes_a_warm_reading_too_high():
    corrected = density_at_15(837, 30)
    assert corrected < density_at_15(837, 30, hydrometer=False)
    glass = 1 - 0.000023 * 15 - 0.00000002 * 15**2
    assert corrected == density_at_15(837 * glass, 30, hydrometer=False)


# Rounding


@pytest.mark.parametrize(
    ("rounding", "vcf"),
    [
        (VcfRounding.NONE, 0.9957784071),
        (VcfRounding.FIVE_DECIMALS, 0.99578),
        (VcfRounding.FOUR_DECIMALS, 0.9958),
    ],
)
def test_a_vcf_is_rounded_as_named(rounding, vcf):
    assert volume_correction_factor(840.4, 20, rounding=rounding) == pytest.approx(vcf, abs=1e-10)


@pytest.mark.parametrize(
    ("rounding", "litres"),
    [
        (VolumeRounding.NONE, 39163.978),
        (VolumeRounding.RECEPTION, 39164.0),
        (VolumeRounding.SORTIE, 39164.0),
    ],
)
def test_a_volume_is_rounded_as_named(rounding, litres):
    found = volume_at_15(39_330, 837, 20, volume_rounding=rounding)
    assert found == pytest.approx(litres, abs=0.005)


def test_a_half_goes_away_from_zero_as_it_is_written():
    assert volume_at_15(100.25, 840, 15, volume_rounding=VolumeRounding.RECEPTION) == 100.3
    assert volume_at_15(100.5, 840, 15, volume_rounding=VolumeRounding.SORTIE) == 101
    assert volume_at_15(101.5, 840, 15, volume_rounding=VolumeRounding.SORTIE) == 102


def test_the_printed_table_has_rows_every_half_kilogram_and_columns_every_twentieth_of_a_degree():
    def table(observed, temperature):
        return density_at_15(observed, temperature, rounding=DensityRounding.TABLE)

    assert table(837.25, 29.7) == table(837.5, 29.7) == table(837.7, 29.72) == 847.6
    assert table(837.2, 29.7) == table(837.0, 29.7) == 847.1


def test_a_volume_uses_the_vcf_as_rounded():
    rounded = volume_at_15(39_330, 837, 20, vcf_rounding=VcfRounding.FOUR_DECIMALS)
    assert rounded == pytest.approx(39_330 * 0.9958)


# Many at once


def test_many_volumes_are_each_volume_and_none_where_one_would_raise():
    measures = [
        (39_330, 837, 20),
        (39_330, 837, 160),
        (NAN, 837, 20),
        (39_330, INFINITY, 20),
        (-1, 837, 20),
        (38_312, 720, 31.5),
    ]
    assert volumes_at_15(measures) == [
        volume_at_15(39_330, 837, 20),
        *[None] * 4,
        volume_at_15(38_312, 720, 31.5),
    ]
    assert volumes_at_15(measures[:1], hydrometer=False) == [
        volume_at_15(39_330, 837, 20, hydrometer=False)
    ]


# Refusals


@pytest.mark.parametrize(
    ("density", "temperature"),
    [(653, 95), (778, 95.1), (778, 125), (824, 125.1), (824, 150), (1075, -18), (653, -18)],
)
def test_the_edges_of_the_tables_belong_to_them(density, temperature):
    observed = observed_at(density, temperature)
    assert density_at_15(observed, temperature) == pytest.approx(density, rel=1e-12)


@pytest.mark.parametrize(
    ("density", "temperature", "refusal"),
    [
        (840, -18.1, "La température (−18,1 °C) est hors du domaine admis : de −18 à 150 °C."),
        (840, 150.5, "La température (150,5 °C) est hors du domaine admis : de −18 à 150 °C."),
        (
            652.9,
            20,
            "La densité à 15 °C (652,9 kg/m³) est hors du domaine admis :"
            " de 653 à 1 075 kg/m³ à cette température.",
        ),
        (
            777.9,
            100,
            "La densité à 15 °C (777,9 kg/m³) est hors du domaine admis :"
            " de 778 à 1 075 kg/m³ à cette température.",
        ),
        (
            1075.1,
            130,
            "La densité à 15 °C (1 075,1 kg/m³) est hors du domaine admis :"
            " de 824 à 1 075 kg/m³ à cette température.",
        ),
        (NAN, 20, "La densité à 15 °C doit être un nombre fini."),
        (840, INFINITY, "La température doit être un nombre fini."),
    ],
)
def test_54b_says_which_input_it_does_not_cover_and_what_it_does(density, temperature, refusal):
    with pytest.raises(OutOfTableError) as raised:
        volume_correction_factor(density, temperature)
    assert str(raised.value).replace("\u00a0", " ") == refusal


@pytest.mark.parametrize("rounding", DensityRounding)
@pytest.mark.parametrize(
    ("observed", "temperature", "quantity"),
    [
        (640, 20, Quantity.OBSERVED),
        (1075, 16, Quantity.OBSERVED),
        (0, 20, Quantity.OBSERVED),
        (-840, 20, Quantity.OBSERVED),
        (1e308, 20, Quantity.OBSERVED),
        (NAN, 20, Quantity.OBSERVED),
        (-INFINITY, 20, Quantity.OBSERVED),
        (840, 151, Quantity.TEMPERATURE),
        (840, NAN, Quantity.TEMPERATURE),
        (NAN, NAN, Quantity.TEMPERATURE),
        (690, 96, Quantity.OBSERVED),
    ],
)
def test_53b_refuses_what_it_does_not_cover_and_names_it(observed, temperature, quantity, rounding):
    with pytest.raises(OutOfTableError) as raised:
        density_at_15(observed, temperature, rounding=rounding)
    assert raised.value.quantity is quantity


def test_53b_says_between_which_readings_it_lies_at_that_temperature():
    with pytest.raises(OutOfTableError) as raised:
        density_at_15(500, 25)
    assert str(raised.value).replace("\u00a0", " ") == (
        "La densité observée (500 kg/m³) est hors du domaine admis :"
        " de 643,4 à 1 068,6 kg/m³ à cette température."
    )


@pytest.mark.parametrize("volume", [-0.1, 1.1e12, NAN, INFINITY])
def test_a_volume_that_no_depot_measures_is_refused(volume):
    with pytest.raises(OutOfTableError, match="Le volume") as raised:
        volume_at_15(volume, 837, 20)
    assert raised.value.quantity is Quantity.VOLUME


def test_a_refusal_is_a_value_error():
    with pytest.raises(ValueError, match="température"):
        volume_at_15(39_330, 837, 200)


# Backwards


def test_a_vcf_and_a_density_tell_the_temperature():
    for density, temperature in grid(1000):
        vcf = volume_correction_factor(density, temperature)
        assert temperature_of(density, vcf) == pytest.approx(temperature, abs=1e-6)


@pytest.mark.parametrize(
    ("density", "vcf"), [(840, 0.7), (840, 1.2), (840, 0), (840, NAN), (0, 0.99), (INFINITY, 0.99)]
)
def test_a_vcf_that_the_table_does_not_hold_tells_none(density, vcf):
    assert temperature_of(density, vcf) is None
