"""What happened to alerts while somebody was away."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mlpp_gov.queries import Queries

queries = Queries(Path(__file__).parent / "sql/queries")

# An evaluation's events bear the moment when it began: what one wrote as somebody left is told as well.
OVERLAP = timedelta(minutes=1)
# Beyond, only that it is more: after months away nobody reads a number, and the list must not wait for one.
COUNTED = 2_000  # events
SHOWN_OF_ONE = 5  # events of one alert, the last


@dataclass(frozen=True)
class News:
    """How many alerts were detected (of which `critical`), came back, got worse, and were handled by
    others than the reader, in `events` events at most COUNTED."""

    events: int = 0
    opened: int = 0
    critical: int = 0
    reopened: int = 0
    worsened: int = 0
    acknowledged: int = 0
    resolved: int = 0
    accepted: int = 0

    @property
    def is_cut(self) -> bool:
        return self.events > COUNTED

    def __str__(self) -> str:
        """« 3 nouvelles, dont 1 CRITICAL · 1 rouverte · 4 résolues »."""
        if self.is_cut:
            return _("plus de {count} changements").format(count=COUNTED)
        return " · ".join(self._parts()) or _("rien de nouveau")

    def _parts(self) -> list[str]:
        said = (
            (self.opened, self._opened()),
            (self.reopened, ngettext("{count} rouverte", "{count} rouvertes", self.reopened)),
            (self.worsened, ngettext("{count} aggravée", "{count} aggravées", self.worsened)),
            (
                self.acknowledged,
                ngettext("{count} acquittée", "{count} acquittées", self.acknowledged),
            ),
            (self.resolved, ngettext("{count} résolue", "{count} résolues", self.resolved)),
            (self.accepted, ngettext("{count} acceptée", "{count} acceptées", self.accepted)),
        )
        return [text.format(count=count, critical=self.critical) for count, text in said if count]

    def _opened(self) -> str:
        if self.critical:
            return ngettext(
                "{count} nouvelle, dont {critical} CRITICAL",
                "{count} nouvelles, dont {critical} CRITICAL",
                self.opened,
            )
        return ngettext("{count} nouvelle", "{count} nouvelles", self.opened)


@dataclass(frozen=True)
class Moved:
    """An alert to which `events` things happened; the last of them, the latest first."""

    alert: UUID
    events: int
    last: Sequence[int]


@dataclass(frozen=True)
class NewsPage:
    """`total` alerts moved; these are on the page, the last that moved first."""

    news: News
    total: int
    moved: Sequence[Moved]


def counting(since: datetime) -> tuple[str, list[Any]]:
    """A scalar subquery that gives the fields of News since a moment, and its values."""
    counts = queries.text("news_counts").replace("{events}", "gouvernance.news_since(%s, %s)")
    return f"({counts})", _bounds(since)


def read_news(since: datetime, *, page: int, size: int) -> NewsPage:
    """What happened since a moment, by alert; one query, to be called inside db_identity()."""
    statement = (
        queries.text("news_page")
        .replace("{counts}", queries.text("news_counts").replace("{events}", "last"))
        .replace("{each}", str(SHOWN_OF_ONE))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_bounds(since), page, size])
        counts, total, moved = cursor.fetchone()
    return NewsPage(
        News(**json.loads(counts)),
        total,
        [Moved(UUID(alert), events, last) for alert, events, last in json.loads(moved)],
    )


def _bounds(since: datetime) -> list[Any]:
    return [since - OVERLAP, COUNTED + 1]
