"""French, or English for who chose it; the cookie repeats a person's choice where no database is read."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mlpp_gov.models import Language, User
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.views import SpokenBadRequest

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class LanguageMiddleware:
    """Speak the language of the person signed in; of the cookie, to a stranger and on error pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        remembered = cookie if cookie in Language.values else settings.LANGUAGE_CODE
        translation.activate(remembered)
        response = self.get_response(request)
        language = translation.get_language()
        if language != remembered:
            _remember(language, response)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.user.is_authenticated:
            translation.activate(request.user.language)


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Keep a person's choice, or a stranger's until they sign in, and go back to the page.

    Raises SpokenBadRequest when it is not one of the languages.
    """
    language = request.POST.get("language", "")
    if language not in Language.values:
        raise SpokenBadRequest(
            _("Le champ « language » n’est pas une langue de cette application.")
        )
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=language)
    translation.activate(language)  # the middleware makes the cookie follow
    return HttpResponseRedirect(
        safe_return_url(request, request.POST.get("next", ""), default="home")
    )


def said_in(language: str, parts: Iterator[str]) -> Iterator[str]:
    """A streamed answer in that language: its parts are made after the middleware, one by one, when
    the thread may speak another."""
    while True:
        with translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _remember(language: str, response: HttpResponseBase) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
