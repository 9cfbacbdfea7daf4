"""Until when alerts are due, and where an administrator changes it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrity.checks import tuning
from integrity.checks.evaluation import evaluation_context
from integrity.cockpit.service_levels import (
    ServiceLevelForm,
    ServiceLevelKeyForm,
    changes,
    check_label,
    service_levels,
)
from mlpp_gov.calls import InvalidInput
from mlpp_gov.forms import is_saved
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.roles import Permission, require_permission


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def service_level_list(request: PersonRequest) -> HttpResponse:
    return _page(request, None)


@require_POST
@require_permission(Permission.TUNE_CHECKS)
def set_service_level(request: PersonRequest) -> HttpResponse:
    form = ServiceLevelForm(request.POST)
    if form.is_valid() and is_saved(
        form, lambda: tuning.set_service_level(**form.cleaned_data, actor=request.user)
    ):
        label = check_label(form.cleaned_data["check"])
        messages.success(request, _("Délai enregistré : {check}.").format(check=label))
        return redirect("cockpit:service_levels")
    return _page(request, form)


@require_POST
@require_permission(Permission.TUNE_CHECKS)
def clear_service_level(request: PersonRequest) -> HttpResponse:
    """A level that is not there is no error: somebody was faster, or a click came twice."""
    form = ServiceLevelKeyForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(_("Délai inconnu."))
        tuning.clear_service_level(**form.cleaned_data, actor=request.user)
    except InvalidInput as refusal:
        messages.warning(request, _("Rien n’a été modifié : {why}").format(why=refusal))
    else:
        messages.success(request, _("Le délai de tous les contrôles vaut de nouveau."))
    return redirect("cockpit:service_levels")


def _page(request: PersonRequest, form: ServiceLevelForm | None) -> HttpResponse:
    """The levels; a form that was refused keeps what was typed."""
    with db_identity(request.user):
        levels = service_levels()
    refused = form is not None
    if form is None and request.user.can_tune_checks:
        form = ServiceLevelForm(None)
    context = {"levels": levels, "changes": changes(), "form": form, **evaluation_context()}
    return render(
        request, "integrity/cockpit/service_levels.html", context, status=400 if refused else 200
    )
