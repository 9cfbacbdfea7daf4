"""Every refusal and failure is a French page with the right status, without the database."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from mlpp_gov import urls, views
from mlpp_gov.identity import NO_GOVERNANCE_PROFILE, NoGovernanceProfile
from mlpp_gov.roles import MissingPermission, Permission, Role

FORM = "application/x-www-form-urlencoded"


def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("détail interne")


def not_ours(request: HttpRequest) -> HttpResponse:
    raise ProgrammingError("détail interne")


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("détail interne")


away.login_required = False  # type: ignore[attr-defined]
failing.login_required = False  # type: ignore[attr-defined]
not_ours.login_required = False  # type: ignore[attr-defined]

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [
    path("away/", away),
    path("failing/", failing),
    path("not-ours/", not_ours),
    *urls.urlpatterns,
]


@pytest.fixture
def visitor() -> Client:
    """Somebody without a session, to whom an exception is a page, as in production."""
    return Client(raise_request_exception=False)


def assert_page(response: Any, status: int) -> str:
    page = response.content.decode()
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert f"Erreur {status}" in page
    assert settings.APP_RELEASE in page
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    return page


def test_an_unknown_address_is_a_404_page(visitor: Client) -> None:
    assert "Page introuvable" in assert_page(visitor.get("/nulle-part/"), 404)


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/nulle-part/", 404, "Page not found"),
        ("/login/?next=%00", 400, "The parameter “next” contains a forbidden character (NUL)."),
        ("/failing/", 500, "An unexpected error happened"),
        ("/away/", 503, "The database is not answering."),
    ],
)
def test_a_page_of_refusal_speaks_the_language_of_the_cookie(
    visitor: Client, settings: Any, address: str, status: int, heading: str
) -> None:
    settings.ROOT_URLCONF = __name__
    visitor.cookies["language"] = "en"

    response = visitor.get(address)

    assert response.status_code == status
    assert '<html lang="en">' in response.text
    assert f"Error {status}" in response.text
    assert heading in response.text


def test_a_hostile_host_is_a_400_page(visitor: Client) -> None:
    page = assert_page(visitor.get("/login/", headers={"host": "evil.example"}), 400)

    assert "evil.example" not in page


def test_a_failing_view_is_a_500_page_that_keeps_its_details(
    visitor: Client, settings: Any
) -> None:
    settings.ROOT_URLCONF = __name__

    assert "détail interne" not in assert_page(visitor.get("/failing/"), 500)


def test_a_query_that_we_wrote_wrong_is_a_500_and_not_a_503(visitor: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__

    assert_page(visitor.get("/not-ours/"), 500)


@pytest.mark.django_db
def test_a_wrong_method_is_a_405_page_that_says_which_are_allowed(
    client_of: Any, directeur: Any
) -> None:
    response = client_of(directeur).get("/logout/")

    assert_page(response, 405)
    assert response["Allow"] == "POST, OPTIONS"
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.django_db
def test_a_form_without_its_csrf_token_is_a_403_page(visitor: Client) -> None:
    visitor.handler.enforce_csrf_checks = True

    assert "Formulaire expiré" in assert_page(visitor.post("/login/", {"username": "x"}), 403)


def test_a_missing_permission_says_whom_to_ask() -> None:
    refusal = MissingPermission(role=Role.GERANT, permission=Permission.HANDLE_ALERTS)

    page = views.permission_denied(RequestFactory().get("/"), refusal).content.decode()

    assert str(refusal) in page
    assert "Directeur" in page


def test_a_missing_profile_says_whom_to_ask() -> None:
    refusal = NoGovernanceProfile(NO_GOVERNANCE_PROFILE)

    page = views.permission_denied(RequestFactory().get("/"), refusal).content.decode()

    assert NO_GOVERNANCE_PROFILE in page


def test_any_other_refusal_keeps_its_details() -> None:
    refusal = PermissionDenied("internal detail")

    response = views.permission_denied(RequestFactory().get("/"), refusal)

    assert response.status_code == 403
    assert "internal detail" not in response.content.decode()


# --- What PostgreSQL's text can't hold -----------------------------------------------------------


def test_a_nul_in_the_path_is_refused(visitor: Client) -> None:
    assert "NUL" in assert_page(visitor.get("/governance/%00/"), 400)


def test_a_nul_in_a_query_parameter_is_refused_by_name(visitor: Client) -> None:
    assert "« q »" in assert_page(visitor.get("/login/?q=a%00b"), 400)


def test_a_nul_in_the_name_of_a_parameter_is_refused(visitor: Client) -> None:
    assert "« q␀ »" in assert_page(visitor.get("/login/?q%00=a"), 400)


def test_the_name_of_a_refused_parameter_is_escaped(visitor: Client) -> None:
    assert "<b>" not in assert_page(visitor.get("/login/?%3Cb%3E=%00"), 400)


@pytest.mark.parametrize("cookie", ["sessionid=a\0b", r'sessionid="a\000b"'])
def test_a_nul_in_a_cookie_is_refused_by_name(visitor: Client, cookie: str) -> None:
    assert "« sessionid »" in assert_page(visitor.get("/login/", headers={"cookie": cookie}), 400)


def test_a_nul_in_a_form_field_is_refused_by_name(visitor: Client) -> None:
    response = visitor.post("/login/", "username=a%00b", content_type=FORM)

    assert "« username »" in assert_page(response, 400)


@pytest.mark.django_db
def test_a_nul_in_a_multipart_field_is_left_to_its_form(visitor: Client) -> None:
    response = visitor.post("/login/", {"username": "a\0b", "password": "x"})

    assert response.status_code == 200
    assert "Le caractère nul n’est pas autorisé" in response.content.decode().replace("'", "’")


@pytest.mark.django_db
def test_a_file_larger_than_a_form_may_be_is_not_read_here(visitor: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = visitor.post("/login/", {"file": SimpleUploadedFile("a.bin", b"\0" * 10_000)})

    assert response.status_code == 200


def test_a_form_that_is_too_large_is_a_400_page(visitor: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = visitor.post("/login/", f"username={'a' * 2000}", content_type=FORM)

    assert "trop volumineuse" in assert_page(response, 400)


def test_too_many_fields_are_a_400_page(visitor: Client) -> None:
    response = visitor.post("/login/", "&".join(["a=1"] * 1001), content_type=FORM)

    assert "trop de paramètres" in assert_page(response, 400)


def test_too_many_query_parameters_are_a_400_page(visitor: Client) -> None:
    assert "trop de paramètres" in assert_page(visitor.get("/login/?" + "&a=1" * 1001), 400)


def test_a_form_in_another_encoding_than_utf8_is_a_400_page(visitor: Client) -> None:
    response = visitor.post("/login/", "a=1", content_type=f"{FORM}; charset=utf-16")

    assert_page(response, 400)


# --- The database goes away ----------------------------------------------------------------------

# The application as a server runs it, one request a line: the test client would neither close
# nor check its persistent connection between two requests.
SERVER = """
import json
import sys
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

application = get_wsgi_application()
requests = RequestFactory(headers={"cookie": "sessionid=" + "a" * 32, "host": "127.0.0.1"})
for path in sys.stdin:
    heads = []
    response = application(
        requests.get(path.strip()).environ, lambda status, headers: heads.append((status, headers))
    )
    page = b"".join(response).decode()
    response.close()
    status, headers = heads[0]
    print(json.dumps([int(status[:3]), dict(headers), page]), flush=True)
"""


class Server:
    """A running application on a database of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        status, headers, page = json.loads(self.process.stdout.readline())
        return status, headers, page


@pytest.fixture
def server(fresh_database: Any) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        env={**fresh_database.env, "DJANGO_SETTINGS_MODULE": "mlpp_gov.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Server(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def owner(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        yield connection


def test_the_database_going_away_is_a_503_page_until_it_comes_back(
    server: Server, owner: psycopg.Connection[Any]
) -> None:
    database = owner.info.dbname
    assert server.get("/login/")[0] == 200

    owner.execute(f"ALTER DATABASE {database} CONNECTION LIMIT 0")  # but for superusers
    owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # The session, read before any view, is what fails.
    status, headers, page = server.get("/login/")
    assert status == 503
    assert headers["Retry-After"]
    assert "Réessayer" in page
    assert settings.APP_RELEASE in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert server.get("/login/")[0] == 503

    owner.execute(f"ALTER DATABASE {database} CONNECTION LIMIT -1")
    assert server.get("/login/")[0] == 200


def test_a_missing_contract_is_a_503_page_that_says_what_to_run(
    server: Server, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("DROP SCHEMA gouvernance CASCADE")

    status, headers, page = server.get("/login/")

    assert status == 503
    assert headers["Retry-After"]
    assert "manage.py contract deploy" in page


def test_health_speaks_while_the_database_is_away(
    server: Server, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("DROP SCHEMA gouvernance CASCADE")

    status, _, body = server.get("/health")

    assert status == 503
    assert '"fail"' in body
