"""The state of the checks, their tuning, and the opening stocks that one of them needs."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integrity.checks import tuning
from integrity.checks.catalogue import Check, catalogue
from integrity.checks.changes import OPENING_STOCKS, declarations
from integrity.checks.evaluation import evaluation_context, label_of
from integrity.checks.forms import OpeningStockForm, OpeningStockKeyForm, TuningForm
from integrity.checks.opening_stocks import opening_stocks, places
from integrity.checks.reading import read_check
from integrity.checks.states import check_states, reopened_by_check
from integrity.queries import fetch, fetch_together
from mlpp_gov.forms import is_saved
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.roles import Permission, require_permission


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def check_list(request: PersonRequest) -> HttpResponse:
    with db_identity(request.user):
        reopened = reopened_by_check()
    states = check_states(reopened)
    return render(
        request, "integrity/checks/checks.html", {"states": states, **evaluation_context()}
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def check_detail(request: PersonRequest, code: str) -> HttpResponse:
    return _detail_page(request, _check_or_404(code))


@require_POST
@require_permission(Permission.TUNE_CHECKS)
def tune(request: PersonRequest, code: str) -> HttpResponse:
    check = _check_or_404(code)
    known = read_check(check, {})
    form = TuningForm(request.POST, state=known.state, thresholds=known.thresholds)
    if form.is_valid() and is_saved(
        form, lambda: tuning.tune(code, actor=request.user, **form.settings)
    ):
        messages.success(request, _("Réglages enregistrés : {check}.").format(check=label_of(code)))
        return redirect("integrity:check", code)
    return _detail_page(request, check, form)


def _check_or_404(code: str) -> Check:
    check = catalogue().get(code)
    if check is None:
        raise Http404(_("Ce contrôle n’existe pas."))
    return check


def _detail_page(
    request: PersonRequest, check: Check, form: TuningForm | None = None
) -> HttpResponse:
    """Everything about a check; a form that was refused keeps what was typed."""
    with db_identity(request.user):
        reopened = reopened_by_check()
    known = read_check(check, reopened)
    if form is None and request.user.can_tune_checks and known.state.enabled is not None:
        form = TuningForm(None, state=known.state, thresholds=known.thresholds)
    context = {
        "check": check,
        "state": known.state,
        "thresholds": known.thresholds,
        "form": form,
        "failures": known.failures,
        "changes": known.changes,
        **evaluation_context(),
    }
    refused = form is not None and form.is_bound
    return render(request, "integrity/checks/check.html", context, status=400 if refused else 200)


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def opening_stock_list(request: PersonRequest) -> HttpResponse:
    return _opening_stocks_page(request, None)


@require_POST
@require_permission(Permission.TUNE_CHECKS)
def declare_opening_stock(request: PersonRequest) -> HttpResponse:
    with db_identity(request.user):
        form = OpeningStockForm(request.POST, places=places())
    if form.is_valid() and is_saved(
        form, lambda: tuning.declare_opening_stock(**form.cleaned_data, actor=request.user)
    ):
        messages.success(request, _("Stock d’ouverture déclaré."))
        return redirect("integrity:opening_stocks")
    return _opening_stocks_page(request, form)


@require_POST
@require_permission(Permission.TUNE_CHECKS)
def withdraw_opening_stock(request: PersonRequest) -> HttpResponse:
    """A declaration that is not there is no error: somebody was faster, or a click came twice."""
    form = OpeningStockKeyForm(request.POST)
    with db_identity(request.user):
        declared = {stock.key for stock in opening_stocks(places(), fetch("opening_stocks"))}
    if not form.is_valid() or tuple(form.cleaned_data.values()) not in declared:
        messages.warning(
            request, _("Rien n’a été modifié : ce stock d’ouverture n’est pas déclaré.")
        )
    else:
        tuning.declare_opening_stock(
            **form.cleaned_data, actor=request.user, ambiant=None, v15c=None
        )
        messages.success(request, _("Stock d’ouverture retiré."))
    return redirect("integrity:opening_stocks")


def _opening_stocks_page(request: PersonRequest, form: OpeningStockForm | None) -> HttpResponse:
    with db_identity(request.user):
        known = places()
    if form is None and request.user.can_tune_checks:
        form = OpeningStockForm(None, places=known)
    stocks, journal = fetch_together(
        ("opening_stocks", {}), ("check_changes", {"subject": OPENING_STOCKS})
    )
    context: dict[str, Any] = {
        "stocks": opening_stocks(known, stocks),
        "form": form,
        "changes": declarations(known, journal),
        **evaluation_context(),
    }
    refused = form is not None and form.is_bound
    return render(
        request, "integrity/checks/opening_stocks.html", context, status=400 if refused else 200
    )
