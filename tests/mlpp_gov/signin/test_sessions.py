"""How long a session holds, and who ends it."""

import time
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from mlpp_gov.signin import sessions, tasks
from tests.mlpp_gov.signin.conftest import Door

HOURS = 3600


@pytest.fixture
def inside(door: Door, person: User) -> Door:
    door.sign_in(person.username)
    assert door.is_open
    return door


def aged(door: Door, seconds: int) -> None:
    session = door.client.session
    session[sessions.SINCE] = time.time() - seconds
    session.save()


def test_the_cookie_ends_with_the_browser(inside: Door) -> None:
    cookie = inside.client.cookies["sessionid"]

    assert cookie["max-age"] == cookie["expires"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_session_holds_eight_hours_and_using_it_does_not_prolong_it(inside: Door) -> None:
    aged(inside, 8 * HOURS - 60)
    assert inside.is_open

    aged(inside, 8 * HOURS + 1)
    assert not inside.is_open


def test_a_new_role_means_a_new_session_key_and_the_same_person(inside: Door, person: User) -> None:
    before = inside.client.cookies["sessionid"].value
    User.objects.filter(pk=person.pk).update(role=Role.GERANT)

    assert inside.is_open
    after = inside.client.cookies["sessionid"].value
    assert after != before
    assert not SessionStore().exists(before)
    assert inside.is_open
    assert inside.client.cookies["sessionid"].value == after


def test_a_new_role_that_needs_a_second_factor_ends_the_session(
    inside: Door, person: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert inside.is_open
    User.objects.filter(pk=person.pk).update(role=Role.ADMIN)

    assert not inside.is_open


def test_ending_the_sessions_of_a_person_ends_them_everywhere_and_nobody_else_s(
    inside: Door, person: User, boss: User
) -> None:
    telephone, other = Door(), Door()
    telephone.sign_in(person.username)
    other.sign_in(boss.username)

    User.objects.filter(pk=person.pk).end_sessions()

    assert [door.is_open for door in (inside, telephone, other)] == [False, False, True]
    inside.sign_in(person.username)
    assert inside.is_open


def test_a_row_read_before_brings_no_session_back(inside: Door, person: User) -> None:
    stale = User.objects.get(pk=person.pk)
    User.objects.filter(pk=person.pk).end_sessions()
    stale.full_name = "Un autre nom"
    stale.save()

    assert User.objects.get(pk=person.pk).full_name == "Un autre nom"
    assert not inside.is_open


def test_a_session_planted_in_a_browser_is_not_the_one_that_signs_in(person: User) -> None:
    planted = SessionStore()
    planted.create()
    door = Door()
    door.client.cookies["sessionid"] = planted.session_key
    door.sign_in(person.username)

    stranger = Client()
    stranger.cookies["sessionid"] = planted.session_key
    assert stranger.get("/account/").status_code == 302
    assert door.is_open


def test_signing_out_deletes_the_session(inside: Door) -> None:
    key = inside.client.cookies["sessionid"].value
    inside.client.post("/logout/")

    assert not SessionStore().exists(key)


def test_the_worker_deletes_the_sessions_that_are_over(inside: Door) -> None:
    over = SessionStore()
    over.set_expiry(-1)
    over.create()

    tasks.forget_old_sessions(timestamp=0)

    assert not SessionStore().exists(over.session_key)
    assert inside.is_open
