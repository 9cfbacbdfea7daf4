"""The acts on a deployment: each loads it, calls one function of the database, says what became of it."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mlpp_gov.calls import InvalidInput
from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import MissingPermission, Permission, require_permission, role_grants
from mlpp_gov.sentences import spoken
from releases import acts, readings
from releases.deployments import forms, wording
from releases.deployments.page import LARGEST_ID, deployment_page
from releases.readings import Deployment


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def plan(request: PersonRequest, deployment: int) -> HttpResponse:
    form = forms.PlanForm(request.POST, auto_id="plan_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.plan_deployment(it.id, plan=form.plan, actor=request.user),
        _("Le plan est enregistré."),
        plan_form=form,
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def answer(request: PersonRequest, deployment: int) -> HttpResponse:
    item = request.POST.get("item", "")
    form = forms.AnswerForm(request.POST, auto_id=f"{item}_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.answer_deployment(it.id, **form.cleaned_data, actor=request.user),
        _("La réponse est enregistrée."),
        **{f"answer_{item}": form},
    )


@require_POST
@require_permission(Permission.VIEW_INTEGRITY)
def authorise(request: PersonRequest, deployment: int) -> HttpResponse:
    """Whose right it is depends on the environment."""
    found = _found(deployment)
    permission = wording.AUTHORISERS[found.environment]
    if not role_grants(request.user.role, permission):
        raise MissingPermission(role=request.user.role, permission=permission)
    return _acted(
        request,
        found,
        lambda it: acts.authorise(it.id, actor=request.user),
        _("Le déploiement est autorisé."),
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def start(request: PersonRequest, deployment: int) -> HttpResponse:
    found = _found(deployment)
    form = forms.StartForm(request.POST, environment=found.environment, auto_id="start_%s")
    return _acted(
        request,
        found,
        lambda it: acts.start(it.id, **form.cleaned_data, actor=request.user),
        _("Le déploiement est démarré."),
        start_form=form,
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def attempt(request: PersonRequest, deployment: int) -> HttpResponse:
    form = forms.AttemptForm(request.POST, auto_id="attempt_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.report_attempt(it.id, **form.cleaned_data, actor=request.user),
        _("L’essai est noté."),
        attempt_form=form,
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def watch(request: PersonRequest, deployment: int) -> HttpResponse:
    form = forms.WatchForm(request.POST, auto_id="watch_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.report_watch(it.id, **form.cleaned_data, actor=request.user),
        _("Le relevé est noté."),
        watch_form=form,
    )


@require_POST
@require_permission(Permission.VIEW_INTEGRITY)
def incident(request: PersonRequest, deployment: int) -> HttpResponse:
    """Whoever governs says what they see, in the environment of this deployment."""
    form = forms.IncidentForm(request.POST, auto_id="incident_%s")

    def act(it: Deployment) -> None:
        acts.declare_incident(environment=it.environment, **form.cleaned_data, actor=request.user)

    return _acted(
        request, _found(deployment), act, _("L’incident est enregistré."), incident_form=form
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def succeed(request: PersonRequest, deployment: int) -> HttpResponse:
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.succeed(it.id, actor=request.user),
        _("Le succès est déclaré."),
    )


@require_POST
@require_permission(Permission.CONDUCT_RELEASES)
def fail(request: PersonRequest, deployment: int) -> HttpResponse:
    form = forms.FailForm(request.POST, auto_id="fail_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.fail(it.id, **form.cleaned_data, actor=request.user),
        _("L’abandon est enregistré."),
        fail_form=form,
    )


@require_POST
@require_permission(Permission.VIEW_INTEGRITY)
def correct(request: PersonRequest, deployment: int) -> HttpResponse:
    form = forms.CorrectionForm(request.POST, auto_id="correction_%s")
    return _acted(
        request,
        _found(deployment),
        lambda it: acts.correct(it.id, **form.cleaned_data, actor=request.user),
        _("La rectification est ajoutée à l’historique."),
        correction_form=form,
    )


def _found(deployment: int) -> Deployment:
    found = readings.deployment(min(deployment, LARGEST_ID))
    if found is None:
        raise Http404(_("Ce déploiement n’existe pas."))
    return found


def _acted(
    request: PersonRequest,
    found: Deployment,
    act: Callable[[Deployment], object],
    success: str,
    **form: Form,
) -> HttpResponse:
    """Do it; once it is true, say so; say who was faster or what is missing; go back to the page.

    The act's form, if it has one, stays with its errors on a 400.
    """
    if not all(it.is_valid() for it in form.values()):
        return deployment_page(request, found.id, refused=form)
    try:
        act(found)
    except acts.Conflict as conflict:
        messages.warning(request, wording.conflict_sentence(conflict))
    except acts.Refused as refusal:
        messages.warning(request, wording.refusal_sentence(refusal.unmet))
    except InvalidInput as refusal:
        for it in form.values():
            it.add_error(None, spoken(str(refusal)))
            return deployment_page(request, found.id, refused=form)
        messages.error(request, spoken(str(refusal)))
    else:
        messages.success(request, success)
    return redirect("deployments:detail", found.id)
