"""Which figures of one conversion to 15 °C agree with which, and what the odd one out implies.

A row noted in the field carries its own density at 15 °C, VCF and volume at 15 °C. Each is judged at the
last digit it was noted with, against the row's other figures: no tolerance hides a contradiction.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrity.astm53b import (
    DensityRounding,
    VcfRounding,
    VolumeRounding,
    density_at_15,
    french_number,
    observed_at,
    temperature_of,
    volume_at_15,
    volume_correction_factor,
)

# Half of the last digit noted: 0.1 kg/m³, four decimals, 1 L; a thousandth more for binary fractions.
HALF_DENSITY, HALF_VCF, HALF_LITRE = 0.05005, 0.00005005, 0.5005


@dataclass(frozen=True)
class FieldRow:
    """One conversion as noted: litres, °C and kg/m³; the last three are what the field computed."""

    volume: float
    temperature: float
    observed: float
    density_15: float
    vcf: float
    volume_15: float


@dataclass(frozen=True)
class Diagnosis:
    """Which figures of a row agree, and what the tables say: printed 53B, 54B to four decimals, whole litres."""

    row: FieldRow
    density_15: float  # kg/m³
    vcf: float
    volume_15: float  # L
    density_agrees: bool  # with the observed density and the temperature
    vcf_agrees: bool  # with the row's own density at 15 °C and the temperature
    volume_agrees: bool  # with the row's own VCF
    implied_temperature: (
        float | None
    )  # °C at which the row's own density at 15 °C has the row's own VCF
    implied_observed: (
        float  # kg/m³ that the row's own density at 15 °C has at the row's temperature
    )

    @property
    def consistent(self) -> bool:
        return self.density_agrees and self.vcf_agrees and self.volume_agrees

    @property
    def sentences(self) -> list[str]:
        """What contradicts what; one sentence that says so when nothing does."""
        row, found = self.row, []
        if not self.density_agrees:
            found.append(
                _(
                    "La densité à 15\u00a0°C notée ({noted}) ne suit pas de la densité observée "
                    "({observed})\u00a0: la table 53B donne {computed}\u00a0; {noted} correspond à "
                    "une densité observée de {implied}."
                ).format(
                    noted=french_number(row.density_15),
                    observed=french_number(row.observed),
                    computed=french_number(self.density_15),
                    implied=french_number(round(self.implied_observed, 1)),
                )
            )
        if not self.vcf_agrees:
            found.append(self._vcf_sentence())
        if not self.volume_agrees:
            found.append(
                _(
                    "Le volume à 15\u00a0°C noté ({noted}\u00a0L) n’est pas le volume multiplié par "
                    "le VCF noté ({product}\u00a0L)."
                ).format(
                    noted=french_number(row.volume_15),
                    product=french_number(round(row.volume * row.vcf, 1)),
                )
            )
        return found or [_("Les chiffres de la ligne s’accordent.")]

    def _vcf_sentence(self) -> str:
        figures = {
            "noted": french_number(self.row.vcf),
            "temperature": french_number(self.row.temperature),
            "computed": french_number(self.vcf),
        }
        if self.implied_temperature is None:
            return _(
                "Le VCF noté ({noted}) n’est pas celui de {temperature}\u00a0°C\u00a0: la table 54B "
                "donne {computed}\u00a0; {noted} ne correspond à aucune température de la table."
            ).format(**figures)
        return _(
            "Le VCF noté ({noted}) n’est pas celui de {temperature}\u00a0°C\u00a0: la table 54B "
            "donne {computed}\u00a0; {noted} correspond à {implied}\u00a0°C."
        ).format(**figures, implied=french_number(round(self.implied_temperature, 1)))


def diagnose(row: FieldRow) -> Diagnosis:
    """Judge each figure of a row against the others.

    Raises OutOfTableError when the tables do not cover what was measured, or the density at 15 °C.
    """
    density_15 = density_at_15(row.observed, row.temperature, rounding=DensityRounding.TABLE)
    own_vcf = volume_correction_factor(row.density_15, row.temperature)
    return Diagnosis(
        row=row,
        density_15=density_15,
        vcf=volume_correction_factor(
            density_15, row.temperature, rounding=VcfRounding.FOUR_DECIMALS
        ),
        volume_15=volume_at_15(
            row.volume,
            row.observed,
            row.temperature,
            vcf_rounding=VcfRounding.FOUR_DECIMALS,
            volume_rounding=VolumeRounding.SORTIE,
        ),
        density_agrees=abs(row.density_15 - density_15) <= HALF_DENSITY,
        vcf_agrees=abs(row.vcf - own_vcf) <= HALF_VCF,
        volume_agrees=abs(row.volume_15 - row.volume * row.vcf) <= HALF_LITRE,
        implied_temperature=temperature_of(row.density_15, row.vcf),
        implied_observed=observed_at(row.density_15, row.temperature),
    )


def implied_temperature_sentence(*, density_15: float, temperature: float, vcf: float) -> str:
    """What a volume at 15 °C stored without its VCF implies.

    `vcf` is that volume over the ambient one; `density_15` (kg/m³) is the tables', from the density
    observed at `temperature` (°C).
    """
    implied = temperature_of(density_15, vcf)
    if implied is None:
        return _(
            "Le volume stocké suppose un VCF de {vcf}, qui ne correspond à aucune température de la "
            "table."
        ).format(vcf=french_number(round(vcf, 4)))
    return _(
        "Le volume stocké suppose un VCF de {vcf}, celui d’environ {implied}\u00a0°C\u00a0; la "
        "température notée est de {noted}\u00a0°C."
    ).format(
        vcf=french_number(round(vcf, 4)),
        implied=french_number(round(implied, 1)),
        noted=french_number(temperature),
    )
