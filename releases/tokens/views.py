"""The tokens of those who act without a keyboard: given once, listed without their secret, revoked."""

import hashlib
import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mlpp_gov.calls import InvalidInput
from mlpp_gov.http import PersonRequest
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, require_permission
from releases import acts
from releases.forms import page_number
from releases.journal import actor_text, names_in
from releases.paging import PAGE_SIZE, page_of
from releases.readings import fetch
from releases.tokens.forms import SCOPES, IssueForm

PREFIX = "mlpp_"
LARGEST_ID = 2**63 - 1


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.MANAGE_RELEASE_TOKENS)
def tokens(request: PersonRequest) -> HttpResponse:
    """The list and the form. The answer to a good form shows the token, which nothing shows again."""
    form = IssueForm(request.POST if request.method == "POST" else None)
    secret = PREFIX + secrets.token_urlsafe(32)
    if form.is_done(lambda: _issue(request, form, secret)):
        return render(
            request,
            "releases/tokens/issued.html",
            {"secret": secret, "name": form.cleaned_data["name"]},
        )
    number = page_number(request)
    rows = fetch("tokens", page=number, size=PAGE_SIZE)
    names = names_in(rows)
    page = page_of(rows, number)
    page.object_list = [
        {
            **row,
            "scopes": [SCOPES.get(scope, scope) for scope in row["scopes"]],
            "owner": actor_text(row["owner"], names),
            "revoked_by": actor_text(row["revoked_by"], names),
        }
        for row in rows
    ]
    return render(
        request,
        "releases/tokens/tokens.html",
        {
            "form": form,
            "page": page,
            "page_urls": page_urls(page, lambda number: f"?page={number or 1}"),
        },
        status=form.status,
    )


def _issue(request: PersonRequest, form: IssueForm, secret: str) -> None:
    acts.issue_token(
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        expires_at=form.cleaned_data["until"],
        actor=request.user,
    )


@require_POST
@require_permission(Permission.MANAGE_RELEASE_TOKENS)
def revoke(request: PersonRequest, token: int) -> HttpResponse:
    try:
        acts.revoke_token(min(token, LARGEST_ID), actor=request.user)
    except InvalidInput as refusal:
        messages.warning(request, _("Rien n’a changé\u00a0: {why}").format(why=refusal))
    else:
        messages.success(request, _("Le jeton est révoqué\u00a0: il n’ouvre plus rien."))
    return redirect("releases:tokens")
