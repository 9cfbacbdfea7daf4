"""The address of a visitor is what a trusted proxy saw, never what the visitor claims."""

from typing import Any

import pytest
from django.test import RequestFactory

from mlpp_gov.http import client_address


def address(connection: str, forwarded: str | None = None) -> str:
    extra = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=connection, **extra))


def test_without_a_trusted_proxy_only_the_connection_counts() -> None:
    assert address("198.51.100.7", "203.0.113.9") == "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "192.0.2.66, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, " 2001:DB8:0:0::1 ", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_behind_proxies_the_outermost_trusted_one_says_who_came(
    settings: Any, proxies: int, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert address("10.0.0.1", forwarded) == found


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [(1, None), (1, ""), (2, "203.0.113.9"), (1, "203.0.113.9, "), (1, "unknown"), (1, "é\x7f")],
)
def test_a_request_that_came_past_a_proxy_has_the_address_of_its_connection(
    settings: Any, proxies: int, forwarded: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert address("198.51.100.7", forwarded) == "198.51.100.7"


def test_a_connection_without_an_address_has_none() -> None:
    assert address("") == ""
