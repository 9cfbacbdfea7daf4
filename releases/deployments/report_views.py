"""The report of a deployment: to read, to print, to keep beside the code."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission
from releases.deployments.dossier import Dossier
from releases.deployments.markdown import as_markdown
from releases.deployments.page import back_url, found_dossier
from releases.deployments.report import Report
from releases.deployments.report import report as report_of


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def report(request: PersonRequest, deployment: int) -> HttpResponse:
    found = found_dossier(deployment)
    context = {
        "back_url": back_url(request),
        "deployment": found.deployment,
        "report": _report(request, found),
    }
    return render(request, "releases/deployments/report.html", context)


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def report_markdown(request: PersonRequest, deployment: int) -> HttpResponse:
    found = found_dossier(deployment)
    day = timezone.localtime(found.deployment.started_at or found.deployment.opened_at)
    name = f"DEPLOYMENT_REPORT_{day:%Y_%m_%d}_{found.deployment.id}.md"
    return HttpResponse(
        as_markdown(_report(request, found)),
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _report(request: PersonRequest, found: Dossier) -> Report:
    reader = f"{request.user} ({request.user.get_role_display()})"
    return report_of(found, reader=reader, at=timezone.now())
