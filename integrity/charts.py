"""Bars as an accessible, server-made SVG: geometry here, drawing in templates/components/bars.svg.html.

Widths are percentages and heights pixels, so that the bars stretch with the page and the text does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

ROW_HEIGHT = 46  # pixels: the label's line, the bar, a gap
LABEL_BASELINE = 15
BAR_TOP = 22
BAR_HEIGHT = 16
MARK_OVERHANG = 3  # above and below the bar, so that a limit shows on a full one
DRAWN = Decimal(99)  # per cent of the width; the rest keeps the last mark inside

Value = Decimal | None


@dataclass(frozen=True)
class Bar:
    """One value; `kind` is "", "excess" beyond the first mark, "negative" or "unknown"."""

    label: str
    text: str
    kind: str
    x: str
    width: str
    label_y: int
    top: int
    mark_top: int
    mark_bottom: int


@dataclass(frozen=True)
class Mark:
    """A limit that every bar is compared with."""

    label: str
    text: str
    x: str


@dataclass(frozen=True)
class BarChart:
    title: str
    bars: list[Bar]
    marks: list[Mark]
    zero: str
    height: int
    bar_height: int = BAR_HEIGHT

    @property
    def description(self) -> str:
        """The chart in words, for who does not see it."""
        shown: list[Bar | Mark] = [*self.bars, *self.marks]
        return ". ".join(
            _("{label}\u00a0: {value}").format(label=one.label, value=one.text) for one in shown
        )


def bar_chart(
    title: str,
    values: Sequence[tuple[str, Value]],
    marks: Sequence[tuple[str, Value]],
    *,
    said: Callable[[Value], str],
) -> BarChart:
    """One horizontal bar a value, on one scale with the marks and zero.

    `said` puts a value into words. An unknown value has no bar but keeps its place; an unknown mark
    is left out. Values and marks share one unit.
    """
    limits = [(label, value) for label, value in marks if value is not None]
    figures = [value for _, value in values if value is not None]
    low = min([Decimal(0), *figures])
    span = max([Decimal(0), *figures, *(value for _, value in limits)]) - low or Decimal(1)

    def position(value: Decimal) -> Decimal:
        return (value - low) / span * DRAWN

    def bar(index: int, label: str, value: Value) -> Bar:
        row_top = index * ROW_HEIGHT
        start, end = sorted((position(Decimal(0)), position(value or Decimal(0))))
        return Bar(
            label=label,
            text=said(value),
            kind=_kind(value, limits[0][1] if limits else None),
            x=_percent(start),
            width=_percent(end - start),
            label_y=row_top + LABEL_BASELINE,
            top=row_top + BAR_TOP,
            mark_top=row_top + BAR_TOP - MARK_OVERHANG,
            mark_bottom=row_top + BAR_TOP + BAR_HEIGHT + MARK_OVERHANG,
        )

    return BarChart(
        title=title,
        bars=[bar(index, *value) for index, value in enumerate(values)],
        marks=[Mark(label, said(value), _percent(position(value))) for label, value in limits],
        zero=_percent(position(Decimal(0))),
        height=len(values) * ROW_HEIGHT,
    )


def _kind(value: Value, limit: Value) -> str:
    if value is None:
        return "unknown"
    if value < 0:
        return "negative"
    return "excess" if limit is not None and value > limit else ""


def _percent(value: Decimal) -> str:
    """As SVG reads it, whatever the language of the page."""
    return f"{value:.2f}%"
