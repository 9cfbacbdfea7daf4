"""The indicators as a person reads them: each figure, the one before, and the periods behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from alerts.kpis import Choice, Comparison, Figure, Indicators, Metric, Report, Span
from integrity.checks.evaluation import label_of
from mlpp_gov.templatetags.governance import duration, number, percent

Say = Callable[[Indicators, Metric], str]

LABELS = {
    Metric.OPENED: "Ouvertes",
    Metric.REOPENED: "Rouvertes",
    Metric.RESOLVED: "Résolues",
    Metric.REMAINING: "Encore ouvertes à la fin",
    Metric.KEPT: "Traitées avant l’échéance",
    Metric.MISSED: "Échéance dépassée",
    Metric.DETECTION: "Délai de détection (TTD)",
    Metric.ACKNOWLEDGEMENT: "Délai d’acquittement (TTA)",
    Metric.HUMAN: "Résolution par une personne (TTM)",
    Metric.AUTOMATIC: "Résolution automatique (TTM)",
    Metric.ACCEPTED: "Acceptation (TTM)",
}
TIMES = {
    Metric.DETECTION: "du fait à sa détection",
    Metric.ACKNOWLEDGEMENT: "de la détection à l’acquittement",
    Metric.HUMAN: "de la détection à la résolution",
    Metric.AUTOMATIC: "de la détection à la disparition de la cause",
    Metric.ACCEPTED: "de la détection à l’acceptation",
}


def periods_url(metric: Metric, span: Span, choice: Choice) -> str:
    """Where the periods behind a figure are."""
    query = {
        "metric": metric,
        "from": span.first,
        "to": span.last,
        "severity": choice.severity,
        "check": choice.check,
    }
    return f"{reverse('cockpit:periods')}?{urlencode({k: v for k, v in query.items() if v})}"


@dataclass(frozen=True)
class Shown:
    """A figure in words, and in the span before."""

    label: str
    text: str
    previous: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class TimeRow:
    """How long something took, in both spans."""

    label: str
    hint: str
    current: Figure
    previous: Figure
    url: str


@dataclass(frozen=True)
class GroupRow:
    """The figures of a severity or of a check."""

    label: str
    severity: str
    cells: list[Shown]


def cards(report: Report, choice: Choice) -> list[Shown]:
    """What a directeur looks at first."""
    return list(_figures(report.overall, report.span, choice))


def time_rows(report: Report, choice: Choice) -> list[TimeRow]:
    return [
        TimeRow(
            label=LABELS[metric],
            hint=hint,
            current=report.overall.current[metric],
            previous=report.overall.previous[metric],
            url=periods_url(metric, report.span, choice),
        )
        for metric, hint in TIMES.items()
    ]


def severity_rows(report: Report, choice: Choice) -> list[GroupRow]:
    return [
        GroupRow(
            severity, severity, list(_figures(found, report.span, Choice(severity, choice.check)))
        )
        for severity, found in report.by_severity.items()
    ]


def check_rows(report: Report, choice: Choice) -> list[GroupRow]:
    """Those with the most periods opened first."""
    rows = sorted(report.by_check.items(), key=lambda item: -item[1].current[Metric.OPENED].number)
    return [
        GroupRow(
            label_of(code), "", list(_figures(found, report.span, Choice(choice.severity, code)))
        )
        for code, found in rows
    ]


def _figures(found: Comparison, span: Span, choice: Choice) -> Iterator[Shown]:
    def shown(label: str, metric: Metric, say: Say, hint: str = "") -> Shown:
        return Shown(
            label=label,
            text=say(found.current, metric),
            previous=say(found.previous, metric),
            url=periods_url(metric, span, choice),
            hint=hint,
        )

    yield shown("Ouvertes", Metric.OPENED, _number, "périodes commencées")
    yield shown("Résolues", Metric.RESOLVED, _number, "périodes terminées")
    yield shown("Délais tenus", Metric.MISSED, _kept, "terminées avant l’échéance")
    yield shown("Retours", Metric.REOPENED, _reopened, "réouvertures parmi les ouvertes")
    yield shown("TTD", Metric.DETECTION, _median, TIMES[Metric.DETECTION])
    yield shown("TTA", Metric.ACKNOWLEDGEMENT, _median, TIMES[Metric.ACKNOWLEDGEMENT])
    yield shown("TTM", Metric.HUMAN, _median, "de la détection à la résolution par une personne")


def _number(found: Indicators, metric: Metric) -> str:
    return number(found[metric].number)


def _median(found: Indicators, metric: Metric) -> str:
    return duration(found[metric].median)


def _kept(found: Indicators, metric: Metric) -> str:
    return percent(found.kept_rate)


def _reopened(found: Indicators, metric: Metric) -> str:
    return percent(found.reopening_rate)
