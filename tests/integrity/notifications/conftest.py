"""Messages planted as the engine leaves them, and the pages before the people who see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse

from mlpp_gov.models import User
from tests.database import as_owner

PAGE = "/governance/notifications/"


@pytest.fixture
def channels(settings: Any) -> None:
    """Two channels whose addresses hold a secret."""
    settings.NOTIFY_CHANNELS = {
        "astreinte": "json://jeton-tres-secret@127.0.0.1:1/",
        "depot": "tgram://123456789:jeton-tres-secret/42/",
    }


@pytest.fixture
def make_message(db: None) -> Callable[..., int]:
    """Plant a message, with the outcomes of its attempts; returns its id."""

    def plant(*attempts: str | None, **columns: Any) -> int:
        values = {"topic": "opened", "recipient": "channel:astreinte", **columns}
        with as_owner() as cursor:
            cursor.execute(
                f"INSERT INTO gouvernance.notification_messages ({', '.join(values)})"
                f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
                list(values.values()),
            )
            (message,) = cursor.fetchone()
            for failure in attempts:
                cursor.execute(
                    "INSERT INTO gouvernance.notification_attempts"
                    " (message, started_at, finished_at, outcome, failure)"
                    " VALUES (%s, now(), now(), %s, %s)",
                    [message, "sent" if failure is None else "failed", failure],
                )
            return message

    return plant


@pytest.fixture
def act(admin: User, client_of: Any) -> Callable[..., tuple[HttpResponse, list[str]]]:
    """Post as the administrator, or as another; returns (response, texts of the messages)."""

    def posted(path: str, data: dict[str, Any] | None = None, *, who: User = admin) -> Any:
        response = client_of(who).post(f"{PAGE}{path}", data or {})
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return posted


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with as_owner() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
