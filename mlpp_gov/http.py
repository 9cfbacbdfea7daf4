"""Requests as the views receive them."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

from mlpp_gov.models import User


class PersonRequest(HttpRequest):
    """A request that passed LoginRequiredMiddleware: somebody is signed in."""

    user: User


def client_address(request: HttpRequest) -> str:
    """The address that a request comes from, in its shortest form; empty where there is none.

    Behind N trusted proxies (TRUSTED_PROXIES) the N-th entry of X-Forwarded-For from the right: the
    first of them wrote it, and whatever stands left of it the client may have made up. A request
    that came past a proxy, or that carries no address there, has the one of its connection.
    """
    connection = _address(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return connection
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(entries) < settings.TRUSTED_PROXIES:
        return connection
    return _address(entries[-settings.TRUSTED_PROXIES]) or connection


def _address(text: str) -> str:
    """An address without zone, and an IPv4 address as such even where it came over IPv6."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
