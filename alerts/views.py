"""Handling alerts from the screens: acknowledge, resolve honestly, accept, note, assign, in bulk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from alerts import bulk, transitions
from alerts.forms import ASSIGNABLE, AssignmentForm, NoteForm, ResolutionForm
from alerts.models import Alert
from alerts.wording import (
    ACKNOWLEDGED,
    SUCCESSES,
    assigned_sentence,
    conflict_sentence,
    stale_sentence,
)
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.roles import Permission, require_permission


@require_POST
@require_permission(Permission.HANDLE_ALERTS)
def acknowledge(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    def act() -> str:
        transitions.acknowledge(alert_id, actor=request.user, version=_version(request))
        return str(ACKNOWLEDGED)

    return _handled(request, act)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.HANDLE_ALERTS)
def resolve(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    """Without a decision: resolve if the cause is gone, else ask what to do. With one: do it."""
    if request.method == "POST" and "intent" not in request.POST:
        return _resolve_if_gone(request, alert_id)
    form = ResolutionForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _ask(request, alert_id, form, "alerts/resolve.html")

    def act() -> str:
        actor, version = request.user, _version(request)
        if form.terms is None:
            outcome = transitions.resolve(alert_id, actor=actor, version=version, claim=True)
        else:
            outcome = transitions.accept(alert_id, actor=actor, version=version, terms=form.terms)
        return str(SUCCESSES[outcome])

    return _handled(request, act)


def _resolve_if_gone(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    def act() -> str:
        outcome = transitions.resolve(alert_id, actor=request.user, version=_version(request))
        return str(SUCCESSES[outcome])

    try:
        return _handled(request, act)
    except transitions.StillPresent:
        query = urlencode({"version": _version(request) or "", "next": _next(request)})
        decision = f"{reverse('alerts:resolve', args=[alert_id])}?{query}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": decision})
        return redirect(decision)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.HANDLE_ALERTS)
def annotate(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _ask(request, alert_id, form, "alerts/note.html")

    def act() -> str:
        transitions.annotate(alert_id, actor=request.user, text=form.cleaned_data["text"])
        return _("Note ajoutée.")

    return _handled(request, act)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.HANDLE_ALERTS)
def assign(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    form = AssignmentForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _ask(request, alert_id, form, "alerts/assign.html")

    def act() -> str:
        assignee = form.cleaned_data["assignee"]
        transitions.assign(alert_id, actor=request.user, assignee=assignee)
        return assigned_sentence(assignee)

    return _handled(request, act)


@require_POST
@require_permission(Permission.HANDLE_ALERTS)
def handle_selection(request: PersonRequest) -> HttpResponse:
    """One action on the selected alerts, and one line of result for each."""
    selection = bulk.SelectionForm(request.POST)
    if not selection.is_valid():
        for errors in selection.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect(_next(request))
    results = bulk.handle(selection, actor=request.user)
    return render(
        request,
        "alerts/selection.html",
        {"results": results, "action": selection.action_label, "back_url": _next(request)},
    )


def _handled(request: PersonRequest, act: Callable[[], str]) -> HttpResponse:
    """Do it; once it is true, say so; say who was faster; go back to where the person was."""
    try:
        success = act()
    except transitions.AlertNotFound as error:
        raise Http404(_("Cette alerte n’existe pas.")) from error
    except transitions.Conflict as conflict:
        messages.warning(request, conflict_sentence(conflict))
    except transitions.Stale as stale:
        messages.warning(request, stale_sentence(stale))
    except transitions.InvalidInput as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, success)
    return redirect(_next(request))


def _ask(request: PersonRequest, alert_id: UUID, form: Form, template: str) -> HttpResponse:
    """A page of its own for what has to be typed; what was typed stays, errors beside it."""
    with db_identity(request.user):
        alert = get_object_or_404(Alert.objects.with_handling(), pk=alert_id)
    if isinstance(form, AssignmentForm) and not form.is_bound:
        form = AssignmentForm.offering(User.objects.filter(ASSIGNABLE), holder=alert.assignee)
    context: dict[str, Any] = {
        "form": form,
        "alert": alert,
        "version": _version(request) or alert.version,
        "next": _next(request),
    }
    return render(request, template, context, status=400 if form.is_bound else 200)


def _parameter(request: PersonRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name, "")


def _version(request: PersonRequest) -> int | None:
    return transitions.read_version(_parameter(request, "version"))


def _next(request: PersonRequest) -> str:
    return safe_return_url(request, _parameter(request, "next"), default="integrity:list")
