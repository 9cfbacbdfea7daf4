"""Error pages: everything here works without the database."""

import sys

from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.context_processors import release
from mlpp_gov.roles import MissingPermission, SpokenRefusal

BAD_REQUESTS: dict[type[Exception], str] = {
    DisallowedHost: gettext_noop("Ce nom de domaine n’est pas servi par cette application."),
    RequestDataTooBig: gettext_noop("La requête est trop volumineuse."),
    TooManyFieldsSent: gettext_noop("La requête contient trop de paramètres."),
    TooManyFilesSent: gettext_noop("La requête contient trop de fichiers."),
}

INSUFFICIENT_PRIVILEGE = "42501"
# Undefined table, schema, function: the server answers, but what we ask for is not installed.
NOT_INSTALLED = ("42P01", "3F000", "42883")

CONTRACT_MISSING = gettext_noop(
    "La base de données répond, mais le contrat de gouvernance n’y est pas déployé. L’équipe "
    "technique doit lancer « manage.py contract deploy », puis « manage.py migrate »."
)
RETRY_AFTER = "10"  # seconds


class SpokenBadRequest(BadRequest):
    """A 400 whose text is shown to the person; Django's own are in English."""


def error_page(
    status: int, message: str = "", *, template: str = "", csrf_token: str = ""
) -> HttpResponse:
    """Render `<status>.html` with what needs neither database, session nor a valid Host.

    `message` replaces the template's own sentence on what happened; with a `csrf_token` the page
    can offer to sign out.
    """
    content = render_to_string(
        template or f"{status}.html",
        {"message": message, "csrf_token": csrf_token, **release(request=None)},
    )
    return HttpResponse(content, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_host = isinstance(exception, DisallowedHost)
    record(request, Event.HOSTILE_HOST if is_host else Event.INVALID_INPUT)
    if isinstance(exception, SpokenBadRequest):
        return error_page(400, str(exception))
    known = BAD_REQUESTS.get(type(exception))
    return error_page(400, _(known) if known else "")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    match exception:
        case MissingPermission():
            record(request, Event.ROLE_REFUSED)
        case SpokenRefusal():
            record(request, Event.DATABASE_REFUSED)
    message = str(exception) if isinstance(exception, SpokenRefusal) else ""
    return error_page(403, message, csrf_token=get_token(request))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    record(request, Event.CSRF_REFUSED)
    return error_page(403, template="403_csrf.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception nobody handled, from a view or from any middleware.

    Django calls handler500 while the exception is being handled, wherever in the chain it came
    from; `process_exception` would see the views' only, and not a session that can't be read.
    """
    exception = sys.exception()
    if isinstance(exception, (OperationalError, InterfaceError)):
        return unavailable()
    sqlstate = getattr(exception and exception.__cause__, "sqlstate", None)
    if isinstance(exception, ProgrammingError) and sqlstate in NOT_INSTALLED:
        return unavailable(_(CONTRACT_MISSING))
    if sqlstate == INSUFFICIENT_PRIVILEGE:
        record(request, Event.DATABASE_REFUSED)
    return error_page(500)


def unavailable(message: str = "") -> HttpResponse:
    response = error_page(503, message)
    response["Retry-After"] = RETRY_AFTER
    return response
