"""How long a session holds: eight hours, one role, and until somebody ends it.

`User.session_generation` is part of what a session proves on each request (its hash, beside the
password): raising it ends every session of the person at once, those being opened included.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mlpp_gov.models import User
from mlpp_gov.signin import factor
from mlpp_gov.visits import note_visit

ROLE, SINCE, VERIFIED = "role", "signed_in_at", "second_factor"


def note_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """On user_logged_in: what the rules below compare with, and that they are here."""
    request.session[ROLE] = user.role
    request.session[SINCE] = time.time()
    note_visit(user)


class SessionRulesMiddleware:
    """End a session that is too old or lacks the second factor; renew its key when the role changed.

    Ended here, the request goes on as a stranger's, and leads to the sign-in page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Before a view, and so not for an address that none has: that needs no database."""
        if request.user.is_authenticated:
            apply_rules(request, request.user)


def apply_rules(request: HttpRequest, person: User) -> None:
    session = request.session
    too_old = time.time() - session.get(SINCE, time.time()) > settings.SESSION_COOKIE_AGE
    unproven = factor.is_required(person) and not session.get(VERIFIED)
    if too_old or unproven:
        logout(request)
    elif session.setdefault(ROLE, person.role) != person.role:
        session.cycle_key()
        session[ROLE] = person.role
