"""The ASTM 53B simulation report: on a page, as a spreadsheet, and its approval."""

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from integrity.simulation import plots
from integrity.simulation.approvals import (
    DataChanged,
    NothingToApprove,
    approve,
    read_approvals,
    with_names,
)
from integrity.simulation.export import spreadsheet_rows
from integrity.simulation.forms import ApprovalForm, SimulationForm, chips, report_url
from integrity.simulation.report import (
    Line,
    Parameters,
    Report,
    TooManyLines,
    read_places,
    simulate,
)
from integrity.simulation.wording import identity_facts, method_facts, result_facts
from integrity.spreadsheet import csv_lines
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.language import said_in
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, holders, require_permission, role_grants

PAGE_SIZE = 50
PAGE = "integrity:simulation"


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def simulation(request: PersonRequest) -> HttpResponse:
    with db_identity(request.user):
        places = read_places(connection)
        form = SimulationForm(request.GET, places)
        report = _report(form)
        approvals = read_approvals(report.checksum) if report else []
    if report is None:
        return _refused(request, form)
    page = Paginator(report.lines, PAGE_SIZE).get_page(form.page_number)
    drawn = plots.thinned(report.lines)
    identity = identity_facts(report, places, author=str(request.user), at=timezone.now())
    return render(
        request,
        "integrity/simulation/simulation.html",
        {
            "form": form,
            "report": report,
            "chips": chips(report.parameters, places),
            "total": report.total,
            "results": result_facts(report.total),
            "identity": identity,
            "method": method_facts(report.parameters),
            "plots": [plots.volume_plot(drawn), plots.difference_plot(drawn)] if drawn else [],
            "drawn": len(drawn),
            "is_thinned": len(drawn) == plots.MOST_DOTS,
            "page": page,
            "approvals": with_names(approvals),
            "can_approve": role_grants(request.user.role, Permission.APPROVE_SIMULATION),
            "has_approved": any(
                approval.is_current and approval.approved_by == request.user.supabase_user_id
                for approval in approvals
            ),
            "approvers": holders(Permission.APPROVE_SIMULATION),
            **_urls(report, page),
        },
    )


def _report(form: SimulationForm) -> Report | None:
    """The report that the form asks for; None when it asks for none that can be, its errors then say why."""
    if not form.is_valid():
        return None
    try:
        return simulate(connection, form.parameters)
    except TooManyLines as refusal:
        form.add_error("first_day", str(refusal))
        return None


def _refused(request: PersonRequest, form: SimulationForm) -> HttpResponse:
    context = {"form": form, "report": None, "reset_url": report_url(PAGE, Parameters())}
    return render(request, "integrity/simulation/simulation.html", context, status=400)


def _urls(report: Report, page: Page[Line]) -> dict[str, object]:
    return {
        "csv_url": report_url("integrity:simulation_csv", report.parameters),
        "approve_url": report_url(
            "integrity:simulation_approve", report.parameters, checksum=report.checksum
        ),
        "reset_url": report_url(PAGE, Parameters()),
        "page_urls": page_urls(
            page, lambda number: report_url(PAGE, report.parameters, page=number)
        ),
    }


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def simulation_csv(request: PersonRequest) -> HttpResponseBase:
    """The whole report, for a French Excel."""
    with db_identity(request.user):
        places = read_places(connection)
        form = SimulationForm(request.GET, places)
        report = _report(form)
    if report is None:
        return _refused(request, form)
    identity = identity_facts(report, places, author=str(request.user), at=timezone.now())
    name = f"simulation-astm53b-{report.checksum[:12]}.csv"
    return StreamingHttpResponse(
        said_in(translation.get_language(), csv_lines(spreadsheet_rows(report, identity))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.APPROVE_SIMULATION)
def simulation_approve(request: PersonRequest) -> HttpResponse:
    """Ask for the note, then approve the report of the checksum that the person read."""
    with db_identity(request.user):
        narrowed = SimulationForm(request.GET, read_places(connection))
    if not narrowed.is_valid():
        return _refused(request, narrowed)
    parameters = narrowed.parameters
    back = report_url(PAGE, parameters)
    is_sent = request.method == "POST"
    form = ApprovalForm(
        request.POST if is_sent else None, initial={"checksum": request.GET.get("checksum", "")}
    )
    if not is_sent or not form.is_valid():
        status = 400 if is_sent else 200
        context = {"form": form, "back_url": back, "checksum": form["checksum"].value()}
        return render(request, "integrity/simulation/approve.html", context, status=status)
    try:
        is_new = approve(parameters, actor=request.user, **form.cleaned_data)
    except DataChanged:
        messages.error(
            request,
            _(
                "Rien n’a été approuvé : les données ont changé depuis que vous avez lu ce rapport. "
                "Relisez-le tel qu’il est maintenant."
            ),
        )
    except (NothingToApprove, TooManyLines) as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("Rapport approuvé.") if is_new else _("Vous aviez déjà approuvé ce rapport.")
        messages.success(request, said)
    return redirect(back)
