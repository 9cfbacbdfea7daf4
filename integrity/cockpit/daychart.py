"""Two counts a day as server-made bars: one rises from the line, the other hangs from it.

They are told apart by their side and their outline, not by their colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from alerts.kpis import Day
from integrity.sparkline import STEP, side_path

LINE = 40  # middle of the drawing, in its units
TALLEST = 38


@dataclass(frozen=True)
class DayChart:
    days: Sequence[Day]

    @property
    def width(self) -> int:
        return STEP * len(self.days)

    @property
    def height(self) -> int:
        return 2 * LINE

    @property
    def line(self) -> int:
        return LINE

    @property
    def greatest(self) -> int:
        return max((max(day.opened, day.resolved) for day in self.days), default=0)

    @property
    def opened(self) -> str:
        return self._side([day.opened for day in self.days])

    @property
    def resolved(self) -> str:
        return self._side([day.resolved for day in self.days], hanging=True)

    @property
    def text(self) -> str:
        """« 7 jours : 12 ouvertes, 10 résolues, au plus 4 par jour »."""
        opened = sum(day.opened for day in self.days)
        resolved = sum(day.resolved for day in self.days)
        return _(
            "{days}\u00a0jours\u00a0: ouvertes {opened}, résolues {resolved}, au plus {greatest} en un jour"
        ).format(days=len(self.days), opened=opened, resolved=resolved, greatest=self.greatest)

    def _side(self, counts: Sequence[int], *, hanging: bool = False) -> str:
        return side_path(
            counts, line=LINE, tallest=TALLEST, greatest=self.greatest, hanging=hanging
        )
