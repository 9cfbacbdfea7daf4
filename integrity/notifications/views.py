"""Who is told what, the ways out, and what became of each message."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.notifications.channels import mail_is_configured
from integrity.checks.evaluation import evaluation_context
from integrity.notifications import actions
from integrity.notifications import messages as sent
from integrity.notifications.forms import MessagesForm, RuleForm
from integrity.notifications.reading import read_all
from integrity.notifications.rules import CHANNEL, Depots, Rule, names_of_depots, rules
from integrity.queries import fetch
from mlpp_gov.calls import InvalidInput
from mlpp_gov.forms import is_saved
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, require_permission
from mlpp_gov.views import SpokenBadRequest

PAGE_SIZE = 50
LARGEST_ID = 2**63 - 1


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def overview(request: PersonRequest) -> HttpResponse:
    known = read_all(request.user)
    return render(
        request,
        "integrity/notifications/overview.html",
        {
            "rules": known.rules,
            "ways": known.ways,
            "has_mail": mail_is_configured(),
            "changes": known.changes,
            "counts": _count_links(known.counts),
            "can_manage": request.user.can_manage_notifications,
            "why_no_test": _why_no_test(request),
            **evaluation_context(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.MANAGE_NOTIFICATIONS)
def add_rule(request: PersonRequest) -> HttpResponse:
    return _rule_page(request, None, _depots(request))


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.MANAGE_NOTIFICATIONS)
def change_rule(request: PersonRequest, rule: int) -> HttpResponse:
    places = _depots(request)
    known = rules(fetch("notification_rules"), places)
    found = next((it for it in known if it.id == rule), None)
    if found is None:
        raise Http404(_("Cette règle n’existe pas."))
    return _rule_page(request, found, places)


def _depots(request: PersonRequest) -> Depots:
    """Those that the person may see."""
    with db_identity(request.user):
        return names_of_depots(fetch("depots"))


def _rule_page(request: PersonRequest, rule: Rule | None, places: Depots) -> HttpResponse:
    """The form of a rule; one that was refused keeps what was typed."""
    form = RuleForm(request.POST if request.method == "POST" else None, depots=places, rule=rule)
    if form.is_valid() and is_saved(
        form,
        lambda: actions.set_rule(rule.id if rule else None, form.rule_values, actor=request.user),
    ):
        messages.success(request, _("Règle enregistrée."))
        return redirect("notifications:overview")
    context = {"form": form, "rule": rule}
    return render(
        request, "integrity/notifications/rule.html", context, status=400 if form.is_bound else 200
    )


@require_POST
@require_permission(Permission.MANAGE_NOTIFICATIONS)
def remove_rule(request: PersonRequest, rule: int) -> HttpResponse:
    """A rule that is not there is no error: somebody was faster, or a click came twice."""
    actions.remove_rule(min(rule, LARGEST_ID), actor=request.user)
    messages.success(request, _("La règle est retirée."))
    return redirect("notifications:overview")


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def message_list(request: PersonRequest) -> HttpResponse:
    form = MessagesForm(request.GET)
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        raise SpokenBadRequest(said)
    state = form.state_chosen
    counts, shown = sent.read_page(
        state, page=form.page_number, size=PAGE_SIZE, reader=request.user
    )
    total = counts[state] if state else sum(counts.values())
    page = Paginator(range(total), PAGE_SIZE).get_page(form.page_number)
    return render(
        request,
        "integrity/notifications/messages.html",
        {
            "messages_shown": shown,
            "page": page,
            "page_urls": page_urls(page, lambda number: _messages_url(state=state, page=number)),
            "back_query": _messages_query(
                state=state, page=page.number if page.number > 1 else None
            ),
            "counts": _count_links(counts),
            "total": sum(counts.values()),
            "state": state,
            "can_manage": request.user.can_manage_notifications,
            **evaluation_context(),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def message_detail(request: PersonRequest, message: int) -> HttpResponse:
    found = sent.message(message, reader=request.user)
    if found is None:
        raise Http404(_("Ce message n’existe pas."))
    form = MessagesForm(request.GET)  # of the list that led here
    context = {
        "message": found,
        "messages_url": _messages_url(**form.cleaned_data if form.is_valid() else {}),
        "can_manage": request.user.can_manage_notifications,
    }
    return render(
        request, "integrity/notifications/message.html", {**context, **evaluation_context()}
    )


@require_POST
@require_permission(Permission.MANAGE_NOTIFICATIONS)
def resend(request: PersonRequest, message: int) -> HttpResponse:
    try:
        actions.resend(min(message, LARGEST_ID), actor=request.user)
    except InvalidInput as refusal:
        messages.warning(request, _("Rien n’a été renvoyé : {why}").format(why=refusal))
        return redirect("notifications:messages")
    messages.success(request, _("Le message va repartir, avec ce qui est encore vrai."))
    return redirect("notifications:message", message)


@require_POST
@require_permission(Permission.VIEW_INTEGRITY)
def test_myself(request: PersonRequest) -> HttpResponse:
    if why := _why_no_test(request):
        messages.warning(request, _("Aucun essai n’est parti : {why}").format(why=why))
        return redirect("notifications:overview")
    said = _("Un essai part dans la minute à {address} ; son issue se lit dans les messages.")
    return _tested(request, f"person:{request.user.pk}", said.format(address=request.user.email))


@require_POST
@require_permission(Permission.MANAGE_NOTIFICATIONS)
def test_channel(request: PersonRequest, name: str) -> HttpResponse:
    if name not in settings.NOTIFY_CHANNELS:
        raise Http404(_("Ce canal n’existe pas."))
    said = _(
        "Un essai part dans la minute par le canal {name} ; son issue se lit dans les messages."
    )
    return _tested(request, f"{CHANNEL}{name}", said.format(name=name))


def _tested(request: PersonRequest, recipient: str, said: str) -> HttpResponse:
    try:
        actions.send_test(recipient, actor=request.user)
    except InvalidInput as refusal:
        messages.warning(request, _("Aucun essai n’est parti : {why}").format(why=refusal))
    else:
        messages.success(
            request,
            said,
        )
    return redirect("notifications:overview")


def _why_no_test(request: PersonRequest) -> str:
    """What keeps this person from being written to, or nothing."""
    if not mail_is_configured():
        return _("aucun serveur d’e-mail n’est configuré.")
    if not request.user.email:
        return _("votre compte n’a pas d’adresse e-mail, un administrateur peut l’ajouter.")
    return ""


def _count_links(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The states and where their messages are."""
    return [
        {
            "state": state,
            "label": _(sent.PLURALS.get(state, sent.STATES[state])),
            "count": count,
            "url": _messages_url(state=state),
        }
        for state, count in counts.items()
    ]


def _messages_url(**values: Any) -> str:
    return reverse("notifications:messages") + _messages_query(**values)


def _messages_query(**values: Any) -> str:
    query = urlencode({name: value for name, value in values.items() if value})
    return f"?{query}" if query else ""
