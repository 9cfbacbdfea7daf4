"""Scenario C: freeze the releases, end the freeze, and all freezes there were."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from mlpp_gov.http import PersonRequest
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, holders, require_permission, role_grants
from mlpp_gov.templatetags.governance import moment
from releases import acts
from releases.acts import Conflict
from releases.forms import page_number
from releases.freeze.forms import BeginForm, EndForm
from releases.journal import ENDS, actor_text, names_in
from releases.paging import PAGE_SIZE, page_of
from releases.readings import fetch
from releases.register import reading

MOST_CHOICES = 50
# What the database found in place of what was asked: with who made it so and when, where it tells.
CONFLICTS = {
    "frozen": (
        gettext_noop("Un gel est déjà en cours, décidé par {by} le {at}. Rien n’a changé."),
        gettext_noop("Un gel est déjà en cours. Rien n’a changé."),
    ),
    "not_frozen": (
        gettext_noop("Le gel est déjà fini par {by} le {at}. Rien n’a changé."),
        gettext_noop("Le gel est déjà fini. Rien n’a changé."),
    ),
}


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def freezes(request: PersonRequest) -> HttpResponse:
    return _page(request)


@require_POST
@require_permission(Permission.DECIDE_FREEZE)
def begin(request: PersonRequest) -> HttpResponse:
    form = BeginForm(request.POST, releases=_choices(request))
    try:
        if form.is_done(
            lambda: acts.begin_freeze(
                form.cleaned_data["release"], reason=form.cleaned_data["reason"], actor=request.user
            )
        ):
            messages.success(request, _("Le gel commence\u00a0: rien ne part en production."))
            return redirect("releases:freeze")
    except Conflict as conflict:
        return _too_late(request, conflict)
    return _page(request, begin=form)


@require_POST
@require_permission(
    Permission.VIEW_INTEGRITY
)  # all of them for an urgent fix: the database says who else
def end(request: PersonRequest) -> HttpResponse:
    can_decide = role_grants(request.user.role, Permission.DECIDE_FREEZE)
    form = EndForm(request.POST, only_urgent=not can_decide)
    try:
        if form.is_done(lambda: _end(request, form)):
            return redirect("releases:freeze")
    except Conflict as conflict:
        return _too_late(request, conflict)
    return _page(request, end=form)


def _end(request: PersonRequest, form: EndForm) -> None:
    if acts.end_freeze(**form.cleaned_data, actor=request.user):
        messages.success(request, _("Le gel est fini\u00a0; son gate tient toujours."))
    else:
        messages.warning(
            request, _("Le gel est fini. Son gate ne tient plus\u00a0: il en faut un nouveau.")
        )


def _choices(request: PersonRequest) -> list[dict[str, object]]:
    return fetch("freezable", tag=request.GET.get("release"), most=MOST_CHOICES)


def _too_late(request: PersonRequest, conflict: Conflict) -> HttpResponse:
    by_whom, bare = CONFLICTS[conflict.state]
    said = _(by_whom).format(by=conflict.by, at=moment(conflict.at)) if conflict.at else _(bare)
    messages.warning(request, said)
    return redirect("releases:freeze")


def _page(
    request: PersonRequest, *, begin: BeginForm | None = None, end: EndForm | None = None
) -> HttpResponse:
    """The page with the form of the act that is possible now; one that was refused keeps what was typed."""
    number = page_number(request)
    rows = fetch("freezes", page=number, size=PAGE_SIZE)
    waiting = [row for row in fetch("attention", refusals=0) if row["what"] == "freeze"]
    names = names_in(rows, waiting)
    active = next(iter(reading.attention(waiting, names)), None)
    can_decide = role_grants(request.user.role, Permission.DECIDE_FREEZE)
    if active and end is None:
        end = EndForm(None, only_urgent=not can_decide)
    elif not active and can_decide and begin is None:
        begin = BeginForm(None, releases=_choices(request))
    page = page_of(rows, number)
    page.object_list = [
        {
            **row,
            "began": actor_text(row["began_by"], names),
            "ended": actor_text(row["ended_by"], names),
            "purpose": ENDS.get(row["ended_for"] or ""),
        }
        for row in rows
    ]
    return render(
        request,
        "releases/freeze/freeze.html",
        {
            "active": active,
            "begin": begin,
            "end": end,
            "page": page,
            "page_urls": page_urls(page, lambda number: f"?page={number or 1}"),
            "can_decide": can_decide,
            "deciders": holders(Permission.DECIDE_FREEZE),
        },
        status=max((form.status for form in (begin, end) if form), default=200),
    )
