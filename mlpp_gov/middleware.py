"""What every request passes through on its way in and out."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.redirects import is_of_this_site
from mlpp_gov.views import SpokenBadRequest, error_page

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Longest name of a parameter repeated on an error page.
NAME_LENGTH = 50

NUL_IN_PARAMETER = gettext_noop("Le paramètre « {name} » contient un caractère interdit (NUL).")
NUL_IN_COOKIE = gettext_noop("Le cookie « {name} » contient un caractère interdit (NUL).")
NUL_IN_FIELD = gettext_noop("Le champ « {name} » contient un caractère interdit (NUL).")

# What a page could ask of the browser, and none of ours does.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)


class PermissionsPolicyMiddleware:
    """Deny every page the camera, the place and the rest, whatever got into it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


class ErrorPagesMiddleware:
    """Give a page to the 405 that Django leaves empty, keeping its Allow header.

    The other errors have handlers: see `mlpp_gov.views`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_405 = response.status_code == 405
        if is_405 and isinstance(response, HttpResponse) and not response.content:
            page = error_page(405)
            response.content = page.content
            response["Content-Type"] = page["Content-Type"]
            response["Content-Length"] = str(len(page.content))
        return response


class NullBytesMiddleware:
    """Refuse a NUL character before it reaches PostgreSQL, whose text can't hold one.

    Multipart fields are left to the forms, which refuse it themselves: reading a file here would
    take the choice of how to read it away from its view.

    Raises SpokenBadRequest (a 400 page) naming the parameter.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise SpokenBadRequest(_("L’adresse demandée contient un caractère interdit (NUL)."))
        refuse_null_bytes(NUL_IN_PARAMETER, request.GET.lists())
        refuse_null_bytes(NUL_IN_COOKIE, ((name, [text]) for name, text in request.COOKIES.items()))
        if request.content_type == "application/x-www-form-urlencoded":
            try:
                fields = request.POST
            except UnreadablePostError as error:
                raise SpokenBadRequest(_("L’envoi a été interrompu.")) from error
            refuse_null_bytes(NUL_IN_FIELD, fields.lists())
        return self.get_response(request)


def refuse_null_bytes(refusal: str, values: Iterable[tuple[str, list[Any]]]) -> None:
    """Raise SpokenBadRequest with `refusal` and the name of the first value that holds a NUL character."""
    for name, texts in values:
        if any("\0" in text for text in (name, *texts)):
            shown = name.replace("\0", "␀")[:NAME_LENGTH]
            raise SpokenBadRequest(_(refusal).format(name=shown))


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's default deny, leading back after the login to a page that can be opened.

    Where a form was posted, `next` is the page that holds the form, not the form's target. An
    htmx request gets 401 with HX-Redirect: a 302 would put the login page inside the table.
    """

    def handle_no_permission(  # type: ignore[override]  # not always a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        had_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        record(request, Event.SESSION_LOST if had_session else Event.NOT_SIGNED_IN)
        if request.headers.get("HX-Request") == "true":
            login = self._login_from(request.headers.get("HX-Current-URL", ""), request, view_func)
            return HttpResponse(status=401, headers={"HX-Redirect": login.url})
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return self._login_from(request.headers.get("Referer", ""), request, view_func)

    def _login_from(
        self, page: str, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Redirect to the login, with `page` as the way back when it is one of this site's."""
        login_url = self.get_login_url(view_func)
        if not is_of_this_site(request, page):
            return HttpResponseRedirect(resolve_url(login_url))
        parts = urlsplit(page)
        way_back = urlunsplit(("", "", parts.path, parts.query, ""))
        return redirect_to_login(way_back, login_url, self.get_redirect_field_name(view_func))
