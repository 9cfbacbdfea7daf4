"""Deployments: scenarios A and B step by step, rollback, post-mortem, and their reports."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission
from releases import readings


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def history(request: PersonRequest) -> HttpResponse:
    return render(request, "releases/deployments/history.html")


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def open_deployment(request: PersonRequest) -> HttpResponse:
    return render(request, "releases/deployments/open.html")


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def rollback(request: PersonRequest) -> HttpResponse:
    return render(request, "releases/deployments/rollback.html")


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def detail(request: PersonRequest, deployment: int) -> HttpResponse:
    found = readings.deployment(min(deployment, 2**63 - 1))
    if found is None:
        raise Http404("Ce déploiement n’existe pas.")
    return render(request, "releases/deployments/detail.html", {"deployment": found})


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def post_mortem(request: PersonRequest, post_mortem: int) -> HttpResponse:
    return render(request, "releases/deployments/post_mortem.html")
