"""Going back to where a person came from, and nowhere else."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def is_of_this_site(request: HttpRequest, target: str) -> bool:
    return url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def safe_return_url(request: HttpRequest, target: str, *, default: str) -> str:
    """`target` when it is a URL of this site, else the URL that `default` (a route name) stands for."""
    return target if is_of_this_site(request, target) else resolve_url(default)
