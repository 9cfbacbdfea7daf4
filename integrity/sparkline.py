"""A check's last days as small bars, drawn by the server, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Units of the drawing, whole numbers: a decimal comma is no SVG.
STEP = 4  # from a day to the next; a quarter of it stays empty
HEIGHT = 32
TALLEST = 27  # below the marks
MARK = 3


@dataclass(frozen=True)
class Day:
    """What a local day's evaluations found at most (None: nothing is known) and how many failed."""

    date: date
    most: int | None = None
    failures: int = 0


@dataclass(frozen=True)
class Sparkline:
    """The days, the oldest first; a bar is as tall as its count is to the greatest."""

    days: Sequence[Day]

    @property
    def width(self) -> int:
        return STEP * len(self.days)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def greatest(self) -> int:
        return max((day.most for day in self.days if day.most is not None), default=0)

    @property
    def counts(self) -> str:
        """Path of the bars; a day without anomaly is a line on the ground, an unknown one is nothing."""
        return "".join(
            bar_path(n, HEIGHT, max(2, TALLEST * day.most // self.greatest) if day.most else 1)
            for n, day in enumerate(self.days)
            if day.most is not None
        )

    @property
    def failures(self) -> str:
        """Path of the marks above the days with a failure."""
        return "".join(bar_path(n, MARK, MARK) for n, day in enumerate(self.days) if day.failures)

    @property
    def text(self) -> str:
        """« 30 jours : min 0, max 5, aujourd’hui 3 », and the days with a failure."""
        known = [day.most for day in self.days if day.most is not None]
        failing = sum(1 for day in self.days if day.failures)
        said = [_("rien d’évalué")]
        if known:
            today = self.days[-1].most
            said = [
                f"min {min(known)}",
                f"max {max(known)}",
                _("aujourd’hui inconnu")
                if today is None
                else _("aujourd’hui {count}").format(count=today),
            ]
        if failing:
            said.append(
                ngettext("échec {days}\u00a0jour", "échec {days}\u00a0jours", failing).format(
                    days=failing
                )
            )
        return _("{days}\u00a0jours\u00a0: {said}").format(
            days=len(self.days), said=", ".join(said)
        )


def side_path(
    counts: Sequence[int], *, line: int, tallest: int, greatest: int, hanging: bool = False
) -> str:
    """Path of the bars on one side of a line, each as tall as its count is to the greatest.

    Where there is nothing there is no bar, and anything is seen.
    """
    return "".join(
        bar_path(n, line, (-1 if hanging else 1) * max(2, tallest * count // greatest))
        for n, count in enumerate(counts)
        if count
    )


def bar_path(position: int, line: int, rise: int) -> str:
    """The bar of a day that rises from a line; a negative one hangs from it."""
    return f"M{STEP * position} {line}h{STEP - 1}v{-rise}h{1 - STEP}z"
