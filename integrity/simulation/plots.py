"""Dots as an accessible, server-made SVG: geometry here, drawing in templates/components/dots.svg.html.

Across, positions are percentages and down, pixels, so that a plot stretches with the page and its text
does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from integrity.simulation.report import TOLERANCE, Line
from integrity.simulation.wording import difference_in_words
from mlpp_gov.templatetags.governance import fixed, fixed_signed, number

MOST_DOTS = 500
KEPT_LARGEST = 100  # of them, when some lines are left out
TOP, BOTTOM = 12, 228  # pixels; the rest keeps a dot at the edge inside
HEIGHT = 240
LEFT, RIGHT = Decimal(2), Decimal(98)  # per cent
LEAST_SCALE, MOST_SCALE = Decimal("0.2"), Decimal(1)  # per cent of difference, either way


@dataclass(frozen=True)
class Dot:
    """`kind` is "", "odd" out of tolerance, or "odd beyond" when drawn at the edge for want of room."""

    x: str
    y: str
    kind: str
    text: str


@dataclass(frozen=True)
class Guide:
    """A straight line across the plot: the diagonal, zero, or an end of the tolerance."""

    kind: str
    y1: str
    y2: str
    x1: str = f"{LEFT}%"
    x2: str = f"{RIGHT}%"


@dataclass(frozen=True)
class Plot:
    title: str
    description: str  # the plot in words, for who does not see it
    high: str  # what the top of the scale is
    low: str
    dots: list[Dot]
    guides: list[Guide]
    height: int = HEIGHT


@dataclass(frozen=True)
class Scale:
    low: Decimal
    high: Decimal

    def _share(self, value: Decimal) -> Decimal:
        """0 at the low end, 1 at the high end, never beyond; the middle when there is but one value."""
        if self.low == self.high:
            return Decimal("0.5")
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def x(self, value: Decimal) -> str:
        return f"{LEFT + self._share(value) * (RIGHT - LEFT):.2f}%"

    def y(self, value: Decimal) -> str:
        return f"{BOTTOM - self._share(value) * (BOTTOM - TOP):.1f}"


def thinned(lines: Sequence[Line]) -> list[Line]:
    """At most MOST_DOTS of the lines that can be drawn: the largest differences, and others evenly spaced."""
    drawable = [line for line in lines if line.percent is not None]
    if len(drawable) <= MOST_DOTS:
        return drawable
    sizes = [abs(line.percent or Decimal(0)) for line in drawable]
    positions = range(len(drawable))
    largest = set(sorted(positions, key=sizes.__getitem__, reverse=True)[:KEPT_LARGEST])
    others = [position for position in positions if position not in largest]
    room = MOST_DOTS - KEPT_LARGEST
    spaced = {others[step * len(others) // room] for step in range(room)}
    return [drawable[position] for position in sorted(largest | spaced)]


def volume_plot(lines: Sequence[Line]) -> Plot:
    """Computed volumes (up) against stored ones (across), with the diagonal where they are equal."""
    pairs = [(line.stored or Decimal(0), line.computed or Decimal(0), line) for line in lines]
    scale = Scale(*_ends([value for stored, computed, _ in pairs for value in (stored, computed)]))
    return Plot(
        title=_("Volume calculé (vertical) selon le volume stocké (horizontal), à 15\u00a0°C"),
        description=_("{count} Sur la diagonale, le calculé égale le stocké.").format(
            count=_count(lines)
        ),
        high=f"{fixed(scale.high, 0)}\u00a0L",
        low=f"{fixed(scale.low, 0)}\u00a0L",
        dots=[
            Dot(
                scale.x(stored),
                scale.y(computed),
                "" if line.is_within_tolerance else "odd",
                _said(line),
            )
            for stored, computed, line in pairs
        ],
        guides=[Guide("diagonal", str(BOTTOM), str(TOP))],
    )


def difference_plot(lines: Sequence[Line]) -> Plot:
    """Differences in per cent, in the order of time, with the tolerance either side of zero."""
    percents = [line.percent or Decimal(0) for line in lines]
    limit = min(max([LEAST_SCALE, *map(abs, percents)]), MOST_SCALE)
    up, across = Scale(-limit, limit), Scale(Decimal(0), Decimal(max(len(lines) - 1, 0)))
    return Plot(
        title=_("Écart du calculé au stocké, en %, dans l’ordre des réceptions"),
        description=_("{count} La tolérance est de ± 0,1\u00a0%.").format(count=_count(lines)),
        high=f"{fixed_signed(limit, 1)}\u00a0%",
        low=f"{fixed_signed(-limit, 1)}\u00a0%",
        dots=[
            Dot(
                across.x(Decimal(position)), up.y(percent), _kind(line, percent, limit), _said(line)
            )
            for position, (line, percent) in enumerate(zip(lines, percents, strict=True))
        ],
        guides=[
            Guide(kind, up.y(value), up.y(value))
            for kind, value in (("limit", TOLERANCE), ("zero", Decimal(0)), ("limit", -TOLERANCE))
        ],
    )


def _ends(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    return min(values, default=Decimal(0)), max(values, default=Decimal(0))


def _kind(line: Line, percent: Decimal, limit: Decimal) -> str:
    if abs(percent) > limit:
        return "odd beyond"
    return "" if line.is_within_tolerance else "odd"


def _count(lines: Sequence[Line]) -> str:
    odd = sum(not line.is_within_tolerance for line in lines)
    return _("{count} réceptions, dont {odd} hors tolérance.").format(
        count=number(len(lines)), odd=number(odd)
    )


def _said(line: Line) -> str:
    said = difference_in_words(line.difference or Decimal(0), line.percent)
    return _("{day} · {tank}\u00a0: {difference}").format(
        day=line.day, tank=line.tank, difference=said
    )
