"""The indicators of a span as a spreadsheet; times are hours."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.kpis import Comparison, Day, Metric, Report, Span
from integrity.checks.evaluation import label_of
from integrity.cockpit.indicators import LABELS, TIMES
from integrity.spreadsheet import Value, as_csv
from mlpp_gov import producer
from mlpp_gov.models import User
from mlpp_gov.templatetags.governance import moment

COUNTS = [metric for metric in LABELS if metric not in TIMES]


def report_csv(report: Report, *, filters: str, reader: User) -> str:
    """The head, then every figure with that of the span before, then the days."""
    return as_csv([*head(report, filters, reader), *_body(report), *_daily(report.days)])


def head(report: Report, filters: str, reader: User) -> Iterator[list[Value]]:
    """What this is, when and by whom it was produced."""
    span = report.span
    yield [_("Indicateurs des alertes")]
    yield [_("Période"), _days(span)]
    yield [_("Avant"), _days(span.previous)]
    yield [_("Filtres"), filters]
    yield [_("Produit le"), moment(timezone.now())]
    yield [_("Par"), str(reader)]
    yield [_("Fuseau horaire"), timezone.get_current_timezone_name()]
    yield from map(list, producer.facts())
    yield []


def _body(report: Report) -> Iterator[list[Value]]:
    yield [
        _("Groupe"),
        _("Indicateur"),
        _("Périodes"),
        _("Durée connue"),
        _("Médiane (h)"),
        _("90e centile (h)"),
        _("Périodes, avant"),
        _("Médiane, avant (h)"),
        _("90e centile, avant (h)"),
    ]
    yield from _lines(_("Ensemble"), report.overall)
    for severity, found in report.by_severity.items():
        yield from _lines(severity, found)
    for code, found in report.by_check.items():
        yield from _lines(label_of(code), found)
    yield []


def _lines(group: str, found: Comparison) -> Iterator[list[Value]]:
    for metric in (*COUNTS, *TIMES):
        current, previous = found.current[metric], found.previous[metric]
        is_time = metric in TIMES
        before: Value = "" if metric is Metric.REMAINING else Decimal(previous.number)
        yield [
            group,
            _(LABELS[metric]),
            Decimal(current.number),
            Decimal(current.known) if is_time else "",
            _hours(current.median) if is_time else "",
            _hours(current.ninth_decile) if is_time else "",
            before,
            _hours(previous.median) if is_time else "",
            _hours(previous.ninth_decile) if is_time else "",
        ]
    for label, rate in (
        (_("Délais tenus (%)"), "kept_rate"),
        (_("Retours (%)"), "reopening_rate"),
    ):
        now, then = getattr(found.current, rate), getattr(found.previous, rate)
        yield [group, label, _per_cent(now), "", "", "", _per_cent(then), "", ""]


def _daily(days: Sequence[Day]) -> Iterator[list[Value]]:
    yield [_("Jour"), _("Ouvertes"), _("Résolues")]
    for day in days:
        yield [f"{day.date:%d/%m/%Y}", Decimal(day.opened), Decimal(day.resolved)]


def _days(span: Span) -> str:
    return _("du {first:%d/%m/%Y} au {last:%d/%m/%Y}").format(first=span.first, last=span.last)


def _hours(seconds: float | None) -> Value:
    return "" if seconds is None else round(Decimal(seconds) / 3600, 2)


def _per_cent(share: float | None) -> Value:
    return "" if share is None else round(Decimal(share) * 100, 1)
