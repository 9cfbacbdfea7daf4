"""A new password, by its owner or by mail; and nothing that tells whether an account exists."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from mlpp_gov.messaging import NO_MAIL
from mlpp_gov.models import Language, User
from mlpp_gov.roles import Role
from mlpp_gov.signin import tasks
from tests.mlpp_gov.signin.conftest import PASSWORD, Door

NEW = "une phrase toute neuve"
ADDRESS = "pca@example.org"


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    settings.PUBLIC_URL = "https://gouvernance.example.org"


@pytest.fixture
def person(person: User) -> User:
    person.email = ADDRESS
    person.save()
    return person


def jobs() -> list[list[int]]:
    """Whom each mail that waits in the queue is for."""
    waiting = ProcrastinateJob.objects.filter(task_name="mail_password_reset").order_by("id")
    return [job.args["people"] for job in waiting]


def link_of(message: mail.EmailMessage) -> str:
    (link,) = re.findall(r"https://gouvernance\.example\.org(/\S+)", message.body)
    return link


def new_password(client: Client, link: str, password: str = NEW) -> Any:
    page = client.get(link, follow=True)
    return client.post(
        page.redirect_chain[-1][0] if page.redirect_chain else link,
        {"new_password1": password, "new_password2": password},
    )


# --- By mail


def test_the_mail_leads_to_a_new_password(door: Door, person: User) -> None:
    door.client.post("/password/", {"email": ADDRESS.upper()})
    assert jobs() == [[person.pk]]
    tasks.mail_password_reset(people=[person.pk])
    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    assert "fonctionne une heure" in message.body
    assert message.body.rstrip().endswith("Version du cockpit\u00a0: v0.0.0+0000000")

    assert new_password(door.client, link_of(message))["Location"] == "/login/"

    assert not door.is_open
    assert door.sign_in(person.username, PASSWORD).status_code == 200
    assert door.sign_in(person.username, NEW).status_code == 302


def test_the_mail_speaks_the_language_of_the_person(person: User) -> None:
    User.objects.filter(pk=person.pk).update(language=Language.ENGLISH)

    tasks.mail_password_reset(people=[person.pk])

    (message,) = mail.outbox
    assert message.subject == "New password · ML_PP Gouvernance"
    assert message.body.startswith("Hello,\n\nA new password was asked for")
    assert message.body.endswith("Cockpit release: v0.0.0+0000000\n")


def test_the_link_works_once(door: Door, person: User) -> None:
    link = tasks.reset_link(person).removeprefix("https://gouvernance.example.org")
    new_password(door.client, link)

    page = Client().get(link)

    assert "Ce lien ne fonctionne plus" in page.content.decode()


def test_the_link_works_for_an_hour(person: User, settings: Any) -> None:
    settings.PASSWORD_RESET_TIMEOUT = -1
    link = tasks.reset_link(person).removeprefix("https://gouvernance.example.org")

    assert "Ce lien ne fonctionne plus" in Client().get(link).content.decode()


@pytest.mark.parametrize("who", ["MQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "%00", "é", "-"])
@pytest.mark.parametrize("token", ["c0ffee-c0ffee", "set-password", "x", "%00"])
def test_a_link_that_nobody_sent_opens_nothing(db: None, who: str, token: str) -> None:
    page = Client().get(f"/password/{who}/{token}/")

    assert page.status_code == (400 if "%00" in (who, token) else 200)
    assert b"new_password1" not in page.content


def test_a_new_password_by_mail_ends_the_sessions(door: Door, person: User) -> None:
    door.sign_in(person.username)
    person.refresh_from_db()  # signed in since: a link sent before would work no more
    new_password(Client(), tasks.reset_link(person).removeprefix("https://gouvernance.example.org"))

    assert not door.is_open


def test_the_second_factor_stands_after_a_new_password_by_mail(door: Door, enrolled: User) -> None:
    link = tasks.reset_link(enrolled).removeprefix("https://gouvernance.example.org")
    new_password(door.client, link)

    assert door.sign_in(enrolled.username, NEW)["Location"] == "/login/code/"


def test_a_person_gets_one_mail_in_five_minutes(person: User) -> None:
    for _ in range(3):
        tasks.mail_password_reset(people=[person.pk])
    assert len(mail.outbox) == 1

    User.objects.update(reset_mailed_at=timezone.now() - tasks.BETWEEN_MAILS - timedelta(seconds=1))
    tasks.mail_password_reset(people=[person.pk])
    assert len(mail.outbox) == 2


def test_a_mail_that_could_not_leave_is_tried_again(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "send_mail", lambda **_: (_ for _ in ()).throw(ConnectionRefusedError))
        with pytest.raises(ConnectionRefusedError):
            tasks.mail_password_reset(people=[person.pk])
    tasks.mail_password_reset(people=[person.pk])

    assert len(mail.outbox) == 1


def test_the_workers_know_the_mail_and_the_upkeep() -> None:
    assert {"mail_password_reset", "forget_old_sessions"} <= app.tasks.keys()


def test_asking_again_and_again_leaves_one_mail_waiting(person: User) -> None:
    for email in (ADDRESS, "personne@example.org") * 3:
        Client().post("/password/", {"email": email})

    assert jobs() == [[person.pk], []]


def test_an_installation_without_mail_says_whom_to_ask(door: Door, settings: Any) -> None:
    settings.EMAIL_BACKEND = NO_MAIL

    page = door.client.post("/password/", {"email": ADDRESS}).content.decode()

    assert "demandez un nouveau mot de passe à un administrateur" in page
    assert jobs() == []


# --- No account is told from another


def unusable(person: User) -> None:
    person.set_unusable_password()
    person.save()


def closed(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("change", [unusable, closed])
def test_no_mail_goes_to_an_account_that_has_no_password_or_is_closed(
    person: User, change: Any
) -> None:
    change(person)
    Client().post("/password/", {"email": ADDRESS})

    assert jobs() == [[]]


def test_the_page_answers_the_same_whoever_is_asked_for(person: User) -> None:
    answers = [
        Client().post("/password/", {"email": email}, follow=True)
        for email in (ADDRESS, "personne@example.org")
    ]

    assert answers[0].redirect_chain == answers[1].redirect_chain
    pages = [answer.text.partition("<footer")[0] for answer in answers]  # its form has a token
    assert pages[0] == pages[1]


def test_it_does_the_same_work_whoever_is_asked_for(person: User) -> None:
    statements = []
    for email in (ADDRESS, "personne@example.org"):
        with CaptureQueriesContext(connection) as queries:
            Client().post("/password/", {"email": email})
        statements.append([query["sql"].split()[0] for query in queries])

    assert statements[0] == statements[1]
    assert mail.outbox == []


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that a password is put through Argon2, the costly part of a sign-in."""
    calls: list[str] = []
    hasher = hashers.get_hasher().__class__
    for name in ("encode", "verify"):
        done = getattr(hasher, name)

        def counted(self: Any, *args: Any, done: Any = done, name: str = name) -> Any:
            calls.append(name)
            return done(self, *args)

        monkeypatch.setattr(hasher, name, counted)
    return calls


@pytest.mark.parametrize("who", ["right", "unknown", "closed", "unusable", "enrolled"])
def test_a_refused_sign_in_costs_one_hash_whoever_it_is(
    request: pytest.FixtureRequest, door: Door, person: User, hashed: list[str], who: str
) -> None:
    name = person.username
    if who == "unknown":
        name = "personne"
    elif who == "closed":
        closed(person)
    elif who == "unusable":
        unusable(person)
    elif who == "enrolled":
        name = request.getfixturevalue("enrolled").username
    hashed.clear()

    door.sign_in(name, "un mot de passe faux")

    assert len(hashed) == 1


def test_a_sign_in_that_is_refused_does_the_same_work_whoever_it_is(person: User) -> None:
    counts = set()
    for number, name in enumerate((person.username, "personne")):
        with CaptureQueriesContext(connection) as queries:
            Door(REMOTE_ADDR=f"198.51.100.{number}").sign_in(name, "faux")
        counts.add(len(queries))

    assert len(counts) == 1


# --- By its owner


def test_a_person_changes_their_password_and_their_other_sessions_end(
    door: Door, person: User
) -> None:
    other = Door()
    for either in (door, other):
        either.sign_in(person.username)

    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert door.client.post("/account/password/", fields)["Location"] == "/account/"

    assert (door.is_open, other.is_open) == (True, False)
    assert Door().sign_in(person.username, NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "first", "second", "refusal"),
    [
        ("faux", NEW, NEW, "Ce n’est pas votre mot de passe actuel."),
        (PASSWORD, NEW, NEW + "!", "Les deux mots de passe sont différents."),
        (PASSWORD, "court", "court", "au minimum 12"),
        (PASSWORD, "123456789012345", "123456789012345", "numérique"),
        (PASSWORD, "motdepasse PCA de test", "PCA de test", "différents"),
    ],
)
def test_a_refused_password_says_why_in_french(
    door: Door, person: User, old: str, first: str, second: str, refusal: str
) -> None:
    door.sign_in(person.username)
    fields = {"old_password": old, "new_password1": first, "new_password2": second}

    page = door.client.post("/account/password/", fields)

    assert page.status_code == 200
    assert refusal in page.content.decode()
    assert door.is_open


def test_the_password_pages_help_password_managers(door: Door, person: User) -> None:
    door.sign_in(person.username)
    page = door.client.get("/account/password/").text.partition("</main>")[0]

    assert page.count('autocomplete="new-password"') == 2
    assert page.count('autocomplete="current-password"') == 1
    assert page.count('autocomplete="username"') == 1
    assert page.count(" autofocus") == 1
    assert 'autocomplete="email"' in Client().get("/password/").content.decode()


def test_passwords_are_hashed_with_argon2(admin: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user = User.objects.create_user("nouveau", PASSWORD, role=Role.LECTURE)

    assert user.password.startswith("argon2$argon2id$")
