"""The indicators as a person reads them: each figure, the one before, and the periods behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alerts.kpis import Choice, Comparison, Figure, Indicators, Metric, Report, Span
from integrity.checks.evaluation import label_of
from mlpp_gov.templatetags.governance import duration, number, percent

Say = Callable[[Indicators, Metric], str]

LABELS = {
    Metric.OPENED: gettext_noop("Ouvertes"),
    Metric.REOPENED: gettext_noop("Rouvertes"),
    Metric.RESOLVED: gettext_noop("Résolues"),
    Metric.REMAINING: gettext_noop("Encore ouvertes à la fin"),
    Metric.KEPT: gettext_noop("Traitées avant l’échéance"),
    Metric.MISSED: gettext_noop("Échéance dépassée"),
    Metric.DETECTION: gettext_noop("Délai de détection (TTD)"),
    Metric.ACKNOWLEDGEMENT: gettext_noop("Délai d’acquittement (TTA)"),
    Metric.HUMAN: gettext_noop("Résolution par une personne (TTM)"),
    Metric.AUTOMATIC: gettext_noop("Résolution automatique (TTM)"),
    Metric.ACCEPTED: gettext_noop("Acceptation (TTM)"),
}
TIMES = {
    Metric.DETECTION: gettext_noop("du fait à sa détection"),
    Metric.ACKNOWLEDGEMENT: gettext_noop("de la détection à l’acquittement"),
    Metric.HUMAN: gettext_noop("de la détection à la résolution"),
    Metric.AUTOMATIC: gettext_noop("de la détection à la disparition de la cause"),
    Metric.ACCEPTED: gettext_noop("de la détection à l’acceptation"),
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
            label=_(LABELS[metric]),
            hint=_(hint),
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

    yield shown(_("Ouvertes"), Metric.OPENED, _number, _("périodes commencées"))
    yield shown(_("Résolues"), Metric.RESOLVED, _number, _("périodes terminées"))
    yield shown(_("Délais tenus"), Metric.MISSED, _kept, _("terminées avant l’échéance"))
    yield shown(_("Retours"), Metric.REOPENED, _reopened, _("réouvertures parmi les ouvertes"))
    yield shown(_("TTD"), Metric.DETECTION, _median, _(TIMES[Metric.DETECTION]))
    yield shown(_("TTA"), Metric.ACKNOWLEDGEMENT, _median, _(TIMES[Metric.ACKNOWLEDGEMENT]))
    yield shown(
        _("TTM"), Metric.HUMAN, _median, _("de la détection à la résolution par une personne")
    )


def _number(found: Indicators, metric: Metric) -> str:
    return number(found[metric].number)


def _median(found: Indicators, metric: Metric) -> str:
    return duration(found[metric].median)


def _kept(found: Indicators, metric: Metric) -> str:
    return percent(found.kept_rate)


def _reopened(found: Indicators, metric: Metric) -> str:
    return percent(found.reopening_rate)
