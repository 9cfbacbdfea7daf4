"""The cockpit: what is to handle now, how quickly it is handled, and the periods behind each figure."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts import kpis
from alerts.kpis import EVERYTHING, Choice, Metric, Report, Span
from alerts.models import Severity
from integrity.access_journal.reading import read_recent_refusals
from integrity.checks.evaluation import evaluation_context
from integrity.cockpit import indicators
from integrity.cockpit.daychart import DayChart
from integrity.cockpit.forms import DAYS, PeriodsForm, SpanForm, WeekForm
from integrity.cockpit.health_score import health_score
from integrity.cockpit.periods import PeriodRow
from integrity.cockpit.report_export import report_csv
from integrity.filters import Filters
from integrity.live import read_cockpit, read_surroundings
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.paging import page_urls
from mlpp_gov.refresh import is_refresh, refreshable
from mlpp_gov.roles import Permission, require_permission
from mlpp_gov.templatetags.governance import number
from mlpp_gov.views import SpokenBadRequest

PAGE_SIZE = 50


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
@refreshable(read_cockpit)
def cockpit(request: PersonRequest) -> HttpResponse:
    form = SpanForm(request.GET)
    if not form.is_valid():
        raise SpokenBadRequest(_refusal(form))
    report = None
    with db_identity(request.user):
        if is_refresh(request):
            now = kpis.read_now()
        else:
            now, report = kpis.read_now_and_report(Span.last_days(form.days))
        refusals = read_recent_refusals() if request.user.can_view_access_journal else None
    evaluation, audit = read_surroundings()
    return render(
        request,
        "integrity/cockpit/live.html" if is_refresh(request) else "integrity/cockpit/cockpit.html",
        {
            "title": f"({number(now.critical)}) {_('Cockpit')}" if now.critical else _("Cockpit"),
            "now": now,
            "now_urls": {
                "critical": Filters({"severity": Severity.CRITICAL}).url(),
                "warn": Filters({"severity": Severity.WARN}).url(),
                **{
                    status: Filters({"status": status}).url()
                    for status in ("late", "unassigned", "accepted")
                },
            },
            "refusals": refusals,
            "health": health_score(now, evaluation),
            "rls": audit,
            "days_choices": DAYS,
            "days_chosen": form.days,
            **(_in_words(report, EVERYTHING) if report else {}),
            **evaluation_context(evaluation),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def weekly_report(request: PersonRequest) -> HttpResponse:
    form = _week_form(request)
    with db_identity(request.user):
        report = kpis.read_report(form.span, form.choice)
    return render(
        request,
        "integrity/cockpit/report.html",
        {
            "form": form,
            "filters": form.said,
            "produced_at": timezone.now(),
            "csv_url": f"{reverse('cockpit:report_csv')}?{request.GET.urlencode()}",
            **_in_words(report, form.choice),
            **evaluation_context(),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def weekly_report_csv(request: PersonRequest) -> HttpResponse:
    """The same figures for a French Excel; times are hours."""
    form = _week_form(request)
    with db_identity(request.user):
        report = kpis.read_report(form.span, form.choice)
    name = f"indicateurs-{form.span.first:%G-W%V}.csv"
    return HttpResponse(
        report_csv(report, filters=form.said, reader=request.user),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _week_form(request: PersonRequest) -> WeekForm:
    """Raises SpokenBadRequest saying what is wrong."""
    form = WeekForm(request.GET)
    if not form.is_valid():
        raise SpokenBadRequest(_refusal(form))
    return form


def _refusal(form: Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def _in_words(report: Report, choice: Choice) -> dict[str, Any]:
    remaining = report.overall.current[Metric.REMAINING].number
    return {
        "span": report.span,
        "chart": DayChart(report.days),
        "cards": indicators.cards(report, choice),
        "times": indicators.time_rows(report, choice),
        "severities": indicators.severity_rows(report, choice),
        "checks": indicators.check_rows(report, choice),
        "remaining": remaining,
        "remaining_url": indicators.periods_url(Metric.REMAINING, report.span, choice),
    }


def _parents(span: Span | None = None, choice: Choice = EVERYTHING) -> list[tuple[str, str]]:
    """Where the figures of a span are: the cockpit's, or those of a weekly report."""
    cockpit, report = reverse("cockpit:cockpit"), reverse("cockpit:report")
    parents = [(_("Cockpit"), cockpit)]
    if span and span.last == timezone.localdate() and len(span.days) in DAYS:
        return [(_("Cockpit"), f"{cockpit}?span={len(span.days)}#indicators")]
    if span and span.is_week:
        query = {"week": f"{span.first:%G-W%V}", "severity": choice.severity, "check": choice.check}
        given = urlencode({name: value for name, value in query.items() if value})
        parents.append((_("Rapport de la semaine"), f"{report}?{given}"))
    return parents


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def period_list(request: PersonRequest) -> HttpResponse:
    """The periods that a figure counts."""
    form = PeriodsForm(request.GET)
    if not form.is_valid():
        context = {"form": form, "page": None, "parents": _parents(), **evaluation_context()}
        return render(request, "integrity/cockpit/periods.html", context, status=400)
    metric, span, choice = form.metric_chosen, form.span, form.choice
    with db_identity(request.user):
        rows, total = kpis.read_periods(metric, span, choice, page=form.page_number, size=PAGE_SIZE)
    page: Page[Any] = Paginator(range(total), PAGE_SIZE).get_page(form.page_number)
    url = indicators.periods_url(metric, span, choice)
    page.object_list = [PeriodRow(row, metric, url) for row in rows]
    return render(
        request,
        "integrity/cockpit/periods.html",
        {
            "form": form,
            "parents": _parents(span, choice),
            "label": _(indicators.LABELS[metric]),
            "is_time": metric in indicators.TIMES,
            "span": span,
            "filters": form.said,
            "page": page,
            "page_urls": page_urls(page, lambda at: f"{url}&page={at}" if at else url),
            **evaluation_context(),
        },
    )
