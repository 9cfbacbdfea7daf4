"""Releases as people and tokens make them, and time that passes over them."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from releases import acts, walk
from releases.acts import Bearer
from releases.walk import COMMITS as COMMITS
from releases.walk import CONFIGURATION as CONFIGURATION
from tests import database
from tests.conftest import make_person


class Team(walk.Team):
    """The three who make a release, and what they usually do."""

    def __init__(self, admin: User, directeur: User, pca: User) -> None:
        super().__init__(admin, directeur, pca, as_owner=database.as_owner)


@pytest.fixture
def team(admin: User, directeur: User, pca: User) -> Team:
    return Team(admin, directeur, pca)


@pytest.fixture
def second_directeur(db: None) -> User:
    return make_person(Role.DIRECTEUR, profile="directeur")


@pytest.fixture
def token(admin: User) -> Callable[..., Bearer]:
    """A token of the administrator's with those scopes."""

    def issue(*scopes: str, **span: float) -> Bearer:
        digest = hashlib.sha256(secrets.token_bytes()).hexdigest()
        acts.issue_token(
            name="deploy.sh",
            scopes=list(scopes),
            digest=digest,
            expires_at=timezone.now() + timedelta(**(span or {"days": 30})),
            actor=admin,
        )
        return Bearer(digest)

    return issue


def codes(refusal: pytest.ExceptionInfo[acts.Refused]) -> set[str]:
    """What a refusal names."""
    return {condition.code for condition in refusal.value.unmet}


def events(**columns: Any) -> list[tuple[str, bool]]:
    """Kind and refusal of the journal's lines with those values, in order."""
    where = " AND ".join(f"{name} = %s" for name in columns) or "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, refused FROM gouvernance.release_events WHERE {where} ORDER BY id",
            list(columns.values()),
        )
        return cursor.fetchall()
