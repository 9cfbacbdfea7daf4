"""Releases: what there is, what runs where, and the gate of each."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission
from releases import readings


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def overview(request: PersonRequest) -> HttpResponse:
    return render(request, "releases/register/overview.html")


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def register(request: PersonRequest) -> HttpResponse:
    return render(request, "releases/register/register.html")


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def release(request: PersonRequest, tag: str) -> HttpResponse:
    found = readings.release_of_tag(tag)
    if found is None:
        raise Http404("Cette release n’est pas enregistrée.")
    return render(request, "releases/register/release.html", {"release": found})
