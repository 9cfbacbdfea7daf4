"""Nobody passes without signing in, and signing in never leads outside."""

from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

REFUSAL = "Nom d’utilisateur ou mot de passe incorrect."
PASSWORD = "un mot de passe d’essai"
SCREEN = "/governance/integrity/"
ACTION = "/governance/alerts/6f1c1a54-5d0c-4c0e-9c37-0d3f6a1b2c3d/ack/"


@pytest.fixture
def person(directeur: Any) -> Any:
    directeur.set_password(PASSWORD)
    directeur.save()
    return directeur


def sign_in(client: Client, username: str, password: str, **fields: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **fields})


def way_back(location: str) -> str | None:
    """The `next` of a redirect to the login page, None without one."""
    parts = urlsplit(location)
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/login/")
    return parse_qs(parts.query).get("next", [None])[0]


def test_the_login_page_is_in_french_and_helps_password_managers(client: Client) -> None:
    page = client.get("/login/").content.decode()

    assert "Nom d’utilisateur" in page
    assert "Mot de passe" in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert page.count(" autofocus") == 1


def test_the_right_password_opens_the_home_page(client: Client, person: Any) -> None:
    response = sign_in(client, person.username, PASSWORD)

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_refusal_does_not_tell_which_accounts_exist(client: Client, person: Any) -> None:
    wrong_password = sign_in(client, person.username, "faux").context["form"].errors
    unknown_person = sign_in(client, "personne", PASSWORD).context["form"].errors
    person.is_active = False
    person.save()
    closed_account = sign_in(client, person.username, PASSWORD).context["form"].errors

    assert wrong_password == {"__all__": [REFUSAL]}
    assert unknown_person == wrong_password
    assert closed_account == wrong_password


def test_a_safe_next_is_followed(client: Client, person: Any) -> None:
    response = sign_in(client, person.username, PASSWORD, next=f"{SCREEN}?severity=CRITICAL")

    assert response["Location"] == f"{SCREEN}?severity=CRITICAL"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "https://evil.example",
        "http:evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "\\\\evil.example",
        "/\\evil.example",
        "\t//evil.example",
        "\x08//evil.example",
        " //evil.example",
        "//testserver@evil.example",
        "https://testserver.evil.example/",
        "http://[evil",
    ],
)
def test_a_hostile_next_leads_home(client: Client, person: Any, target: str) -> None:
    assert sign_in(client, person.username, PASSWORD, next=target)["Location"] == "/"


def test_a_hostile_next_leads_home_for_a_person_already_signed_in(
    client_of: Any, person: Any
) -> None:
    response = client_of(person).get("/login/", {"next": "//evil.example"})

    assert response["Location"] == "/"


def test_a_next_with_a_nul_is_refused(client: Client) -> None:
    assert client.get("/login/?next=/%00").status_code == 400


def test_signing_out_needs_a_post(client_of: Any, person: Any) -> None:
    client = client_of(person)

    assert client.get("/logout/").status_code == 405
    assert "_auth_user_id" in client.session

    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_a_page_asked_for_without_signing_in_comes_after_the_login(client: Client) -> None:
    response = client.get(f"{SCREEN}?q=TANK3&page=2")

    assert response.status_code == 302
    assert way_back(response["Location"]) == f"{SCREEN}?q=TANK3&page=2"


def test_a_form_posted_without_signing_in_leads_back_to_the_page_that_holds_it(
    client: Client,
) -> None:
    response = client.post(ACTION, headers={"referer": f"http://testserver{SCREEN}?page=2"})

    assert response.status_code == 302
    assert way_back(response["Location"]) == f"{SCREEN}?page=2"


@pytest.mark.parametrize(
    "referer",
    ["", "http://evil.example/x", "//evil.example/x", "javascript:alert(1)", "http://[evil"],
)
def test_a_form_posted_from_elsewhere_leads_to_the_login_alone(
    client: Client, referer: str
) -> None:
    response = client.post(ACTION, headers={"referer": referer})

    assert response.status_code == 302
    assert way_back(response["Location"]) is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_htmx_is_told_to_leave_for_the_login_page(client: Client, method: str) -> None:
    response = client.generic(
        method,
        ACTION,
        headers={"hx-request": "true", "hx-current-url": f"http://testserver{SCREEN}?page=2"},
    )

    assert response.status_code == 401
    assert way_back(response["HX-Redirect"]) == f"{SCREEN}?page=2"


@pytest.mark.parametrize("page", ["", "http://evil.example/x", "//evil.example/x"])
def test_htmx_from_elsewhere_is_sent_to_the_login_alone(client: Client, page: str) -> None:
    response = client.get(SCREEN, headers={"hx-request": "true", "hx-current-url": page})

    assert response.status_code == 401
    assert way_back(response["HX-Redirect"]) is None


@pytest.mark.parametrize("path", ["/login/", "/health/live", "/static/css/app.css"])
def test_what_the_login_page_needs_stays_open(client: Client, path: str) -> None:
    response = client.get(path)
    response.close()

    assert response.status_code == 200


ODD = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
# What a server lets through in a header: Latin-1 without line ends.
ODD_HEADER = st.text(
    alphabet=st.characters(codec="latin-1", blacklist_characters="\r\n"), max_size=60
)


@examples(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
    path=st.one_of(st.sampled_from(["/", "/login/", "/logout/"]), ODD.map(quote).map("/{}".format)),
    query=st.one_of(
        ODD_HEADER,
        ODD.map(lambda text: urlencode({"next": text})),
        ODD.map(lambda text: urlencode({text: text})),
    ),
    body=st.one_of(
        st.binary(max_size=200),
        ODD.map(lambda text: urlencode({"username": text, "password": text}).encode()),
    ),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-16",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
            "",
        ]
    ),
    headers=st.dictionaries(
        st.sampled_from(
            [
                "cookie",
                "host",
                "referer",
                "origin",
                "accept",
                "accept-language",
                "hx-request",
                "hx-current-url",
                "x-forwarded-for",
                "x-forwarded-proto",
                "if-modified-since",
            ]
        ),
        st.one_of(
            ODD_HEADER,
            ODD_HEADER.map("sessionid={}".format),
            ODD_HEADER.map('sessionid="{}"'.format),
            ODD_HEADER.map("http://testserver/{}".format),
            st.just("true"),
        ),
    ),
)
def test_nothing_a_stranger_sends_is_a_server_error(
    client: Client,
    method: str,
    path: str,
    query: str,
    body: bytes,
    content_type: str,
    headers: dict[str, str],
) -> None:
    client.raise_request_exception = False

    response = client.generic(
        method, path, body, content_type=content_type, headers=headers, QUERY_STRING=query
    )

    assert response.status_code < 500
