"""The pages before the people who see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse

from mlpp_gov.models import User

PAGE = "/governance/deployments/"


@pytest.fixture
def get(client_of: Any, admin: User) -> Callable[..., HttpResponse]:
    """A page as the administrator, or another, reads it."""
    clients = {admin: client_of(admin)}

    def got(path: str = "", *, who: User = admin, **query: Any) -> Any:
        return (clients.get(who) or client_of(who)).get(f"{PAGE}{path}", query)

    return got


@pytest.fixture
def post(client_of: Any, admin: User) -> Callable[..., tuple[HttpResponse, list[str]]]:
    """Post as the administrator, or another; returns (response, texts of the messages)."""

    def posted(path: str, *, who: User = admin, **data: Any) -> Any:
        response = client_of(who).post(f"{PAGE}{path}", data)
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return posted
