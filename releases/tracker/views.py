"""The Phase 2 tracker: the actions by axis, one action, and bringing it on."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.forms import is_saved
from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, holders, require_permission, role_grants
from releases.tracker import actions
from releases.tracker.actions import Stale
from releases.tracker.forms import ActionForm
from releases.tracker.reading import Action, Change, action, axes, changes_since, checkpoint

LAST_ACTION = 10


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def action_list(request: PersonRequest) -> HttpResponse:
    found = axes(request.user)
    context = {"axes": found, "checkpoint": checkpoint(found), **_rights(request)}
    return render(request, "releases/tracker/list.html", context)


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def detail(request: PersonRequest, action_id: int) -> HttpResponse:
    found, changes = _action_or_404(request, action_id)
    context = {"action": found, "changes": changes, **_rights(request)}
    return render(request, "releases/tracker/action.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.UPDATE_TRACKER)
def update(request: PersonRequest, action_id: int) -> HttpResponse:
    found = _action_or_404(request, action_id)[0]
    form = ActionForm(request.POST if request.method == "POST" else None, action=found)
    if form.is_valid():
        try:
            saved = is_saved(
                form, lambda: actions.update(action_id, form.cleaned_data, actor=request.user)
            )
        except Stale:
            return _stale(request, found, form)
        if saved:
            messages.success(request, _("Action enregistrée."))
            return redirect("tracker:action", action_id)
    context = {"action": found, "form": form}
    return render(
        request, "releases/tracker/update.html", context, status=400 if form.is_bound else 200
    )


def _stale(request: PersonRequest, found: Action, form: ActionForm) -> HttpResponse:
    """What was typed, beside what others did meanwhile; sent again, it replaces that knowingly."""
    since = changes_since(found.id, form.cleaned_data["version"], reader=request.user)
    found = _action_or_404(request, found.id)[0]
    typed = request.POST.copy()
    typed["version"] = str(found.version)
    context = {"action": found, "form": ActionForm(typed, action=found), "since": since}
    return render(request, "releases/tracker/update.html", context, status=409)


def _rights(request: PersonRequest) -> dict[str, Any]:
    return {
        "can_update": role_grants(request.user.role, Permission.UPDATE_TRACKER),
        "updaters": holders(Permission.UPDATE_TRACKER),
    }


def _action_or_404(request: PersonRequest, action_id: int) -> tuple[Action, list[Change]]:
    found = action(action_id, reader=request.user) if action_id <= LAST_ACTION else None
    if found is None:
        raise Http404(_("Cette action n’existe pas."))
    return found
