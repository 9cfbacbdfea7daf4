"""Releases: what there is, what runs where, and each release with its gate and its journal."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.http import PersonRequest
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, holders, require_permission, role_grants
from mlpp_gov.sentences import spoken
from releases import acts, readings
from releases.forms import page_number
from releases.gate.reading import MOST_GATES, SCENARIOS, read_gate
from releases.gate.views import found_or_404
from releases.journal import CAUSES, STATES, actor_text, events, names_in
from releases.paging import PAGE_SIZE, page_of
from releases.readings import fetch
from releases.recommendation import recommend
from releases.register import reading
from releases.register.forms import RegisterForm

MOST_REFUSALS = 10


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def overview(request: PersonRequest) -> HttpResponse:
    number = page_number(request)
    rows = fetch("releases_page", page=number, size=PAGE_SIZE)
    waiting = fetch("attention", refusals=MOST_REFUSALS)
    present = reading.present()
    gate = read_gate(None, look_again=request.method == "GET")
    names = names_in(rows, waiting, besides=reading.people_of(present))
    attention = reading.attention(waiting, names)
    freeze = next((it for it in attention if it.what == "freeze"), None)
    page = page_of(rows, number)
    page.object_list = [reading.listed(row, names) for row in rows]
    return render(
        request,
        "releases/register/overview.html",
        {
            "running": reading.running(present, names),
            "cockpit_release": settings.APP_RELEASE,
            "freeze": freeze,
            "post_mortems": [it for it in attention if it.what == "post_mortem"],
            "under_way": [
                (d, STATES[d.state], reading.KINDS[d.kind]) for d in reading.under_way(present)
            ],
            "candidate": gate,
            "freeze_missing": gate.blocking("C") if gate else [],
            "recommendation": recommend(gate, present),
            "page": page,
            "page_urls": page_urls(page, lambda number: f"?page={number or 1}#list"),
            "refusals": events((row for row in waiting if row["refused"]), names),
            **_rights(request),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_RELEASES)
def register(request: PersonRequest) -> HttpResponse:
    """The form; ?tag= and ?commit= fill it in, for a link from the CI."""
    known = {name: request.GET[name] for name in ("tag", "commit") if name in request.GET}
    form = RegisterForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_done(lambda: acts.register(**form.cleaned_data, actor=request.user)):
        tag = form.cleaned_data["tag"]
        messages.success(request, _("La release {tag} est enregistrée.").format(tag=tag))
        return redirect("releases:release", tag)
    return render(request, "releases/register/register.html", {"form": form}, status=form.status)


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def release(request: PersonRequest, tag: str) -> HttpResponse:
    row, gates = readings.release_and_gates(tag, most=MOST_GATES)
    found = found_or_404(row)
    number = page_number(request)
    gate = read_gate(found.id, look_again=request.method == "GET")
    journal = fetch("journal", release=found.id, page=number, size=PAGE_SIZE)
    present = reading.present(found.id)
    deployments = [deployment for deployment in present if deployment.release == found.id]
    names = names_in(
        gate.rows if gate else [],
        gates,
        journal,
        besides={found.person} | reading.people_of(deployments),
    )
    page = page_of(journal, number)
    page.object_list = events(journal, names)
    url = reverse("releases:release", args=[tag])
    return render(
        request,
        "releases/register/release.html",
        {
            "release": found,
            "registered_by": actor_text(found.person, names),
            "standing": reading.standing(found.id, present),
            "recommendation": recommend(gate, present),
            "gate": gate,
            "lines": gate.lines(names) if gate else [],
            "scenarios": [
                (letter, name, gate.blocking(letter)) for letter, name in SCENARIOS.items() if gate
            ],
            "gates": [
                {
                    **row,
                    "by": actor_text(row["opened_by"], names, row["opened_with"]),
                    "cause": CAUSES.get(row["cause"], row["cause"]),
                    "reason": spoken(row["reason"] or ""),
                }
                for row in gates
            ],
            "deployments": [(d, STATES[d.state], reading.KINDS[d.kind]) for d in deployments],
            "deploy_urls": {
                environment: f"{reverse('deployments:open')}?"
                + urlencode({"release": found.id, "environment": environment})
                for environment in ("staging", "production")
            },
            "page": page,
            "page_urls": page_urls(
                page, lambda number: f"{url}{f'?page={number}' if number else ''}#journal"
            ),
            **_rights(request),
        },
    )


def _rights(request: PersonRequest) -> dict[str, object]:
    """What this person may do here, and who may where they may not."""
    role = request.user.role
    return {
        "can_conduct": role_grants(role, Permission.CONDUCT_RELEASES),
        "can_freeze": role_grants(role, Permission.DECIDE_FREEZE),
        "can_manage_tokens": role_grants(role, Permission.MANAGE_RELEASE_TOKENS),
        "conductors": holders(Permission.CONDUCT_RELEASES),
    }
