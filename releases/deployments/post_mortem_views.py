"""Writing and reading the post-mortem of a rollback."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mlpp_gov.calls import InvalidInput
from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import Permission, require_permission
from mlpp_gov.sentences import spoken
from releases import acts
from releases.deployments.forms import SECTIONS, PostMortemForm
from releases.deployments.page import LARGEST_ID, read_number
from releases.deployments.post_mortem import PostMortem
from releases.deployments.post_mortem import post_mortem as read


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.VIEW_INTEGRITY)
def post_mortem(request: PersonRequest, post_mortem: int) -> HttpResponse:
    """Its seven sections. Who was overtaken keeps what they typed, with the other's text beside it."""
    number = min(post_mortem, LARGEST_ID)
    asked = read_number(request.GET.get("version", ""))
    found = _found(number, asked)
    if request.method != "POST":
        form = PostMortemForm(initial={**found.texts, "seen": found.seen})
        shown = found.version(asked) or (found.latest if found.is_complete else None)
        return _page(request, found, form, shown=shown)
    form = PostMortemForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        is_complete = acts.write_post_mortem(
            number, sections=form.sections, seen=form.cleaned_data["seen"], actor=request.user
        )
    except acts.Conflict as conflict:
        return _overtaken(request, _found(number, None), form, conflict)
    except InvalidInput as refusal:
        form.add_error(None, spoken(str(refusal)))
        return _page(request, found, form, status=400)
    messages.success(
        request,
        _("Le post-mortem est complet.")
        if is_complete
        else _("La version est enregistrée\u00a0: le post-mortem n’est pas encore complet."),
    )
    return redirect("deployments:post_mortem", number)


def _found(number: int, version: int | None) -> PostMortem:
    found = read(number, version=version)
    if found is None:
        raise Http404(_("Ce post-mortem n’existe pas."))
    return found


def _overtaken(
    request: PersonRequest, found: PostMortem, typed: PostMortemForm, conflict: acts.Conflict
) -> HttpResponse:
    """What was typed, to be sent again on top of the newer version, whose different texts are shown."""
    texts = typed.sections
    again = PostMortemForm(initial={**texts, "seen": found.seen})
    others = [
        (_(label), found.texts[name])
        for name, (label, _guidance) in SECTIONS.items()
        if found.texts[name].strip() != texts[name].strip()
    ]
    return _page(request, found, again, status=409, conflict=conflict, others=others)


def _page(
    request: PersonRequest,
    found: PostMortem,
    form: PostMortemForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"post_mortem": found, "form": form, **more}
    return render(request, "releases/deployments/post_mortem.html", context, status=status)
