"""Too many failures for one name from one address: django-axes counts, with as little data as it can."""

from ipaddress import IPv6Network, ip_address
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.http import client_address
from mlpp_gov.models import User

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  # a stand-in, not an interface


class Handler(AxesDatabaseHandler):
    """Counts by name and address; what else axes would keep of a visitor is left out."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        super().user_login_failed(sender, credentials, request, **kwargs)


def leave_out_what_was_sent(instance: Any, **kwargs: Any) -> None:
    """On pre_save of an attempt: neither the query string nor the form's fields are kept."""
    instance.get_data = instance.post_data = ""


def name_key(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What stands for a typed name: an HMAC, for people type passwords there too."""
    name = str((credentials or {}).get("username") or "")
    return salted_hmac("mlpp_gov.signin.lockout", name.casefold(), algorithm="sha256").hexdigest()


def address_key(request: HttpRequest) -> str:
    """The address that failures are counted by: of IPv6, where each has billions, the /64."""
    address = ip_address(client_address(request) or UNKNOWN_ADDRESS)
    if address.version == 6:
        return str(IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def is_locked_out(request: HttpRequest, person: User) -> bool:
    return not AxesProxyHandler.is_allowed(request, {"username": person.username})


def count_failure(request: HttpRequest, person: User) -> None:
    """Count a wrong code as a wrong password; whoever hears of failed sign-ins hears of it too."""
    user_login_failed.send(
        sender=__name__, credentials={"username": person.username}, request=request
    )


def locked_page(
    request: HttpRequest, response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer 429; axes' middleware puts it in place of whatever the view answered."""
    typed = str((credentials or {}).get("username") or "")
    record(request, Event.LOCKED_OUT, typed_name=typed)
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = render(request, "signin/locked.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page
