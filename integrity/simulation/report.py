"""The simulation report: volumes at 15 °C that ML_PP stored beside those of ASTM tables 53B and 54B.

PostgreSQL computes the lines and their checksum (sql/simulation, tested against integrity.astm53b);
here they are read, judged, added up and put into words. Litres, °C, kg/m³. Nothing is written.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrity.astm53b import OutOfTableError, volume_at_15
from integrity.astm53b_diagnosis import implied_temperature_sentence
from integrity.queries import fetch
from mlpp_gov.templatetags.governance import number

TOLERANCE = Decimal("0.1")  # per cent of the stored volume, either way; as in sql/simulation
MOST_LINES = 50_000  # that a process holds; beyond, the period is to be narrowed
LITRE = Decimal(1)
FOUR_DECIMALS = Decimal("0.00005")  # what a VCF of four decimals hides, per litre of volume
PLAUSIBLE_DENSITIES = (Decimal(820), Decimal(860))  # kg/m³, of gasoil
PLAUSIBLE_TEMPERATURES = (Decimal(10), Decimal(40))  # °C, of a depot


class TooManyLines(Exception):
    """More receptions than a report can hold; the text says what to do."""

    def __init__(self) -> None:
        super().__init__(
            _("Plus de {most} réceptions : réduisez la période, ou choisissez une citerne.").format(
                most=number(MOST_LINES)
            )
        )


class Rounding(TextChoices):
    """How the computed figures are rounded; the first is the default."""

    ML_PP = "ml_pp", gettext_lazy("ML_PP : VCF à 4 décimales, volume à 0,1 L")
    EXACT = "exact", gettext_lazy("Sans arrondi")


class Flag(TextChoices):
    """What is odd about the figures of a line, whether or not they can be computed with."""

    DENSITY = "density", gettext_lazy("densité hors de 820 à 860 kg/m³")
    TEMPERATURE = "temperature", gettext_lazy("température hors de 10 à 40 °C")
    TRUE_DENSITY = "true_density", gettext_lazy("densité qui semble déjà ramenée à 15 °C")


@dataclass(frozen=True)
class Parameters:
    """What a report is about and how it computes; whole days, both included, None for no limit."""

    first_day: date | None = None
    last_day: date | None = None
    depot: UUID | None = None
    tank: UUID | None = None
    rounding: Rounding = Rounding.ML_PP
    hydrometer: bool = True  # a glass hydrometer was read, its expansion is corrected

    def as_sql(self) -> dict[str, Any]:
        return {**asdict(self), "rounding": self.rounding.value}


@dataclass(frozen=True, slots=True)
class Line:
    """One validated gasoil reception; a figure that is absent, NaN or infinite is None."""

    reception_id: UUID
    day: str
    tank_id: UUID
    tank: str
    depot: str
    product_id: UUID
    product: str
    owner: str
    plate: str | None
    ambient: Decimal | None
    observed: Decimal | None  # what `densite_a_15` holds, despite its name
    temperature: Decimal | None
    stored: Decimal | None
    density_15: Decimal | None
    vcf: Decimal | None
    computed: Decimal | None
    difference: Decimal | None  # computed less stored
    is_within_tolerance: bool
    as_true: Decimal | None  # at 15 °C, were `densite_a_15` what its name says
    stock: Decimal | None  # at 15 °C now, of that tank, product and owner

    @property
    def percent(self) -> Decimal | None:
        """The difference in per cent of the stored volume."""
        return _percent(self.difference, self.stored)

    @property
    def is_within_a_litre(self) -> bool:
        return self.difference is not None and abs(self.difference) <= LITRE

    @property
    def is_out_of_tolerance(self) -> bool:
        return self.difference is not None and not self.is_within_tolerance

    @property
    def verdict(self) -> str:
        if self.difference is None:
            return _("non calculable")
        return _("hors tolérance") if self.is_out_of_tolerance else _("dans la tolérance")

    @property
    def flags(self) -> list[Flag]:
        found = []
        if not _is_plausible(self.observed, PLAUSIBLE_DENSITIES):
            found.append(Flag.DENSITY)
        if not _is_plausible(self.temperature, PLAUSIBLE_TEMPERATURES):
            found.append(Flag.TEMPERATURE)
        if self._looks_like_a_true_density():
            found.append(Flag.TRUE_DENSITY)
        return found

    def _looks_like_a_true_density(self) -> bool:
        """Whether reading `densite_a_15` as its name says explains the line, and as it is used does not."""
        if self.observed is None or not _is_plausible(self.observed, PLAUSIBLE_DENSITIES):
            return False
        if self.density_15 is not None and self.density_15 > PLAUSIBLE_DENSITIES[1]:
            return True
        if self.stored is None or self.as_true is None or self.difference is None:
            return False
        return abs(self.as_true - self.stored) <= self._hidden_by_rounding < abs(self.difference)

    @property
    def _hidden_by_rounding(self) -> Decimal:
        """Litres that a VCF of four decimals and a volume to the litre may account for."""
        return (self.ambient or Decimal(0)) * FOUR_DECIMALS + LITRE / 2

    @property
    def why_unknown(self) -> str:
        """Why there is no difference to tell; nothing when there is one."""
        if self.difference is not None:
            return ""
        for value, name in (
            (self.ambient, _("volume ambiant absent ou illisible")),
            (self.observed, _("densité absente ou illisible")),
            (self.temperature, _("température absente ou illisible")),
        ):
            if value is None:
                return name
        if self.computed is None:
            return self._out_of_table()
        return _("volume à 15 °C absent ou illisible : pas d’écart à dire")

    def _out_of_table(self) -> str:
        try:
            volume_at_15(*(float(v or 0) for v in (self.ambient, self.observed, self.temperature)))
        except OutOfTableError as error:
            return str(error)
        return _("hors des tables")

    @property
    def explanation(self) -> str:
        """What the stored volume implies when it differs by more than roundings; else nothing."""
        if (
            self.difference is None
            or self.density_15 is None
            or self.temperature is None
            or not self.ambient
            or self.stored is None
            or abs(self.difference) <= self._hidden_by_rounding
        ):
            return ""
        return implied_temperature_sentence(
            density_15=float(self.density_15),
            temperature=float(self.temperature),
            vcf=float(self.stored / self.ambient),
        )


@dataclass(frozen=True)
class Total:
    """Sums over the lines whose difference is known; `stock` is None as soon as one is unknown."""

    label: str
    owner: str
    count: int
    unknown: int
    out_of_tolerance: int
    beyond_a_litre: int
    stored: Decimal
    computed: Decimal
    difference: Decimal
    stock: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        return _percent(self.difference, self.stored)

    @property
    def stock_after(self) -> Decimal | None:
        """The stock at 15 °C that the computed volumes would leave, in litres."""
        return None if self.stock is None else self.stock + self.difference


@dataclass(frozen=True)
class Report:
    """The lines in the order of time; the checksum tells this report from every other."""

    parameters: Parameters
    checksum: str
    lines: list[Line]

    @property
    def total(self) -> Total:
        return _total(_("Toutes les citernes"), _("tous"), self.lines)

    @property
    def totals(self) -> list[Total]:
        """One for each tank, product and owner."""
        groups: dict[tuple[UUID, UUID, str], list[Line]] = {}
        for line in self.lines:
            groups.setdefault((line.tank_id, line.product_id, line.owner), []).append(line)
        several = len({line.product_id for line in self.lines}) > 1
        return sorted(
            (
                _total(
                    " · ".join([first.tank, first.depot, *([first.product] * several)]),
                    first.owner,
                    lines,
                )
                for lines in groups.values()
                for first in lines[:1]
            ),
            key=lambda total: (total.label, total.owner),
        )


def simulate(connection: BaseDatabaseWrapper, parameters: Parameters) -> Report:
    """The report as the connection's role may read it: inside db_identity(), a person's; reads only.

    Raises TooManyLines.
    """
    rows = fetch("simulation", connection.alias, **parameters.as_sql(), limit=MOST_LINES + 1)
    if len(rows) > MOST_LINES:
        raise TooManyLines
    (checksum,) = {row.pop("checksum") for row in rows}
    lines = [_line(row) for row in rows if row["reception_id"] is not None]
    return Report(parameters, checksum, lines)


def _line(row: dict[str, Any]) -> Line:
    return Line(
        **{
            **row,
            "tank": row["tank"] or _("citerne inconnue"),
            "depot": row["depot"] or _("sans dépôt"),
            "owner": row["owner"] or _("inconnu"),
        }
    )


def read_places(connection: BaseDatabaseWrapper) -> dict[str, dict[UUID, str]]:
    """Readable depots and tanks: {"depot": {id: label}, "tank": {id: label}}."""
    places: dict[str, dict[UUID, str]] = {"depot": {}, "tank": {}}
    for row in fetch("simulation_places", connection.alias):
        name = row["label"] or _("sans nom")
        if row["kind"] == "tank":
            name = f"{name} · {row['depot'] or _('sans dépôt')}"
        places[row["kind"]][row["id"]] = name
    return places


def _total(label: str, owner: str, lines: Iterable[Line]) -> Total:
    lines = list(lines)
    known = [line for line in lines if line.difference is not None]
    stocks = {(line.tank_id, line.product_id, line.owner): line.stock for line in lines}
    return Total(
        label=label,
        owner=owner,
        count=len(lines),
        unknown=len(lines) - len(known),
        out_of_tolerance=sum(not line.is_within_tolerance for line in known),
        beyond_a_litre=sum(not line.is_within_a_litre for line in known),
        stored=_sum(line.stored for line in known),
        computed=_sum(line.computed for line in known),
        difference=_sum(line.difference for line in known),
        stock=None if None in stocks.values() else _sum(stocks.values()),
    )


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def _percent(difference: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if difference is None or not whole else difference / abs(whole) * 100


def _is_plausible(value: Decimal | None, bounds: tuple[Decimal, Decimal]) -> bool:
    """Whether a value is between the bounds; one that is not there is not odd."""
    return value is None or bounds[0] <= value <= bounds[1]
