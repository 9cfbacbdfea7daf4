"""Pages that stay current while they are open: static/js/live.js asks for their moving parts again.

The same address answers, so that its rights and its filters hold. An answer has a tag of everything
it shows; while that is the same there is nothing to render, nor to send (304).
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition
from django.views.decorators.vary import vary_on_headers

from mlpp_gov.http import PersonRequest
from mlpp_gov.roles import View

HEADER = "X-Refresh"


def is_refresh(request: HttpRequest) -> bool:
    """Whether an open page asks for its moving parts, rather than a person for the page."""
    return HEADER in request.headers


def refreshable(read: Callable[[PersonRequest], Any]) -> Callable[[View], View]:
    """Answer a refresh with 304 while what `read` returns is the same, for the same person.

    `read` returns a value whose repr() says everything that the answer shows, ages apart (the page
    keeps them itself), or None when there is no telling. It is read before the view runs: a change in
    between gives an answer that is newer than its tag, and so one refresh too many, never one too few.
    """

    def tag(request: Any, *args: Any, **kwargs: Any) -> str | None:
        shown = read(request) if is_refresh(request) else None
        if shown is None:
            return None
        parts = (
            request.get_full_path(),
            (request.user.pk, request.user.role),
            settings.APP_RELEASE,
            get_language(),
            (timezone.get_current_timezone_name(), timezone.localdate()),
            shown,
        )
        return f'W/"{sha256(repr(parts).encode()).hexdigest()[:32]}"'

    def decorate(view: View) -> View:
        guarded: Any = condition(etag_func=tag)(view)
        return cache_control(private=True, no_cache=True)(
            vary_on_headers(HEADER, "Cookie")(guarded)
        )

    return decorate
