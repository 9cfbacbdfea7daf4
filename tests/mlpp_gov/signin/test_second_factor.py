"""The second factor: who must have one, what opens with it, and what no longer does without."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from mlpp_gov.models import RecoveryCode, User
from mlpp_gov.signin import factor, pending
from tests.mlpp_gov.signin.conftest import PASSWORD, SCREEN, Door, Telephone, with_password


@pytest.fixture
def required(settings: Any) -> None:
    """As in staging and production."""
    settings.SECOND_FACTOR_REQUIRED = True


def codes_shown(page: Any) -> list[str]:
    return re.findall(r"<code>([\d ]{14})</code>", page.content.decode())


def key_shown(page: Any) -> Telephone:
    return Telephone(page.wsgi_request.session[pending.KEY]["factor_key"])


# --- Signing in with one


def test_the_password_alone_opens_nothing(door: Door, enrolled: User) -> None:
    assert door.sign_in(enrolled.username)["Location"] == "/login/code/"
    assert not door.is_open
    assert door.client.get(SCREEN).status_code == 302


def test_the_code_opens_the_page_that_was_asked_for(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    door.sign_in(enrolled.username, next=f"{SCREEN}?severity=WARN")

    assert door.give(telephone.code())["Location"] == f"{SCREEN}?severity=WARN"
    assert door.is_open


def test_a_code_leads_to_no_other_site(door: Door, enrolled: User, telephone: Telephone) -> None:
    door.sign_in(enrolled.username, next="//evil.example")

    assert door.give(telephone.code())["Location"] == "/"


def test_spaces_in_a_code_do_not_count(door: Door, enrolled: User, telephone: Telephone) -> None:
    door.sign_in(enrolled.username)
    code = telephone.code()

    assert door.give(f" {code[:3]} {code[3:]} ").status_code == 302


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "１２３４５６", "-1", "9" * 40, "½" * 6])
def test_what_is_no_code_is_refused(door: Door, enrolled: User, code: str) -> None:
    door.sign_in(enrolled.username)

    assert door.give(code).status_code == 200
    assert not door.is_open


def test_a_code_works_once(door: Door, enrolled: User, telephone: Telephone) -> None:
    door.sign_in(enrolled.username)
    door.give(telephone.code())
    other = Door()
    other.sign_in(enrolled.username)

    assert "il a déjà servi" in other.give(telephone.code()).content.decode()
    assert not other.is_open


def test_another_person_s_code_is_refused(door: Door, enrolled: User) -> None:
    door.sign_in(enrolled.username)

    assert door.give(Telephone(factor.new_key()).code()).status_code == 200
    assert not door.is_open


def test_after_a_wrong_code_even_the_right_one_waits(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    door.sign_in(enrolled.username)
    door.give(telephone.wrong_code)

    assert "Trop d’essais" in door.give(telephone.code()).content.decode()

    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(minutes=1))
    assert door.give(telephone.code()).status_code == 302


def test_the_wait_is_the_account_s_whatever_the_address(
    enrolled: User, telephone: Telephone
) -> None:
    hostile, honest = Door(REMOTE_ADDR="203.0.113.9"), Door()
    for door in (hostile, honest):
        door.sign_in(enrolled.username)
    hostile.give(telephone.wrong_code)

    assert "Trop d’essais" in honest.give(telephone.code()).content.decode()


def test_wrong_codes_lock_out_as_wrong_passwords_do(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    door.sign_in(enrolled.username)
    answers = [door.give(telephone.wrong_code).status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 429, 429]


def test_a_code_without_a_right_password_leads_to_the_login(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    assert door.give(telephone.code())["Location"] == "/login/"
    assert not door.is_open


def test_the_code_must_come_within_ten_minutes(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    door.sign_in(enrolled.username)
    session = door.client.session
    session[pending.KEY] = {**session[pending.KEY], "until": 0}
    session.save()

    assert door.give(telephone.code())["Location"] == "/login/"
    assert not door.is_open


@pytest.mark.parametrize("change", ["password", "closed", "sessions"])
def test_what_ends_sessions_ends_a_sign_in_half_way(
    door: Door, enrolled: User, telephone: Telephone, change: str
) -> None:
    door.sign_in(enrolled.username)
    if change == "password":
        enrolled.set_password("un tout autre mot de passe")
        enrolled.save()
    elif change == "closed":
        User.objects.filter(pk=enrolled.pk).update(is_active=False)
    else:
        User.objects.filter(pk=enrolled.pk).end_sessions()

    assert door.give(telephone.code())["Location"] == "/login/"
    assert not door.is_open


def test_each_step_of_the_sign_in_has_a_session_key_of_its_own(
    door: Door, enrolled: User, telephone: Telephone
) -> None:
    door.client.cookies["sessionid"] = planted = "a" * 32
    door.sign_in(enrolled.username)
    half_way = door.client.cookies["sessionid"].value
    door.give(telephone.code())

    assert len({planted, half_way, door.client.cookies["sessionid"].value}) == 3


# --- Recovery codes


def test_a_recovery_code_opens_once(door: Door, enrolled: User) -> None:
    code, *_ = factor.renew_codes(enrolled)
    enrolled.refresh_from_db()
    door.sign_in(enrolled.username)
    other = Door()
    other.sign_in(enrolled.username)

    assert door.give(code).status_code == 302
    assert other.give(code).status_code == 200
    assert (door.is_open, other.is_open) == (True, False)
    assert factor.codes_left(enrolled) == factor.RECOVERY_CODES - 1


def test_a_wrong_recovery_code_counts_too(door: Door, enrolled: User, telephone: Telephone) -> None:
    factor.renew_codes(enrolled)
    door.sign_in(enrolled.username)
    door.give("0" * factor.RECOVERY_DIGITS)

    assert "Trop d’essais" in door.give(telephone.code()).content.decode()


def test_the_recovery_codes_of_another_person_open_nothing(
    door: Door, enrolled: User, person: User
) -> None:
    door.sign_in(enrolled.username)

    assert door.give(factor.renew_codes(person)[0]).status_code == 200


def test_the_database_holds_no_recovery_code_that_can_be_read(enrolled: User) -> None:
    codes = factor.renew_codes(enrolled)

    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM gouvernance.mlpp_gov_recoverycode")
        kept = " ".join(digest for (digest,) in cursor.fetchall())
    assert len(set(codes)) == factor.RECOVERY_CODES
    assert all(factor.digits_of(code) not in kept for code in codes)


# --- Who must have one


@pytest.mark.usefixtures("required")
def test_a_directeur_without_one_adds_it_before_anything_opens(door: Door, boss: User) -> None:
    assert door.sign_in(boss.username, next=SCREEN)["Location"] == "/login/enrol/"
    page = door.client.get("/login/enrol/")
    assert "<svg" in page.content.decode()
    assert not door.is_open

    answer = door.give(key_shown(page).code(), "/login/enrol/")

    assert len(codes_shown(answer)) == factor.RECOVERY_CODES
    assert f'href="{SCREEN}"' in answer.content.decode()
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert door.is_open


@pytest.mark.usefixtures("required")
def test_a_wrong_code_adds_nothing(door: Door, boss: User) -> None:
    door.sign_in(boss.username)
    page = door.client.get("/login/enrol/")

    assert door.give(key_shown(page).wrong_code, "/login/enrol/").status_code == 200
    assert not factor.is_enrolled(boss)
    assert not door.is_open


@pytest.mark.usefixtures("required")
def test_whoever_has_one_can_t_add_another_with_the_password_alone(
    door: Door, enrolled: User
) -> None:
    door.sign_in(enrolled.username)
    key = Telephone(door.client.session[pending.KEY]["factor_key"])

    answer = door.give(key.code(), "/login/enrol/")

    assert "déjà enregistrée" in answer.content.decode()
    assert not door.is_open


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize(("who", "asked"), [("admin", True), ("directeur", True), ("pca", False)])
def test_admin_and_directeur_must_have_one(
    request: pytest.FixtureRequest, door: Door, who: str, asked: bool
) -> None:
    person = with_password(request.getfixturevalue(who))

    assert (door.sign_in(person.username)["Location"] == "/login/enrol/") is asked
    assert door.is_open is not asked


def test_in_development_nobody_must(door: Door, boss: User) -> None:
    door.sign_in(boss.username)

    assert door.is_open


@pytest.mark.usefixtures("required")
def test_a_session_that_began_without_one_ends(client_of: Any, boss: User) -> None:
    response = client_of(boss).get(SCREEN)

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.usefixtures("required")
def test_htmx_learns_that_the_session_ended(client_of: Any, boss: User) -> None:
    response = client_of(boss).get(SCREEN, headers={"hx-request": "true"})

    assert response.status_code == 401


# --- One's own account


def enrol(door: Door) -> tuple[Telephone, Any]:
    door.client.get("/account/second-factor/")
    telephone = Telephone(door.client.session["new_factor_key"])
    return telephone, door.give(telephone.code(), "/account/second-factor/")


def test_anybody_may_add_one_and_their_other_sessions_end(door: Door, person: User) -> None:
    other = Door()
    for either in (door, other):
        either.sign_in(person.username)

    _, answer = enrol(door)

    assert len(codes_shown(answer)) == factor.RECOVERY_CODES
    assert (door.is_open, other.is_open) == (True, False)


def test_new_recovery_codes_cost_a_code_and_end_the_old_ones(door: Door, person: User) -> None:
    door.sign_in(person.username)
    telephone, before = enrol(door)

    assert codes_shown(door.give(telephone.wrong_code, "/account/second-factor/codes/")) == []
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    after = door.give(telephone.code(steps_ahead=1), "/account/second-factor/codes/")

    assert len(codes_shown(after)) == factor.RECOVERY_CODES
    assert not set(codes_shown(after)) & set(codes_shown(before))
    assert RecoveryCode.objects.filter(user=person).count() == factor.RECOVERY_CODES


def test_taking_it_away_costs_a_code(door: Door, person: User) -> None:
    door.sign_in(person.username)
    _, answer = enrol(door)

    door.give("123456", "/account/second-factor/remove/")
    assert factor.is_enrolled(person)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    door.give(codes_shown(answer)[0], "/account/second-factor/remove/")

    assert not factor.is_enrolled(person)
    assert factor.codes_left(person) == 0
    assert door.is_open


def test_who_must_have_one_and_takes_it_away_signs_in_anew(
    door: Door, enrolled: User, telephone: Telephone, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    door.sign_in(enrolled.username)
    door.give(telephone.code())

    removed = door.give(telephone.code(steps_ahead=1), "/account/second-factor/remove/")

    assert removed["Location"] == "/login/"
    assert not door.is_open
    assert door.sign_in(enrolled.username, PASSWORD)["Location"] == "/login/enrol/"


@pytest.mark.parametrize("page", ["remove", "codes"])
def test_without_one_there_is_nothing_to_take_away_or_to_renew(
    door: Door, person: User, page: str
) -> None:
    door.sign_in(person.username)

    assert door.client.get(f"/account/second-factor/{page}/")["Location"] == "/account/"


def test_the_pages_suit_telephones_and_password_managers(door: Door, enrolled: User) -> None:
    door.sign_in(enrolled.username)
    page = door.client.get("/login/code/").content.decode()

    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
