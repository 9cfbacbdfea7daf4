"""Too many failures lock one name from one address, for a while, and nobody else."""

import logging
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone

from mlpp_gov.models import User
from mlpp_gov.signin import lockout
from tests.mlpp_gov.signin.conftest import Door

TRIES = settings.AXES_FAILURE_LIMIT
COOL_OFF = settings.AXES_COOLOFF_TIME


def fail(door: Door, username: str, times: int = TRIES) -> Any:
    for _ in range(times):
        response = door.sign_in(username, "faux")
    return response


def test_the_last_failure_locks_and_the_page_says_so_in_french(door: Door, person: User) -> None:
    assert fail(door, person.username, TRIES - 1).status_code == 200

    page = fail(door, person.username, 1)

    assert page.status_code == 429
    assert page["Retry-After"] == "900"
    assert "bloquée pendant 15\u00a0minutes" in page.content.decode().replace("&nbsp;", "\u00a0")


def test_the_right_password_does_not_unlock(door: Door, person: User) -> None:
    fail(door, person.username)

    assert door.sign_in(person.username).status_code == 429
    assert not door.is_open


def test_the_lock_ends_by_itself_and_trying_does_not_prolong_it(door: Door, person: User) -> None:
    fail(door, person.username, TRIES + 3)
    AccessAttempt.objects.update(attempt_time=timezone.now() - COOL_OFF)

    assert door.sign_in(person.username).status_code == 302
    assert door.is_open


def test_a_success_forgets_the_failures(door: Door, person: User) -> None:
    fail(door, person.username, TRIES - 1)
    door.sign_in(person.username)

    assert fail(Door(), person.username, TRIES - 1).status_code == 200


def test_somebody_unknown_is_locked_like_somebody_known(door: Door, person: User) -> None:
    unknown, known = fail(door, "personne"), fail(Door(), person.username)

    assert unknown.status_code == known.status_code == 429
    assert unknown.content == known.content


def test_the_lock_keeps_out_neither_another_name_nor_another_address(
    door: Door, person: User, boss: User
) -> None:
    fail(door, person.username)

    assert Door().sign_in(boss.username).status_code == 302
    assert Door(REMOTE_ADDR="198.51.100.7").sign_in(person.username).status_code == 302


def test_another_case_of_the_name_or_another_browser_is_the_same_try(person: User) -> None:
    for number in range(TRIES):
        door = Door(HTTP_USER_AGENT=f"navigateur {number}")
        response = fail(door, person.username.upper() if number % 2 else person.username, 1)

    assert response.status_code == 429


def test_behind_a_proxy_one_visitor_does_not_lock_the_others(person: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    hostile = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.66, 203.0.113.9"}
    honest = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}

    assert fail(Door(**hostile), person.username).status_code == 429
    assert Door(**honest).sign_in(person.username).status_code == 302


def test_a_visitor_does_not_escape_the_lock_with_a_forged_header(
    person: User, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(TRIES):
        forged = f"192.0.2.{number}, 203.0.113.9"
        response = fail(Door(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forged), "x", 1)

    assert response.status_code == 429


def test_the_addresses_of_one_ipv6_network_count_together(person: User) -> None:
    for number in range(TRIES):
        response = fail(Door(REMOTE_ADDR=f"2001:db8:1:2::{number:x}"), person.username, 1)

    assert response.status_code == 429
    assert Door(REMOTE_ADDR="2001:db8:1:3::1").sign_in(person.username).status_code == 302


def test_a_server_that_knows_no_address_still_counts(person: User) -> None:
    assert fail(Door(REMOTE_ADDR=""), person.username).status_code == 429


def test_nothing_of_what_was_typed_is_kept_or_logged(
    door: Door, person: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "hunter2-secret"
    for _ in range(TRIES + 1):
        door.client.post(
            f"/login/?next={secret}",
            {"username": secret, "password": secret, "code": secret},
            headers={"user-agent": "a-browser", "accept": secret},
        )

    (attempt,) = AccessAttempt.objects.values()
    assert attempt["failures_since_start"] == TRIES
    assert secret not in str(attempt)
    assert "a-browser" not in str(attempt)  # the access journal keeps it, and it alone
    assert secret not in caplog.text


def test_the_name_is_kept_as_a_keyed_hash(rf: Any) -> None:
    key = lockout.name_key(rf.post("/"), {"username": "directeur"})

    assert len(key) == 64
    assert key != lockout.name_key(rf.post("/"), {"username": "admin"})


def test_whoever_is_locked_out_gives_no_code_either(
    door: Door, enrolled: User, telephone: Any
) -> None:
    door.sign_in(enrolled.username)
    fail(Door(), enrolled.username)

    assert door.give(telephone.code()).status_code == 429
    assert not door.is_open
