"""What the door itself does is in the journal: lock-outs, passwords, sessions that somebody ends."""

import pytest
from django.conf import settings
from django.test import Client

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import hashed_name
from mlpp_gov.models import User
from mlpp_gov.roles import Role

PASSWORD = "un mot de passe d’essai"


@pytest.fixture
def person(db):
    return User.objects.create_user("marie", PASSWORD, role=Role.DIRECTEUR)


def of(rows, event):
    return [row for row in rows if (row["event"], row["reason"]) == (event.owasp, event.reason)]


def test_a_lock_out_is_told_from_the_failures_that_led_to_it(person, written):
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT + 2):
        response = client.post("/login/", {"username": "marie", "password": "faux"})
    assert response.status_code == 429
    rows = written()
    (locked,) = of(rows, Event.LOCKED_OUT)
    assert (locked["status"], locked["severity"]) == (429, "WARN")
    assert locked["typed_name"] == hashed_name("marie")
    assert of(rows, Event.SIGN_IN_FAILED)
    assert of(rows, Event.TOO_MANY_REQUESTS) == []


def test_who_changes_their_password_leaves_a_line_without_it(person, written, client_of):
    new = "un autre mot de passe d’essai"
    values = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client_of(person).post("/account/password/", values).status_code == 302
    (row,) = of(written(), Event.PASSWORD_CHANGED)
    assert (row["user_id"], row["detail"]) == (person.pk, "marie")


def test_sessions_that_an_administrator_ends_are_told_with_whose(person, admin, written, client_of):
    client_of(admin).post(f"/admin/mlpp_gov/user/{person.pk}/door/", {"end": "1"})
    (row,) = of(written(), Event.SESSIONS_ENDED)
    assert (row["user_id"], row["detail"]) == (admin.pk, "marie")
