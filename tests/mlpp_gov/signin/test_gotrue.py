"""Signing in with a Supabase account: whose tokens count, what a profile gives, and GoTrue away."""

import hashlib
import hmac
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from mlpp_gov.signin import gotrue
from mlpp_gov.signin.forms import ACCOUNTS_AWAY
from tests.database import as_owner
from tests.mlpp_gov.signin.conftest import PASSWORD, SCREEN, Door
from tests.mlpp_gov.signin.gotrue_standin import (
    API_KEY,
    SHARED_SECRET,
    GoTrue,
    Key,
    running,
    signed_by_hand,
)

EMAIL = "awa@example.org"
REFUSAL = "Adresse e-mail ou mot de passe incorrect."


@pytest.fixture
def accounts(db: None, settings: Any) -> Iterator[GoTrue]:
    """The product with AUTH_MODE=gotrue, before a stand-in that knows nobody yet."""
    gotrue._keys.cache_clear()
    with running(GoTrue()) as standin:
        settings.AUTH_MODE = "gotrue"
        settings.AUTHENTICATION_BACKENDS = [
            "axes.backends.AxesStandaloneBackend",
            "mlpp_gov.signin.profiles.GoTrueBackend",
        ]
        settings.GOTRUE_URL = settings.GOTRUE_ISSUER = standin.url
        settings.GOTRUE_API_KEY = API_KEY
        settings.GOTRUE_AUDIENCE = "authenticated"
        yield standin


def profile(person: UUID, role: str, full_name: str = "Awa Kabila") -> None:
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.profils (user_id, nom_complet, role) VALUES (%s, %s, %s)",
            [person, full_name, role],
        )


def on_profiles(sql: str, *values: object) -> None:
    with as_owner() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def subject(accounts: GoTrue) -> UUID:
    """`auth.users.id` of somebody with a Supabase account and no profile yet."""
    person = uuid4()
    accounts.people[EMAIL] = (PASSWORD, person)
    with as_owner() as cursor:
        cursor.execute("INSERT INTO auth.users (id, email) VALUES (%s, %s)", [person, EMAIL])
    return person


@pytest.fixture
def awa(subject: UUID) -> UUID:
    profile(subject, "pca")
    return subject


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["form"].errors


# --- Who enters


def test_a_person_of_ml_pp_enters_with_that_account(door: Door, awa: UUID) -> None:
    response = door.sign_in(EMAIL, next=SCREEN)

    assert response["Location"] == SCREEN
    person = User.objects.get(supabase_user_id=awa)
    assert (person.username, person.full_name, person.role) == (EMAIL, "Awa Kabila", Role.PCA)
    assert not person.has_usable_password()
    assert door.is_open


def test_an_account_that_exists_already_is_found_by_its_supabase_identifier_alone(
    door: Door, accounts: GoTrue, awa: UUID
) -> None:
    homonym = User.objects.create_user(EMAIL, email=EMAIL, role=Role.ADMIN)
    door.sign_in(EMAIL)

    entered = User.objects.get(supabase_user_id=awa)
    assert entered.pk != homonym.pk
    assert entered.username == str(awa)
    door.client.post("/logout/")
    door.sign_in(EMAIL)
    assert User.objects.filter(supabase_user_id=awa).count() == 1


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "faux"), ("personne@example.org", "x")])
def test_a_wrong_password_is_refused_and_counted(
    door: Door, awa: UUID, email: str, password: str
) -> None:
    assert errors(door.sign_in(email, password)) == {"__all__": [REFUSAL]}
    answers = [door.sign_in(email, password).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
    assert not door.is_open


def test_whoever_is_locked_out_is_not_asked_of_gotrue(
    door: Door, accounts: GoTrue, awa: UUID
) -> None:
    for _ in range(5):
        door.sign_in(EMAIL, "faux")
    accounts.calls.clear()

    assert door.sign_in(EMAIL).status_code == 429
    assert accounts.calls == []


def test_an_account_closed_here_is_refused(door: Door, awa: UUID) -> None:
    door.sign_in(EMAIL)
    User.objects.update(is_active=False)

    assert not door.is_open
    assert errors(Door().sign_in(EMAIL)) == {"__all__": [REFUSAL]}


def test_no_token_is_kept(door: Door, awa: UUID) -> None:
    door.sign_in(EMAIL)

    session = dict(door.client.session)
    assert session["_auth_user_id"]
    assert "eyJ" not in str(session)
    assert "a-garder" not in str(session)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gouvernance.mlpp_gov_user")
        assert "eyJ" not in str(cursor.fetchall())


def test_local_passwords_open_nothing(door: Door, accounts: GoTrue, person: User) -> None:
    assert errors(door.sign_in(person.username)) == {"__all__": [REFUSAL]}


def test_a_session_of_the_local_mode_is_over(client_of: Any, person: User, settings: Any) -> None:
    client = client_of(person)
    settings.AUTHENTICATION_BACKENDS = ["mlpp_gov.signin.profiles.GoTrueBackend"]

    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("path", ["/password/", "/password/MQ/x/"])
def test_the_password_is_changed_in_ml_pp(accounts: GoTrue, path: str) -> None:
    page = Client().get(path).text.partition("<footer")[0]

    assert "C’est dans ML_PP" in page or "c’est dans ML_PP" in page
    assert "<input" not in page


def test_the_second_factor_is_asked_of_supabase_accounts_too(
    door: Door, subject: UUID, settings: Any
) -> None:
    profile(subject, "directeur")
    settings.SECOND_FACTOR_REQUIRED = True

    assert door.sign_in(EMAIL)["Location"] == "/login/enrol/"
    assert not door.is_open


# --- Whose tokens count


def test_a_token_of_rsa_counts(door: Door, accounts: GoTrue, awa: UUID) -> None:
    accounts.keys = [Key("k-rsa", "RS256")]

    door.sign_in(EMAIL)

    assert door.is_open


def test_a_new_key_of_gotrue_is_looked_up_at_once(door: Door, accounts: GoTrue, awa: UUID) -> None:
    door.sign_in(EMAIL)
    accounts.keys = [Key("k2")]
    other = Door()

    other.sign_in(EMAIL)

    assert other.is_open
    assert accounts.calls.count("GET /auth/v1/.well-known/jwks.json") == 2


def test_the_keys_are_kept_between_two_sign_ins(door: Door, accounts: GoTrue, awa: UUID) -> None:
    door.sign_in(EMAIL)
    Door().sign_in(EMAIL)

    assert accounts.calls.count("GET /auth/v1/.well-known/jwks.json") == 1


def test_a_project_that_signs_with_a_shared_secret_is_asked_whose_token_it_is(
    door: Door, accounts: GoTrue, awa: UUID
) -> None:
    accounts.token = accounts.legacy_token

    door.sign_in(EMAIL)

    assert door.is_open
    assert "GET /auth/v1/user" in accounts.calls


def hs256(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """HMAC over a token, with a key that libraries refuse to sign with."""
    unsigned = signed_by_hand(header, claims).rstrip(".")
    signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[GoTrue, UUID], str]] = {
    "signed by another key of the same name": lambda g, s: Key("k1").sign(g.claims(s)),
    "signed by a key that GoTrue does not publish": lambda g, s: Key("k9").sign(g.claims(s)),
    "expired": lambda g, s: g.keys[0].sign(g.claims(s, exp=int(time.time()) - 60)),
    "without an end": lambda g, s: g.keys[0].sign(g.claims(s, exp=None)),
    "not valid yet": lambda g, s: g.keys[0].sign(g.claims(s, nbf=int(time.time()) + 600)),
    "for somebody else's service": lambda g, s: g.keys[0].sign(g.claims(s, aud="autre")),
    "for nobody": lambda g, s: g.keys[0].sign(g.claims(s, aud=None)),
    "of another issuer": lambda g, s: g.keys[0].sign(g.claims(s, iss="https://evil.example")),
    "of no issuer": lambda g, s: g.keys[0].sign(g.claims(s, iss=None)),
    "without a person": lambda g, s: g.keys[0].sign(g.claims(s, sub=None)),
    "of a person who is no UUID": lambda g, s: g.keys[0].sign(g.claims(s, sub="1 OR 1=1")),
    "unsigned": lambda g, s: signed_by_hand({"alg": "none", "kid": "k1"}, g.claims(s)),
    "unsigned, shouting": lambda g, s: signed_by_hand({"alg": "NONE"}, g.claims(s)),
    "without an algorithm": lambda g, s: signed_by_hand({"kid": "k1"}, g.claims(s), b"x"),
    "of an algorithm that is no text": lambda g, s: signed_by_hand({"alg": ["ES256"]}, g.claims(s)),
    "signed with the public key as a secret": lambda g, s: hs256(
        g.keys[0].pem, {"alg": "HS256", "kid": "k1"}, g.claims(s)
    ),
    "its signature cut off": lambda g, s: g.true_token(s).rpartition(".")[0] + ".",
    "its person exchanged": lambda g, s: ".".join(
        (
            g.true_token(uuid4()).split(".")[0],
            g.true_token(s).split(".")[1],
            g.true_token(uuid4()).split(".")[2],
        )
    ),
    "shared secret, wrong": lambda g, s: g.legacy_token(
        s, "un autre secret, assez long, lui aussi"
    ),
    "shared secret, expired": lambda g, s: g.legacy_token(s, exp=int(time.time()) - 60),
    "shared secret, of another issuer": lambda g, s: g.legacy_token(s, iss="https://evil.example"),
    "shared secret, empty": lambda g, s: hs256(b"", {"alg": "HS256"}, g.claims(s)),
    "no token": lambda g, s: "x",
    "nothing": lambda g, s: "",
    "two dots": lambda g, s: "..",
    "not even ASCII": lambda g, s: "é.é.é",
}


@pytest.mark.parametrize("what", FORGED)
def test_a_token_that_does_not_hold_opens_nothing(
    door: Door, accounts: GoTrue, awa: UUID, what: str
) -> None:
    accounts.token = lambda subject: FORGED[what](accounts, subject)

    assert errors(door.sign_in(EMAIL)) == {"__all__": [REFUSAL]}
    assert not door.is_open
    assert not User.objects.filter(supabase_user_id=awa).exists()


def test_a_token_that_gotrue_says_is_another_s_opens_nothing(
    accounts: GoTrue, awa: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_user", lambda authorization: (200, {"id": str(uuid4())}))

    with pytest.raises(gotrue.BadToken):
        gotrue.subject_of(accounts.legacy_token(awa, SHARED_SECRET))


# --- What a profile gives


def test_the_role_is_the_profile_s_and_never_the_token_s(door: Door, subject: UUID) -> None:
    profile(subject, "gerant")

    door.sign_in(EMAIL)

    assert User.objects.get(supabase_user_id=subject).role == Role.GERANT
    assert door.client.get(SCREEN).status_code == 403


def test_a_profile_that_changes_counts_from_the_next_request(door: Door, awa: UUID) -> None:
    door.sign_in(EMAIL)
    assert door.client.get(SCREEN).status_code == 200
    before = door.client.cookies["sessionid"].value

    on_profiles("UPDATE public.profils SET role = 'lecture' WHERE user_id = %s", awa)

    assert door.client.get(SCREEN).status_code == 403
    assert door.client.cookies["sessionid"].value != before
    assert User.objects.get(supabase_user_id=awa).role == Role.LECTURE


def test_a_profile_that_goes_ends_the_session(door: Door, awa: UUID) -> None:
    door.sign_in(EMAIL)
    on_profiles("DELETE FROM public.profils WHERE user_id = %s", awa)

    assert not door.is_open


def test_a_profile_that_is_switched_off_ends_the_session_and_says_so(door: Door, awa: UUID) -> None:
    door.sign_in(EMAIL)
    on_profiles("ALTER TABLE public.profils ADD COLUMN actif boolean NOT NULL DEFAULT true")
    assert door.is_open

    on_profiles("UPDATE public.profils SET actif = false WHERE user_id = %s", awa)

    assert not door.is_open
    page = door.sign_in(EMAIL)
    assert page.status_code == 403
    assert "Votre profil ML_PP est désactivé." in page.content.decode()


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        ([], "n’est relié à aucun profil ML_PP"),
        (["intrus"], "un rôle inconnu ici : « intrus »"),
        (["<script>"], "« &lt;script&gt; »"),
        (["admin", "lecture"], "relié à 2 profils ML_PP"),
        (["pca", "pca"], "relié à 2 profils ML_PP"),
    ],
)
def test_a_profile_that_gives_no_entry_is_refused_on_a_page_that_says_why(
    door: Door, subject: UUID, roles: list[str], reason: str
) -> None:
    on_profiles("ALTER TABLE public.profils DROP CONSTRAINT IF EXISTS profils_role_check")
    for role in roles:
        profile(subject, role)

    page = door.sign_in(EMAIL)

    assert page.status_code == 403
    assert reason in page.content.decode()
    assert not door.is_open
    assert not User.objects.filter(supabase_user_id=subject).exists()


def test_the_login_reads_profiles_and_nobody_else_calls_that(awa: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(role, 'gouvernance.profiles_of(uuid)', 'EXECUTE')"
            " FROM unnest(ARRAY['mlpp_gov_app', 'authenticated', 'anon', 'service_role']) AS role"
        )
        assert [may for (may,) in cursor.fetchall()] == [True, False, False, False]


# --- GoTrue away


ANSWERS: dict[str, tuple[int, bytes]] = {
    "an error": (500, b"{}"),
    "too many requests": (429, b"{}"),
    "an API key that is not its own": (401, b'{"message":"Invalid API key"}'),
    "a page": (200, b"<html>proxy</html>"),
    "a list": (200, b"[]"),
    "no token": (200, b"{}"),
    "a token that is a number": (200, b'{"access_token": 7}'),
    "a very long text": (200, b'"' + b"x" * 70_000 + b'"'),
    "text that is not UTF-8": (200, b"\xff\xfe"),
    "nothing": (200, b""),
    "another address": (307, b"http://127.0.0.1:9/"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_can_t_be_used_is_said_and_counts_against_nobody(
    door: Door, accounts: GoTrue, awa: UUID, what: str
) -> None:
    accounts.answer = ANSWERS[what]
    for _ in range(6):
        response = door.sign_in(EMAIL)

    assert errors(response) == {"__all__": [ACCOUNTS_AWAY]}
    accounts.answer = None
    assert door.sign_in(EMAIL).status_code == 302


def test_gotrue_away_is_said_and_open_sessions_go_on(
    door: Door, accounts: GoTrue, awa: UUID, settings: Any
) -> None:
    door.sign_in(EMAIL)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.GOTRUE_URL = f"http://127.0.0.1:{port}/auth/v1"

    assert errors(Door().sign_in(EMAIL)) == {"__all__": [ACCOUNTS_AWAY]}
    assert door.is_open
    assert door.client.get(SCREEN).status_code == 200


def test_a_silent_gotrue_is_waited_for_no_longer_than_the_limit(
    door: Door, accounts: GoTrue, awa: UUID, settings: Any
) -> None:
    settings.GOTRUE_TIMEOUT = 0.2
    accounts.silence = Event()
    started = time.monotonic()

    assert errors(door.sign_in(EMAIL)) == {"__all__": [ACCOUNTS_AWAY]}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("answer", [(503, b""), (200, b"<html>"), (200, b'{"keys": []}')])
def test_keys_that_can_t_be_had_are_said(
    door: Door,
    accounts: GoTrue,
    awa: UUID,
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[int, bytes],
) -> None:
    respond = accounts.respond
    monkeypatch.setattr(
        accounts,
        "respond",
        lambda method, path, *rest: answer if "jwks" in path else respond(method, path, *rest),
    )

    assert errors(door.sign_in(EMAIL)) == {"__all__": [ACCOUNTS_AWAY]}


def test_the_password_goes_nowhere_else_and_into_no_log(
    door: Door, accounts: GoTrue, awa: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    accounts.answer = (500, b"{}")
    door.sign_in(EMAIL)
    accounts.answer = None
    door.sign_in(EMAIL)

    assert PASSWORD not in caplog.text
    assert EMAIL not in caplog.text
    assert "eyJ" not in caplog.text
