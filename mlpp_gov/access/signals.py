"""Django's own word on who came in, who did not, and who left."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.models import User


def connect() -> None:
    user_logged_in.connect(_signed_in)
    user_login_failed.connect(_sign_in_failed)
    user_logged_out.connect(_signed_out)


def _signed_in(request: HttpRequest | None, user: User, **_: object) -> None:
    record(request, Event.SIGNED_IN, user=user)


def _sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: object
) -> None:
    record(
        request, Event.SIGN_IN_FAILED, typed_name=str(credentials.get(User.USERNAME_FIELD) or "")
    )


def _signed_out(request: HttpRequest | None, user: User | None, **_: object) -> None:
    record(request, Event.SIGNED_OUT, user=user)
