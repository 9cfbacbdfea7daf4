"""The accesses of a period, bar by bar: refusals rise from the line, the rest hangs from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from integrity.sparkline import STEP, bar_path, side_path
from mlpp_gov.templatetags.governance import number

LINE = 46  # of the drawing, in its units: below the marks
TALLEST = 38
HEIGHT = 86
MARK = 4


@dataclass(frozen=True)
class Bucket:
    """What happened in an hour, or in a day."""

    started_at: datetime
    refusals: int
    others: int


@dataclass(frozen=True)
class AccessChart:
    """`spikes` are moments at which one began."""

    buckets: Sequence[Bucket]
    step: timedelta
    spikes: Sequence[datetime]

    @property
    def width(self) -> int:
        return STEP * len(self.buckets)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def line(self) -> int:
        return LINE

    @property
    def is_hourly(self) -> bool:
        return self.step < timedelta(days=1)

    @property
    def greatest(self) -> int:
        return max((max(b.refusals, b.others) for b in self.buckets), default=0)

    @property
    def refusals(self) -> str:
        return self._side([bucket.refusals for bucket in self.buckets])

    @property
    def others(self) -> str:
        return self._side([bucket.others for bucket in self.buckets], hanging=True)

    @property
    def marks(self) -> str:
        """Path of the marks above the bars with a spike."""
        return "".join(
            bar_path(n, MARK, MARK)
            for n, bucket in enumerate(self.buckets)
            if self._has_spike(bucket)
        )

    @property
    def lines(self) -> list[tuple[Bucket, bool]]:
        """The table behind the drawing, the latest first: what something happened in, and its spikes."""
        return [
            (bucket, self._has_spike(bucket))
            for bucket in reversed(self.buckets)
            if bucket.refusals or bucket.others
        ]

    @property
    def text(self) -> str:
        """« 168 heures : refus 12, autres événements 30, au plus 9 par heure, pics 0 »."""
        refusals = sum(bucket.refusals for bucket in self.buckets)
        others = sum(bucket.others for bucket in self.buckets)
        spikes = len(self.spikes)
        bars = len(self.buckets)
        if self.is_hourly:
            text = ngettext(
                "{bars}\u00a0heure\u00a0: refus {refusals}, autres événements {others}, "
                "au plus {most} par heure, pics {spikes}",
                "{bars}\u00a0heures\u00a0: refus {refusals}, autres événements {others}, "
                "au plus {most} par heure, pics {spikes}",
                bars,
            )
        else:
            text = ngettext(
                "{bars}\u00a0jour\u00a0: refus {refusals}, autres événements {others}, "
                "au plus {most} par jour, pics {spikes}",
                "{bars}\u00a0jours\u00a0: refus {refusals}, autres événements {others}, "
                "au plus {most} par jour, pics {spikes}",
                bars,
            )
        return text.format(
            bars=bars,
            refusals=number(refusals),
            others=number(others),
            most=number(self.greatest),
            spikes=number(spikes),
        )

    def _has_spike(self, bucket: Bucket) -> bool:
        return any(
            bucket.started_at <= spike < bucket.started_at + self.step for spike in self.spikes
        )

    def _side(self, counts: Sequence[int], *, hanging: bool = False) -> str:
        return side_path(
            counts, line=LINE, tallest=TALLEST, greatest=self.greatest, hanging=hanging
        )
