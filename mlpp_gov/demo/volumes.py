"""Believable measurements: a volume at the depot's temperature and what it is at 15 °C."""

from dataclasses import dataclass
from math import exp

from mlpp_gov.demo.referentials import ESSENCE
from mlpp_gov.demo.rows import Produit

# Coefficients of thermal expansion K0 and K1 (API MPMS 11.1, tables 54B: fuel oils, gasolines).
FUEL_OIL = (186.9696, 0.4862)
GASOLINE = (346.4228, 0.4388)


@dataclass(frozen=True)
class Measure:
    """Litres ambient and at 15 °C, °C, and the density in kg/m³ as observed at that temperature."""

    ambient: float
    at_15c: float
    temperature: float
    observed_density: float


def measure(produit: Produit, ambient: float, *, density_15: float, temperature: float) -> Measure:
    """What the depot would note for `ambient` litres of product of that density at 15 °C."""
    k0, k1 = GASOLINE if produit is ESSENCE else FUEL_OIL
    alpha = (k0 / density_15 + k1) / density_15
    delta = temperature - 15
    vcf = exp(-alpha * delta * (1 + 0.8 * alpha * delta))
    return Measure(
        ambient=float(ambient),
        at_15c=round(ambient * vcf, 1),
        temperature=temperature,
        observed_density=round(density_15 * vcf, 1),
    )
