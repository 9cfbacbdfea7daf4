"""Volume of refined products at 15 °C: API MPMS chapter 11.1, edition of 1980 (ASTM D1250-80, IP 200/80).

Table 53B gives the density at 15 °C from an observed one, Table 54B the volume correction factor (VCF)
from the density at 15 °C. Why that edition, and what its printed rows round: docs/astm-53b.md.
Densities are in kg/m³, temperatures in °C, volumes in litres; integrity/sql/astm53b is the same in SQL.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

BASE = 15.0  # °C
COLDEST, HOTTEST = -18.0, 150.0  # °C
# °C up to which the tables go, and the least density at 15 °C that they then hold.
LEAST_DENSITIES = ((95.0, 653.0), (125.0, 778.0), (HOTTEST, 824.0))
DENSEST = 1075.0
MOST_LITRES = 1e12  # beyond any depot; its product with a VCF is a number in SQL too

# Newton's method from the reading itself: the third step is within 1e-11, the fourth exact.
STEPS = 4


@dataclass(frozen=True)
class Zone:
    """A product group of the B tables: its expansion at 15 °C is k0/ρ² + k1/ρ + k2, per °C."""

    lightest: float  # kg/m³ at 15 °C
    k0: float
    k1: float
    k2: float

    def expansion(self, density_15: float) -> float:
        return (self.k0 / density_15 + self.k1) / density_15 + self.k2


# API MPMS 11.1 (1980), Table 54B. A zone ends where the next begins; the printed rows, every 0.5 kg/m³,
# say whose the limit is: 770.5 is the transition's, 787.5 too, 838.5 the jet fuels'.
GASOLINES = Zone(653.0, 346.4228, 0.4388, 0.0)
TRANSITION = Zone(770.5, 2680.3206, 0.0, -0.00336312)
JET_FUELS = Zone(787.5, 594.5418, 0.0, 0.0)
FUEL_OILS = Zone(838.5, 186.9696, 0.4862, 0.0)


class DensityRounding(Enum):
    """Of a density at 15 °C. The printed table knows readings to 0.5 kg/m³ and 0.05 °C only."""

    NONE = None
    TABLE = "0.1"  # kg/m³


class VcfRounding(Enum):
    """Of a volume correction factor: four decimals are the printed Table 54B."""

    NONE = None
    FIVE_DECIMALS = "0.00001"
    FOUR_DECIMALS = "0.0001"


class VolumeRounding(Enum):
    """Of a volume at 15 °C, as ML_PP notes it."""

    NONE = None
    RECEPTION = "0.1"  # L
    SORTIE = "1"  # L


class Quantity(StrEnum):
    """An input of the tables, by the name that the functions give it."""

    OBSERVED = "observed"
    TEMPERATURE = "temperature"
    DENSITY_15 = "density_15"
    VOLUME = "volume"


FRENCH = {
    Quantity.OBSERVED: (gettext_lazy("La densité observée"), "kg/m³"),
    Quantity.TEMPERATURE: (gettext_lazy("La température"), "°C"),
    Quantity.DENSITY_15: (gettext_lazy("La densité à 15\u00a0°C"), "kg/m³"),
    Quantity.VOLUME: (gettext_lazy("Le volume"), "L"),
}


class OutOfTableError(ValueError):
    """An input that the tables do not cover; the text says which one and what they cover."""

    def __init__(self, quantity: Quantity, message: str) -> None:
        super().__init__(message)
        self.quantity = quantity


def density_at_15(
    observed: float,
    temperature: float,
    *,
    hydrometer: bool = True,
    rounding: DensityRounding = DensityRounding.NONE,
) -> float:
    """Density at 15 °C (kg/m³) of a product observed at `temperature` (Table 53B).

    `hydrometer` says that a glass hydrometer was read, as the table assumes: its expansion is corrected.
    Raises OutOfTableError.
    """
    if rounding is DensityRounding.TABLE:
        return _printed_density(observed, temperature, hydrometer=hydrometer)
    density = _density(observed, temperature, hydrometer)
    if density is None:
        raise _refusal(observed, temperature, hydrometer)
    return density


def volume_correction_factor(
    density_15: float, temperature: float, *, rounding: VcfRounding = VcfRounding.NONE
) -> float:
    """Litres at 15 °C per litre at `temperature` of a product of that density at 15 °C (Table 54B).

    Raises OutOfTableError.
    """
    vcf = _vcf(density_15, temperature)
    if vcf is None:
        _check(Quantity.TEMPERATURE, temperature, COLDEST, HOTTEST)
        lowest = _least_density(temperature)
        raise _out_of_domain(Quantity.DENSITY_15, density_15, lowest, DENSEST, at_temperature=True)
    return _to_nearest(vcf, rounding.value)


def volume_at_15(
    volume: float,
    observed: float,
    temperature: float,
    *,
    hydrometer: bool = True,
    vcf_rounding: VcfRounding = VcfRounding.NONE,
    volume_rounding: VolumeRounding = VolumeRounding.NONE,
) -> float:
    """Litres at 15 °C of `volume` litres at `temperature`, the density observed there too (53B, then 54B).

    Raises OutOfTableError, also for a volume that is negative or beyond any depot.
    """
    _check(Quantity.VOLUME, volume, 0.0, MOST_LITRES)
    density_15 = density_at_15(observed, temperature, hydrometer=hydrometer)
    vcf = volume_correction_factor(density_15, temperature, rounding=vcf_rounding)
    return _to_nearest(volume * vcf, volume_rounding.value)


def volumes_at_15(
    measures: Iterable[tuple[float, float, float]], *, hydrometer: bool = True
) -> list[float | None]:
    """`volume_at_15` of many (volume, observed density, temperature), unrounded.

    Never raises: None stands where `volume_at_15` would, as NULL does in SQL.
    """
    results: list[float | None] = []
    for volume, observed, temperature in measures:
        result = None
        if 0.0 <= volume <= MOST_LITRES:
            density_15 = _density(observed, temperature, hydrometer)
            vcf = None if density_15 is None else _vcf(density_15, temperature)
            result = None if vcf is None else volume * vcf
        results.append(result)
    return results


def observed_at(density_15: float, temperature: float, *, hydrometer: bool = True) -> float:
    """Density (kg/m³) that is observed at `temperature` of a product of that density at 15 °C.

    Table 53B read backwards. Raises OutOfTableError.
    """
    vcf = volume_correction_factor(density_15, temperature)
    return density_15 * vcf / _readings(temperature, hydrometer)[0]


def temperature_of(density_15: float, vcf: float) -> float | None:
    """Temperature (°C) at which a product of that density at 15 °C has that VCF; None outside Table 54B."""
    if not (GASOLINES.lightest <= density_15 <= DENSEST and 0 < vcf < 1.3):  # real below 1.36
        return None
    expansion = (math.sqrt(1 - 3.2 * math.log(vcf)) - 1) / 1.6
    temperature = round(BASE + expansion / zone_of(density_15).expansion(density_15), 9)
    return None if _vcf(density_15, temperature) is None else temperature


def zone_of(density_15: float) -> Zone:
    """The product group of a density at 15 °C (kg/m³)."""
    if density_15 < TRANSITION.lightest:
        return GASOLINES
    if density_15 <= JET_FUELS.lightest:
        return TRANSITION
    if density_15 <= FUEL_OILS.lightest:
        return JET_FUELS
    return FUEL_OILS


def _vcf(density_15: float, temperature: float) -> float | None:
    """Table 54B, or None outside of it; NaN and infinity compare false and are outside."""
    if not COLDEST <= temperature <= HOTTEST:
        return None
    if not _least_density(temperature) <= density_15 <= DENSEST:
        return None
    return _factor(density_15, temperature - BASE, zone_of(density_15))


def _factor(density_15: float, delta: float, zone: Zone) -> float:
    """exp(−αΔt(1 + 0.8αΔt)), the form of every table of 1980 (API MPMS 11.1, volume X)."""
    expansion = zone.expansion(density_15) * delta
    return math.exp(-expansion * (1 + 0.8 * expansion))


def _density(observed: float, temperature: float, hydrometer: bool) -> float | None:
    """Table 53B, or None outside of it: the density whose VCF brings it back to the reading.

    The zone comes first, from the reading: in two zones, or between two (less than 0.1 kg/m³), the
    iteration of the standard would answer by where it starts, or never. A denser reading is never lighter.
    """
    if not COLDEST <= temperature <= HOTTEST:
        return None
    glass, lowest, transition, jet_fuels, fuel_oils, highest = _readings(temperature, hydrometer)
    if not lowest <= observed <= highest:
        return None
    if observed < transition:
        zone = GASOLINES
    elif observed <= jet_fuels:
        zone = TRANSITION
    elif observed <= fuel_oils:
        zone = JET_FUELS
    else:
        zone = FUEL_OILS
    k0, k1, k2, delta = zone.k0, zone.k1, zone.k2, temperature - BASE
    reading = density = observed * glass
    for _step in range(STEPS):
        expansion = ((k0 / density + k1) / density + k2) * delta
        excess = reading * math.exp(expansion * (1 + 0.8 * expansion)) - density
        slope = 1 + (2 * k0 / density + k1) / density * delta * (1 + 1.6 * expansion)
        density += excess / slope
    return min(max(density, zone.lightest, _least_density(temperature)), DENSEST)


@lru_cache(maxsize=4096)  # depots read few temperatures: to 0.1 or 0.5 °C
def _readings(temperature: float, hydrometer: bool) -> tuple[float, ...]:
    """Correction of the glass, then the observed densities at which the table and its zones begin and end.

    Soda-lime glass graduated at 15 °C (API MPMS 11.1, Table 53B, the hydrometer correction).
    """
    delta = temperature - BASE
    glass = 1 - 0.000023 * delta - 0.00000002 * delta * delta if hydrometer else 1.0
    lowest = _least_density(temperature)
    limits = (
        (lowest, zone_of(lowest)),
        (TRANSITION.lightest, GASOLINES),
        (JET_FUELS.lightest, TRANSITION),
        (FUEL_OILS.lightest, JET_FUELS),
        (DENSEST, FUEL_OILS),
    )
    return (glass, *(limit * _factor(limit, delta, zone) / glass for limit, zone in limits))


def _least_density(temperature: float) -> float:
    for hottest, density in LEAST_DENSITIES:
        if temperature <= hottest:
            return density
    return DENSEST


def _printed_density(observed: float, temperature: float, *, hydrometer: bool) -> float:
    """What the printed Table 53B says: its own rows, a reading of two decimals, a result of one.

    The intermediate roundings of α and of the VCF are left out: they move less than 0.01 kg/m³.
    """
    density_at_15(observed, temperature, hydrometer=hydrometer)  # refuses what has no row
    row, column = _to_nearest(observed, "0.5"), _to_nearest(temperature, "0.05")
    glass = _readings(column, hydrometer)[0]
    density = density_at_15(_to_nearest(row * glass, "0.01"), column, hydrometer=False)
    return _to_nearest(density, DensityRounding.TABLE.value)


def _refusal(observed: float, temperature: float, hydrometer: bool) -> OutOfTableError:
    """Why `_density` has no answer: the temperature, or else the reading at that temperature."""
    _check(Quantity.TEMPERATURE, temperature, COLDEST, HOTTEST)
    _, lowest, *_, highest = _readings(temperature, hydrometer)
    return _out_of_domain(
        Quantity.OBSERVED, observed, round(lowest, 1), round(highest, 1), at_temperature=True
    )


def _check(quantity: Quantity, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise _out_of_domain(quantity, value, lowest, highest)


def _out_of_domain(
    quantity: Quantity,
    value: float,
    lowest: float,
    highest: float,
    *,
    at_temperature: bool = False,
) -> OutOfTableError:
    name, unit = FRENCH[quantity]
    if not math.isfinite(value):
        sentence = _("{name} doit être un nombre fini.")
    elif at_temperature:
        sentence = _(
            "{name} ({value}\u00a0{unit}) est hors du domaine admis\u00a0: "
            "de {lowest} à {highest}\u00a0{unit} à cette température."
        )
    else:
        sentence = _(
            "{name} ({value}\u00a0{unit}) est hors du domaine admis\u00a0: "
            "de {lowest} à {highest}\u00a0{unit}."
        )
    return OutOfTableError(
        quantity,
        sentence.format(
            name=name,
            unit=unit,
            value=french_number(value),
            lowest=french_number(lowest),
            highest=french_number(highest),
        ),
    )


def _to_nearest(value: float, step: str | None) -> float:
    """Nearest multiple of `step`, a half going away from zero as in PostgreSQL's numeric."""
    if step is None:
        return value
    count = (Decimal(repr(value)) / Decimal(step)).quantize(Decimal(1), ROUND_HALF_UP)
    return float(count * Decimal(step))


def french_number(value: float) -> str:
    """« −12 345,6 », with no-break spaces."""
    return f"{value:,.15g}".replace(",", "\u00a0").replace(".", ",").replace("-", "−")
