"""The API as the deploy script and the CI call it."""

import itertools
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from mlpp_gov.models import User
from releases import acts
from releases.acts import Bearer

ROOT = "/api/releases/v1/"
ALL_SCOPES = ("register", "gate", "deploy:staging", "deploy:production")


def issue(admin: User, *scopes: str, **span: float) -> tuple[str, int]:
    """A token of the administrator's, and its number."""
    token = f"mlpp_{secrets.token_urlsafe(32)}"
    number = acts.issue_token(
        name="deploy.sh",
        scopes=list(scopes or ALL_SCOPES),
        digest=Bearer.of(token).digest,
        expires_at=timezone.now() + timedelta(**(span or {"days": 30})),
        actor=admin,
    )
    return token, number


class Script:
    """A program that holds a token; every request of its own key, unless it says one."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.token = token
        self.keys = (f"key-{number}" for number in itertools.count(1))

    def get(self, path: str) -> HttpResponse:
        return self.client.get(ROOT + path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, *, key: str | None = None, raw: Any = None, **body: Any):
        return self.client.post(
            ROOT + path,
            body if raw is None else raw,
            content_type="application/json",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": next(self.keys) if key is None else key,
            },
        )


@pytest.fixture
def script(admin: User) -> Script:
    return Script(issue(admin)[0])


@pytest.fixture
def script_with(admin: User) -> Callable[..., Script]:
    """A program whose token has those scopes only."""
    return lambda *scopes, **span: Script(issue(admin, *scopes, **span)[0])


RELEASE = {"tag": "v1.0.0", "commit": "0c5c2b7", "category": "MAINTENANCE"}
