"""Deployments: their history, one of them, opening one, going back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.calls import InvalidInput
from mlpp_gov.http import PersonRequest
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, holders, require_permission, role_grants
from mlpp_gov.sentences import spoken
from releases import acts, readings
from releases.deployments import history as kept
from releases.deployments.forms import HistoryForm, OpenForm, RollbackForm
from releases.deployments.page import deployment_page, read_number
from releases.deployments.wording import moved, plain_all, title
from releases.forms import choices
from releases.journal import ENVIRONMENTS

PAGE_SIZE = 50


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def history(request: PersonRequest) -> HttpResponse:
    form = HistoryForm(request.GET)
    if not form.is_valid():
        context: dict[str, Any] = {"form": form, "page": None}
        return render(request, "releases/deployments/history.html", context, status=400)
    total = kept.size(**form.filters)
    page: Page[Any] = Paginator(range(total), PAGE_SIZE).get_page(form.cleaned_data["page"] or 1)
    page.object_list = kept.entries(
        **form.filters, offset=max(page.start_index() - 1, 0), size=PAGE_SIZE
    )
    under_way = [
        (row["id"], moved(row["kind"], row["tag"], row["environment"]))
        for row in readings.fetch("open_now")
    ]
    owed = readings.post_mortems_owed()
    return render(
        request,
        "releases/deployments/history.html",
        {
            "form": form,
            "chips": form.chips(),
            "page": page,
            "page_urls": page_urls(page, lambda number: form.url(page=number)),
            "back": form.back(),
            "under_way": under_way,
            "post_mortems_owed": owed,
            "waiting": len(under_way) + len(owed),
            "can_conduct": role_grants(request.user.role, Permission.CONDUCT_RELEASES),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def detail(request: PersonRequest, deployment: int) -> HttpResponse:
    return deployment_page(request, deployment)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def open_deployment(request: PersonRequest) -> HttpResponse:
    """Ask for what is known of it; a refusal keeps what was typed."""
    asked = read_number(request.POST.get("release") or request.GET.get("release", ""))
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        releases=[
            (row["id"], f"{row['tag']} ({row['commit'][:7]})")
            for row in readings.fetch("recent_releases", id=asked)
        ],
        initial={"release": asked, "environment": request.GET.get("environment", "")},
    )
    unmet: list[str] = []
    if form.is_valid():
        try:
            made = acts.open_deployment(
                form.cleaned_data["release"],
                environment=form.cleaned_data["environment"],
                plan=form.plan,
                actor=request.user,
            )
        except acts.Refused as refusal:
            unmet = plain_all(refusal.unmet)
        except InvalidInput as refusal:
            form.add_error(None, spoken(str(refusal)))
        else:
            messages.success(request, _("Le déploiement est ouvert, en préparation."))
            return redirect("deployments:detail", made)
    context = {"form": form, "unmet": unmet}
    status = 409 if unmet else 400 if form.is_bound else 200
    return render(request, "releases/deployments/open.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def rollback(request: PersonRequest) -> HttpResponse:
    """What a rollback would take back and go back to, its procedure; posted, it begins."""
    environment = request.POST.get("environment") or request.GET.get("environment")
    if environment not in ENVIRONMENTS:
        environment = "production"
    target = readings.rollback_target(environment)
    initial = {"environment": environment, "target": target and target.id}
    form = RollbackForm(request.POST if request.method == "POST" else None, initial=initial)
    unmet: list[str] = []
    if form.is_valid():
        asked = form.cleaned_data
        try:
            if target and target.id != asked["target"]:
                unmet = [
                    _("La cible a changé depuis que vous avez lu cette page\u00a0: relisez-la.")
                ]
            else:
                made = acts.begin_rollback(
                    environment=environment, reason=asked["reason"], actor=request.user
                )
                messages.success(request, _("Le retour en arrière a commencé."))
                return redirect("deployments:detail", made)
        except acts.Refused as refusal:
            unmet = plain_all(refusal.unmet)
        except InvalidInput as refusal:
            form.add_error(None, spoken(str(refusal)))
    taken_back = readings.to_take_back(environment)
    context = {
        "form": form,
        "unmet": unmet,
        "environment": environment,
        "environments": choices(ENVIRONMENTS),
        "taken_back": taken_back,
        "taken_back_title": title(taken_back) if taken_back else "",
        "target": target,
        "conductors": holders(Permission.CONDUCT_RELEASES),
    }
    status = 409 if unmet else 400 if form.is_bound else 200
    return render(request, "releases/deployments/rollback.html", context, status=status)
