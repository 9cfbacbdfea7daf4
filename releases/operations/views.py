"""Operations on production: the list, one operation, and what a person does to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mlpp_gov.calls import InvalidInput
from mlpp_gov.forms import is_saved
from mlpp_gov.http import PersonRequest
from mlpp_gov.models import User
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, holders, require_permission, role_grants
from mlpp_gov.sentences import spoken
from releases.forms import page_number
from releases.operations import actions
from releases.operations.actions import TooLate
from releases.operations.forms import CODE, EntryForm, OperationForm
from releases.operations.reading import (
    OPERATIONS_SHOWN,
    Operation,
    Step,
    late_text,
    operation,
    operations,
)

Refused = dict[str, EntryForm]


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def operation_list(request: PersonRequest) -> HttpResponse:
    found = operations(request.user)
    context = {
        "operations": found,
        "running": sum(operation.state == "running" for operation in found),
        "shown": OPERATIONS_SHOWN,
        "can_conduct": role_grants(request.user.role, Permission.CONDUCT_OPERATIONS),
    }
    return render(request, "releases/operations/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CONDUCT_OPERATIONS)
def new(request: PersonRequest) -> HttpResponse:
    form = OperationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_saved(
        form,
        lambda: actions.open_operation(
            form.cleaned_data["code"],
            form.cleaned_data["title"],
            form.cleaned_data["why"],
            form.cleaned_data["activities"],
            form.cleaned_data["steps"],
            actor=request.user,
        ),
    ):
        messages.success(request, _("Opération ouverte. Rien n’est gelé avant son lancement."))
        return redirect("operations:operation", form.cleaned_data["code"])
    return render(
        request,
        "releases/operations/new.html",
        {"form": form},
        status=400 if form.is_bound else 200,
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def detail(request: PersonRequest, code: str) -> HttpResponse:
    return _page(request, _operation_or_404(request, code, page=page_number(request)))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def start(request: PersonRequest, code: str) -> HttpResponse:
    return _done(request, code, actions.start, _("Opération lancée."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def finish(request: PersonRequest, code: str) -> HttpResponse:
    return _done(
        request, code, actions.finish, _("Opération clôturée\u00a0; plus rien n’est gelé.")
    )


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def abandon(request: PersonRequest, code: str) -> HttpResponse:
    found = _operation_or_404(request, code)
    form = _form("abandon", request.POST)
    return _said(request, found, form, partial(actions.abandon, code), _("Opération abandonnée."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def note(request: PersonRequest, code: str) -> HttpResponse:
    found = _operation_or_404(request, code)
    form = _form("note", request.POST)
    return _said(request, found, form, partial(actions.note, code), _("Note ajoutée."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def declare(request: PersonRequest, code: str, position: int) -> HttpResponse:
    found = _operation_or_404(request, code, position, "step")
    form = _form(f"done-{position}", request.POST)
    act = partial(actions.declare, code, position)
    return _said(request, found, form, act, _("Étape déclarée faite."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def reopen(request: PersonRequest, code: str, position: int) -> HttpResponse:
    found = _operation_or_404(request, code, position, "step")
    form = _form(f"reopen-{position}", request.POST)
    act = partial(actions.reopen, code, position)
    return _said(request, found, form, act, _("Étape rouverte."))


@require_POST
@require_permission(Permission.OPEN_STOP_GATES)
def pass_stop(request: PersonRequest, code: str, position: int) -> HttpResponse:
    found = _operation_or_404(request, code, position, "stop")
    form = _form(f"pass-{position}", request.POST)

    def act(text: str, *, actor: User) -> None:
        for said in actions.pass_stop(code, position, text, actor=actor):
            form.add_error(None, _("Le STOP reste fermé\u00a0: {said}.").format(said=spoken(said)))

    return _said(request, found, form, act, _("STOP franchi."))


@require_POST
@require_permission(Permission.OPEN_STOP_GATES)
def withdraw(request: PersonRequest, code: str, position: int) -> HttpResponse:
    found = _operation_or_404(request, code, position, "stop")
    form = _form(f"withdraw-{position}", request.POST)
    act = partial(actions.withdraw_stop, code, position)
    return _said(request, found, form, act, _("STOP remis."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def freeze(request: PersonRequest, code: str) -> HttpResponse:
    return _set_freeze(request, code, is_frozen=True, done=_("Gel remis."))


@require_POST
@require_permission(Permission.CONDUCT_OPERATIONS)
def unfreeze(request: PersonRequest, code: str) -> HttpResponse:
    return _set_freeze(request, code, is_frozen=False, done=_("Gel levé."))


def _set_freeze(request: PersonRequest, code: str, *, is_frozen: bool, done: str) -> HttpResponse:
    found = _operation_or_404(request, code)
    activity = request.POST.get("activity", "")
    if activity not in found.activities:
        raise Http404(_("Cette opération ne gèle pas cette activité."))
    form = _form(_freeze_target(found, activity), request.POST)
    act = partial(actions.set_freeze, code, activity, is_frozen)
    return _said(request, found, form, act, done)


def _done(request: PersonRequest, code: str, act: Callable[..., None], said: str) -> HttpResponse:
    """An act that nothing is typed for."""
    _operation_or_404(request, code)
    try:
        act(code, actor=request.user)
    except TooLate as late:
        messages.warning(request, _("{late} Rien n’a changé.").format(late=late_text(late)))
    except InvalidInput as refusal:
        messages.warning(
            request, _("Rien n’a changé\u00a0: {why}").format(why=spoken(str(refusal)))
        )
    else:
        messages.success(request, said)
    return redirect("operations:operation", code)


def _said(
    request: PersonRequest, found: Operation, form: EntryForm, act: Callable[..., None], said: str
) -> HttpResponse:
    """An act with its text; what is refused stays typed, on the page as it has become."""
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            is_saved(form, lambda: act(text, actor=request.user))
        except TooLate as late:
            found = _operation_or_404(request, found.code)
            return _page(request, found, late=late_text(late), unsaved=text, status=409)
        if not form.errors:
            messages.success(request, said)
            return redirect("operations:operation", found.code)
    found = _operation_or_404(request, found.code)
    return _page(request, found, refused={form.target: form}, status=400)


def _page(
    request: PersonRequest,
    found: Operation,
    *,
    refused: Refused | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    role = request.user.role
    can_conduct = role_grants(role, Permission.CONDUCT_OPERATIONS)
    form_for = partial(_form_for, refused or {})
    return render(
        request,
        "releases/operations/operation.html",
        {
            "operation": found,
            "rows": [_step_row(step, form_for, found, role) for step in found.steps],
            "freezes": [
                {
                    "freeze": freeze,
                    "form": form_for(
                        _freeze_target(found, freeze.activity),
                        can_conduct and (found.is_running or found.left_frozen(freeze)),
                    ),
                }
                for freeze in found.freezes
            ],
            "note_form": form_for("note", can_conduct),
            "abandon_form": form_for("abandon", can_conduct and not found.is_over),
            "can_start": can_conduct and found.state == "planned",
            "can_finish": can_conduct and found.is_running and found.is_complete,
            "can_conduct": can_conduct,
            "conductors": holders(Permission.CONDUCT_OPERATIONS),
            "openers": holders(Permission.OPEN_STOP_GATES),
            "page_urls": page_urls(found.log, partial(_log_url, found.code)),
            **context,
        },
        status=status,
    )


def _step_row(
    step: Step, form_for: Callable[[str, bool], EntryForm | None], found: Operation, role: str
) -> dict[str, Any]:
    """A step with the form that moves it on and the one that takes it back, where the person may."""
    right = Permission.OPEN_STOP_GATES if step.is_stop else Permission.CONDUCT_OPERATIONS
    may_act = found.is_running and role_grants(role, right)
    forward, back = ("pass", "withdraw") if step.is_stop else ("done", "reopen")
    return {
        "step": step,
        "form": form_for(
            f"{forward}-{step.position}", may_act and not step.is_done and step.is_reachable
        ),
        "undo": form_for(f"{back}-{step.position}", may_act and step.is_done),
    }


def _form_for(refused: Refused, target: str, is_shown: bool) -> EntryForm | None:
    """What was refused, wherever its step stands by now; else an empty form, where there is one."""
    return refused.get(target) or (_form(target) if is_shown else None)


def _form(target: str, data: Any = None) -> EntryForm:
    match target.split("-")[0]:
        case "done":
            return EntryForm(
                data, target=target, label=_("Preuve"), is_required=False, hint=_("Facultative.")
            )
        case "pass":  # PostgreSQL says what is missing, all of it at once
            return EntryForm(data, target=target, label=_("Preuve"), is_required=False)
        case "note":
            return EntryForm(data, target=target, label=_("Note"))
    return EntryForm(data, target=target, label=_("Raison"), hint=_("Au moins 10 caractères."))


def _freeze_target(found: Operation, activity: str) -> str:
    """Activities have any name; in the page they are numbers."""
    return f"freeze-{found.activities.index(activity) + 1}"


def _log_url(code: str, page: int | None) -> str:
    return reverse("operations:operation", args=[code]) + (f"?page={page}#log" if page else "#log")


def _operation_or_404(
    request: PersonRequest, code: str, position: int | None = None, kind: str = "", *, page: int = 1
) -> Operation:
    """That operation, which has a step (or STOP, by `kind`) of that position if one is given."""
    found = operation(code, reader=request.user, page=page) if CODE.fullmatch(code) else None
    if found is None:
        raise Http404(_("Cette opération n’existe pas."))
    if position is not None and (position, kind) not in {
        (step.position, step.kind) for step in found.steps
    }:
        raise Http404(_("Cette opération n’a pas cette étape."))
    return found
