"""ACK and RESOLVE from the screens."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from alerts import transitions
from alerts.wording import conflict_sentence
from mlpp_gov.http import PersonRequest
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.roles import Permission, require_permission


@require_POST
@require_permission(Permission.HANDLE_ALERTS)
def acknowledge(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    return _handle(request, alert_id, transitions.acknowledge, "Alerte acquittée.")


@require_POST
@require_permission(Permission.HANDLE_ALERTS)
def resolve(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    return _handle(request, alert_id, transitions.resolve, "Alerte résolue.")


def _handle(
    request: PersonRequest, alert_id: UUID, transition: Callable[..., None], success: str
) -> HttpResponse:
    try:
        transition(alert_id, actor=request.user)
    except transitions.AlertNotFound as error:
        raise Http404("Cette alerte n’existe pas.") from error
    except transitions.Conflict as conflict:
        messages.warning(request, conflict_sentence(conflict))
    else:
        messages.success(request, success)
    target = safe_return_url(request, request.POST.get("next", ""), default="integrity:list")
    return redirect(target)
