"""The pages of the door. Those before the sign-in are open to strangers, and say so."""

from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.http import PersonRequest
from mlpp_gov.messaging import NO_MAIL
from mlpp_gov.models import User
from mlpp_gov.roles import View
from mlpp_gov.signin import factor, forms, lockout, pending, tasks
from mlpp_gov.signin.sessions import VERIFIED

require_form = require_http_methods(["GET", "HEAD", "POST"])
NEW_KEY = "new_factor_key"


def own_passwords(view: View) -> View:
    """Say where the password is changed, when it is not here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.AUTH_MODE == "gotrue":
            return render(request, "signin/elsewhere.html")
        return view(request, *args, **kwargs)

    return guarded


class LoginView(auth.LoginView):
    """The password; then the code, of those who have a second factor or must."""

    authentication_form = forms.LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        person = form.get_user()
        enrolled = factor.is_enrolled(person)
        if not enrolled and not factor.is_required(person):
            return super().form_valid(form)
        pending.begin(self.request, person, next_url=self.get_success_url())
        return redirect("login-code" if enrolled else "login-enrol")


@require_form
@login_not_required
@never_cache
@sensitive_post_parameters()
def login_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of somebody whose password was right."""
    waiting = pending.pending_sign_in(request)
    if waiting is None:
        return redirect("login")
    if lockout.is_locked_out(request, waiting.person):
        return lockout.locked_page(request)
    form = forms.CodeForm(request.POST or None)
    if form.is_valid():
        try:
            factor.check(waiting.person, form.cleaned_data["code"])
        except (factor.WrongCode, factor.TooManyTries) as refusal:
            lockout.count_failure(request, waiting.person)
            form.refuse(refusal)
        else:
            waiting.complete(request)
            return HttpResponseRedirect(waiting.next_url)
    return render(request, "signin/code.html", {"form": form})


@require_form
@login_not_required
@never_cache
@sensitive_post_parameters()
def login_enrol(request: HttpRequest) -> HttpResponse:
    """Have somebody whose password was right, and who must have a second factor, add one."""
    waiting = pending.pending_sign_in(request)
    if waiting is None:
        return redirect("login")
    form = forms.CodeForm(request.POST or None)
    if (codes := _enrol(form, waiting.person, waiting.factor_key)) is None:
        return _enrol_page(request, form, waiting.person, waiting.factor_key)
    waiting.complete(request)
    return _codes_page(request, codes, next_url=waiting.next_url)


@require_safe
def account(request: PersonRequest) -> HttpResponse:
    person = request.user
    context = {
        "enrolled": factor.is_enrolled(person),
        "required": factor.is_required(person),
        "codes_left": factor.codes_left(person),
    }
    return render(request, "signin/account.html", context)


@require_form
@never_cache
@sensitive_post_parameters()
def enrol(request: PersonRequest) -> HttpResponse:
    """Add a second factor to one's own account; the other sessions end."""
    person = request.user
    if factor.is_enrolled(person):
        return redirect("account")
    key = request.session.setdefault(NEW_KEY, factor.new_key())
    form = forms.CodeForm(request.POST or None)
    if (codes := _enrol(form, person, key)) is None:
        return _enrol_page(request, form, person, key)
    del request.session[NEW_KEY]
    update_session_auth_hash(request, person)
    request.session[VERIFIED] = True
    return _codes_page(request, codes, next_url="")


@require_form
@never_cache
@sensitive_post_parameters()
def remove(request: PersonRequest) -> HttpResponse:
    """Take one's second factor away, with a code; who must have one signs in again and adds it."""
    if not factor.is_enrolled(request.user):
        return redirect("account")
    form = forms.CodeForm(request.POST or None)
    if not _proven(request, form):
        return render(request, "signin/remove.html", {"form": form})
    factor.remove(request.user)
    if factor.is_required(request.user):
        logout(request)
        return redirect("login")
    update_session_auth_hash(request, request.user)
    messages.success(request, _("La double authentification est retirée."))
    return redirect("account")


@require_form
@never_cache
@sensitive_post_parameters()
def renew_codes(request: PersonRequest) -> HttpResponse:
    """Replace one's recovery codes, with a code."""
    if not factor.is_enrolled(request.user):
        return redirect("account")
    form = forms.CodeForm(request.POST or None)
    if not _proven(request, form):
        return render(request, "signin/renew.html", {"form": form})
    return _codes_page(request, factor.renew_codes(request.user), next_url="")


class JournalledPassword(SuccessMessageMixin):
    """A new password is in the access journal."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        record(self.request, Event.PASSWORD_CHANGED, detail=form.user.username)
        return super().form_valid(form)


@method_decorator(own_passwords, name="dispatch")
class PasswordView(JournalledPassword, auth.PasswordChangeView):
    """One's own password; the other sessions end."""

    form_class = forms.ChangePasswordForm
    template_name = "signin/password.html"
    success_url = reverse_lazy("account")
    success_message = gettext_lazy("Mot de passe changé. Vos autres sessions sont fermées.")


@require_form
@login_not_required
@never_cache
@own_passwords
def forgotten_password(request: HttpRequest) -> HttpResponse:
    if settings.EMAIL_BACKEND == NO_MAIL:
        return render(request, "signin/no_mail.html")
    form = forms.ForgottenPasswordForm(request.POST or None)
    if form.is_valid():
        tasks.ask_for_reset(form.cleaned_data["email"])
        return redirect("password-reset-sent")
    return render(request, "signin/forgotten.html", {"form": form})


@require_safe
@login_not_required
def reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "signin/reset_sent.html")


@method_decorator([login_not_required, own_passwords], name="dispatch")
class ResetView(JournalledPassword, auth.PasswordResetConfirmView):
    """A new password, from the link of the mail; it signs nobody in."""

    form_class = forms.NewPasswordForm
    template_name = "signin/reset.html"
    success_url = reverse_lazy("login")
    success_message = gettext_lazy("Mot de passe enregistré. Connectez-vous avec lui.")


def _proven(request: PersonRequest, form: forms.CodeForm) -> bool:
    """Whether a right code of the signed-in person was sent."""
    if not form.is_valid():
        return False
    try:
        factor.check(request.user, form.cleaned_data["code"])
    except (factor.WrongCode, factor.TooManyTries) as refusal:
        form.refuse(refusal)
        return False
    return True


def _enrol(form: forms.CodeForm, person: User, key: str) -> list[str] | None:
    """The recovery codes of a person who has just enrolled, None while the right code is missing."""
    if not form.is_valid():
        return None
    try:
        return factor.enrol(person, key=key, code=form.cleaned_data["code"])
    except factor.WrongCode as refusal:
        form.refuse(refusal)
    except factor.AlreadyEnrolled:
        form.add_error(None, _("Une application est déjà enregistrée pour ce compte."))
    return None


def _enrol_page(request: HttpRequest, form: forms.CodeForm, person: User, key: str) -> HttpResponse:
    url = factor.provisioning_url(person, key)
    context = {
        "form": form,
        "qr_code": qr_code(url),
        "url": url,
        "key": factor.typed_key(key),
        "required": factor.is_required(person),
    }
    return render(request, "signin/enrol.html", context)


def _codes_page(request: HttpRequest, codes: list[str], *, next_url: str) -> HttpResponse:
    """The recovery codes, in this one answer: they are kept nowhere in clear."""
    return render(request, "signin/codes.html", {"codes": codes, "next_url": next_url})


def qr_code(text: str) -> SafeString:
    """A QR code as SVG, drawn here: the secret goes to nobody else's server."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr-code", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  # made of numbers
