"""How quickly alerts are found and handled; the figures are the database's (alerts/sql/kpis).

docs/indicateurs.md defines each of them. Times are seconds; None is unknown. What reads is to be
called inside db_identity(): a person counts what they may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.utils import timezone

from mlpp_gov.queries import Queries, Rows

queries = Queries(Path(__file__).parent / "sql/queries")


class Metric(StrEnum):
    """What is counted of a period; the names are the database's."""

    OPENED = "opened"
    REOPENED = "reopened"
    KEPT = "kept"
    MISSED = "missed"
    DETECTION = "detection"
    ACKNOWLEDGEMENT = "acknowledgement"
    RESOLVED = "resolved"
    HUMAN = "human"
    AUTOMATIC = "automatic"
    ACCEPTED = "accepted"
    REMAINING = "remaining"


@dataclass(frozen=True)
class Span:
    """Whole local days, both included."""

    first: date
    last: date

    @classmethod
    def last_days(cls, number: int) -> "Span":
        """So many days up to today."""
        today = timezone.localdate()
        return cls(today - timedelta(days=number - 1), today)

    @classmethod
    def week(cls, year: int, week: int) -> "Span":
        """An ISO week, from Monday. Raises ValueError when the year has no such week."""
        monday = date.fromisocalendar(year, week, 1)
        return cls(monday, monday + timedelta(days=6))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def is_week(self) -> bool:
        """Whether it is an ISO week."""
        return self.first.weekday() == 0 and len(self.days) == 7

    @property
    def previous(self) -> "Span":
        """As many days, just before."""
        return Span(self.first - timedelta(days=len(self.days)), self.first - timedelta(days=1))

    @property
    def starts(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after the last day."""
        return _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Choice:
    """Which periods count: those of a severity, of a check, or all."""

    severity: str | None = None
    check: str | None = None

    @property
    def parameters(self) -> dict[str, str | None]:
        zone = timezone.get_current_timezone_name()
        return {"severity": self.severity, "check": self.check, "timezone": zone}


EVERYTHING = Choice()


@dataclass(frozen=True)
class Figure:
    """`number` periods; the time of `known` of them is known, and spread as the two others say."""

    number: int = 0
    known: int = 0
    median: float | None = None
    ninth_decile: float | None = None

    @property
    def unknown(self) -> int:
        return self.number - self.known


@dataclass(frozen=True)
class Indicators:
    """The figures of a span, or of a severity or a check in it."""

    figures: dict[Metric, Figure] = field(default_factory=dict)

    def __getitem__(self, metric: Metric) -> Figure:
        return self.figures.get(metric, Figure())

    @property
    def reopening_rate(self) -> float | None:
        """Share of the periods opened that are a return, from 0 to 1."""
        return _share(self[Metric.REOPENED].number, self[Metric.OPENED].number)

    @property
    def kept_rate(self) -> float | None:
        """Share of the decided periods that ended before they were due, from 0 to 1."""
        kept = self[Metric.KEPT].number
        return _share(kept, kept + self[Metric.MISSED].number)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Comparison:
    """What a span says beside the span before it."""

    current: Indicators
    previous: Indicators


@dataclass(frozen=True)
class Day:
    """How many periods began and how many ended on a local day."""

    date: date
    opened: int = 0
    resolved: int = 0


@dataclass(frozen=True)
class Report:
    """Every indicator of a span, and each of its days.

    `by_severity` and `by_check` have those that occur in it or before.
    """

    span: Span
    overall: Comparison
    by_severity: dict[str, Comparison]
    by_check: dict[str, Comparison]
    days: list[Day]


def read_report(span: Span, choice: Choice = EVERYTHING) -> Report:
    """One journey to the server."""
    return _report(span, *queries.fetch_together(*_asked_of(span, choice)))


def _asked_of(span: Span, choice: Choice) -> list[tuple[str, dict[str, Any]]]:
    values = {"starts": span.starts, "ends": span.ends, **choice.parameters}
    return [("indicators", {"previous": span.previous.starts, **values}), ("days", values)]


def _report(span: Span, figures: Rows, days: Rows) -> Report:
    found = {row["day"]: Day(row["day"], row["opened"], row["resolved"]) for row in days}
    return Report(
        span=span,
        overall=_comparison(r for r in figures if not r["severity"] and not r["check_code"]),
        by_severity=_groups(figures, "severity"),
        by_check=_groups(figures, "check_code"),
        days=[found.get(day, Day(day)) for day in span.days],
    )


def _groups(rows: Rows, column: str) -> dict[str, Comparison]:
    names = sorted({row[column] for row in rows if row[column]})
    return {name: _comparison(row for row in rows if row[column] == name) for name in names}


def _comparison(rows: Iterable[dict[str, Any]]) -> Comparison:
    spans: dict[bool, dict[Metric, Figure]] = {True: {}, False: {}}
    for row in rows:
        spans[row["is_current"]][Metric(row["metric"])] = Figure(
            row["number"], row["known"], row["median"], row["ninth_decile"]
        )
    return Comparison(Indicators(spans[True]), Indicators(spans[False]))


@dataclass(frozen=True)
class Now:
    """What is to handle now, in alerts; `accepted` are closed although their cause is there."""

    critical: int
    warn: int
    late_critical: int
    late_warn: int
    unassigned: int
    accepted: int

    @property
    def late(self) -> int:
        return self.late_critical + self.late_warn


def read_now() -> Now:
    """One query."""
    (row,) = queries.fetch("now", timezone=timezone.get_current_timezone_name())
    return Now(**row)


def read_now_and_report(span: Span) -> tuple[Now, Report]:
    """Both in one journey to the server."""
    now = ("now", {"timezone": timezone.get_current_timezone_name()})
    (row,), *report = queries.fetch_together(now, *_asked_of(span, EVERYTHING))
    return Now(**row), _report(span, *report)


def read_periods(
    metric: Metric, span: Span, choice: Choice, *, page: int, size: int
) -> tuple[Rows, int]:
    """A page of the periods that a figure counts, and how many there are; one query.

    A page beyond the last is the last one.
    """
    rows = queries.fetch(
        "periods",
        metric=metric,
        starts=span.starts,
        ends=span.ends,
        page=page,
        size=size,
        **choice.parameters,
    )
    return rows, rows[0]["total"] if rows else 0
