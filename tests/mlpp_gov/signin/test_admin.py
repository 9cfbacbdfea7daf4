"""What an administrator does at the door: ends sessions, takes a second factor away, with a reason."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from mlpp_gov.models import User
from mlpp_gov.signin import factor
from tests.mlpp_gov.signin.conftest import Door, Telephone

USERS = "/admin/mlpp_gov/user/"
REASON = "Téléphone perdu, identité vérifiée de vive voix"


@pytest.fixture
def desk(client_of: Any, admin: User) -> Any:
    """An administrator's browser."""
    return client_of(admin)


def door_of(person: User) -> str:
    return f"{USERS}{person.pk}/door/"


def history(person: User) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(person.pk)).order_by("pk")
    return [entry.get_change_message() for entry in entries]


def test_the_page_of_an_account_leads_to_its_sessions(desk: Any, person: User) -> None:
    assert f'href="{door_of(person)}"' in desk.get(f"{USERS}{person.pk}/change/").content.decode()


def test_the_sessions_of_one_person_are_ended_and_the_history_says_by_whom(
    desk: Any, door: Door, person: User, admin: User
) -> None:
    door.sign_in(person.username)

    desk.post(door_of(person), {"end": "Fermer"})

    assert not door.is_open
    assert history(person) == ["Sessions fermées."]
    assert LogEntry.objects.get().user == admin


def test_the_sessions_of_the_people_chosen_are_ended(
    desk: Any, door: Door, person: User, boss: User
) -> None:
    other = Door()
    door.sign_in(person.username)
    other.sign_in(boss.username)

    desk.post(USERS, {"action": "end_sessions", "_selected_action": [person.pk, boss.pk]})

    assert not door.is_open
    assert not other.is_open


def test_closing_an_account_ends_its_sessions_for_good(desk: Any, door: Door, person: User) -> None:
    door.sign_in(person.username)
    fields = {"username": person.username, "role": person.role}
    desk.post(f"{USERS}{person.pk}/change/", fields)
    person.refresh_from_db()
    assert not person.is_active

    desk.post(f"{USERS}{person.pk}/change/", {**fields, "is_active": "on"})
    person.refresh_from_db()

    assert person.is_active
    assert not door.is_open


def test_a_second_factor_is_taken_away_with_a_reason_that_stays(
    desk: Any, door: Door, enrolled: User, telephone: Telephone
) -> None:
    factor.renew_codes(enrolled)
    door.sign_in(enrolled.username)
    door.give(telephone.code())

    desk.post(door_of(enrolled), {"remove": "Retirer", "reason": REASON})

    assert not factor.is_enrolled(enrolled)
    assert factor.codes_left(enrolled) == 0
    assert not door.is_open
    assert history(enrolled) == [f"Double authentification retirée : {REASON}"]


@pytest.mark.parametrize("reason", ["", "perdu", " " * 20])
def test_without_a_reason_nothing_is_taken_away(desk: Any, enrolled: User, reason: str) -> None:
    page = desk.post(door_of(enrolled), {"remove": "Retirer", "reason": reason})

    assert page.status_code == 200
    assert factor.is_enrolled(enrolled)
    assert history(enrolled) == []


def test_taking_away_what_is_not_there_says_so(desk: Any, person: User) -> None:
    page = desk.post(door_of(person), {"remove": "Retirer", "reason": REASON}, follow=True)

    assert "n’a pas de double authentification" in page.content.decode()
    assert history(person) == []


@pytest.mark.parametrize("who", ["directeur", "pca", "gerant"])
def test_nobody_else_ends_sessions(
    request: pytest.FixtureRequest, client_of: Any, door: Door, person: User, who: str
) -> None:
    door.sign_in(person.username)

    response = client_of(request.getfixturevalue(who)).post(door_of(person), {"end": "Fermer"})

    assert response.status_code == 403
    assert door.is_open


def test_an_account_that_is_not_there_is_a_404(desk: Any) -> None:
    assert desk.get(f"{USERS}999999999/door/").status_code == 404
    assert desk.get(f"{USERS}{10**30}/door/").status_code == 404


def test_the_admin_shows_no_authenticator(desk: Any) -> None:
    assert desk.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert desk.get("/admin/axes/accessattempt/").status_code == 404
