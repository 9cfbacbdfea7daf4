"""What happens at the door is in the journal, with what may be kept of it and nothing else."""

import json
import re
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import path

from mlpp_gov import urls, views
from mlpp_gov.access import journal, recording
from mlpp_gov.access.events import Event
from mlpp_gov.access.probes import is_probe
from mlpp_gov.access.recording import hashed_name, record
from mlpp_gov.models import Language, User
from mlpp_gov.roles import Role
from tests.database import as_owner

PASSWORD = "correct horse battery staple"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def person(db):
    return User.objects.create_user("marie", PASSWORD, role=Role.DIRECTEUR)


def events(rows):
    return [f"{row['event']}:{row['reason']}" if row["reason"] else row["event"] for row in rows]


# --- Coming in and going out ---------------------------------------------------------------------


def test_who_came_in_and_left_is_told_with_their_account(visitor, person, written):
    visitor.post("/login/", {"username": "marie", "password": PASSWORD})
    visitor.post("/logout/")
    came, left = written()
    assert events([came, left]) == [Event.SIGNED_IN, Event.SIGNED_OUT]
    for row in (came, left):
        assert (row["user_id"], row["role"]) == (person.pk, "directeur")
        assert (row["status"], row["method"]) == (302, "POST")
        assert (row["severity"], row["release"], row["count"]) == ("INFO", "v0.0.0+0000000", 1)
        assert not row["refused"]
    assert came["session"] == left["session"] != ""


def test_a_session_is_never_kept_as_its_key(visitor, person, written):
    visitor.post("/login/", {"username": "marie", "password": PASSWORD})
    key = visitor.cookies["sessionid"].value
    (row,) = written()
    assert row["session"] == recording.hashed_session(key)
    assert key not in json.dumps(row, default=str)


def test_a_typed_name_is_kept_as_an_hmac_however_it_is_written(visitor, written, settings):
    for name in ("Marie.Kabila", "  marie.kabila "):
        visitor.post("/login/", {"username": name, "password": "secret-qui-ne-doit-pas-sortir"})
    (row,) = written()
    assert events([row]) == [Event.SIGN_IN_FAILED]
    assert (row["count"], row["refused"], row["user_id"]) == (2, True, None)
    assert row["typed_name"] == hashed_name("marie.kabila")
    text = json.dumps(row, default=str).lower()
    assert "marie" not in text
    assert "secret" not in text
    settings.SECRET_KEY = "another key of fifty characters, so that it is one"
    assert hashed_name("marie.kabila") != row["typed_name"]


def test_names_tried_one_after_the_other_are_not_taken_for_one(visitor, written):
    for name in ("anne", "jean"):
        visitor.post("/login/", {"username": name, "password": "x"})
    (row,) = written()
    assert (row["count"], row["typed_name"], row["detail"]) == (2, "", "plusieurs noms essayés")


# --- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("get", {}, 302), ("post", {}, 302), ("get", {"hx-request": "true"}, 401)],
)
def test_a_page_asked_for_without_signing_in_is_noted(visitor, written, method, headers, status):
    getattr(visitor, method)("/governance/", headers=headers)
    (row,) = written()
    assert events([row]) == [Event.NOT_SIGNED_IN]
    assert (row["status"], row["route"], row["severity"]) == (status, "cockpit:cockpit", "INFO")
    assert row["refused"]


def test_a_session_that_nobody_has_is_told_from_no_session(visitor, written):
    visitor.cookies["sessionid"] = "a-session-that-was-made-up"
    visitor.get("/governance/")
    (row,) = written()
    assert events([row]) == [Event.SESSION_LOST]


def test_a_refusal_by_the_role_names_person_page_and_why(client_of, gerant, written):
    client_of(gerant).get("/governance/integrity/")
    row = written()[-1]
    assert events([row]) == [Event.ROLE_REFUSED]
    assert (row["status"], row["route"]) == (403, "integrity:list")
    assert (row["user_id"], row["role"], row["severity"]) == (gerant.pk, "gerant", "WARN")


def test_a_transition_refused_by_the_role_is_noted(client_of, pca, make_alert, written):
    client_of(pca).post(f"/governance/alerts/{make_alert()}/ack/")
    row = written()[-1]
    assert events([row]) == [Event.ROLE_REFUSED]
    assert (row["route"], row["method"]) == ("alerts:ack", "POST")


def test_a_transition_refused_by_the_database_is_noted(client_of, directeur, make_alert, written):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'pca' WHERE user_id = %s",
            [directeur.supabase_user_id],
        )
    response = client_of(directeur).post(f"/governance/alerts/{make_alert()}/ack/")
    assert response.status_code == 403
    row = written()[-1]
    assert events([row]) == [Event.DATABASE_REFUSED]
    assert row["route"] == "alerts:ack"


def test_a_missing_csrf_token_is_told_from_other_refusals(written):
    Client(enforce_csrf_checks=True).post("/login/", {"username": "x"})
    (row,) = written()
    assert events([row]) == [Event.CSRF_REFUSED]
    assert row["status"] == 403


def test_a_refusal_that_nobody_explained_is_noted_too(visitor, written, settings):
    def refusing(request):
        raise PermissionDenied

    refusing.login_required = False

    class Routes:
        handler403 = urls.handler403
        urlpatterns = (path("refusing/", refusing, name="refusing"), *urls.urlpatterns)

    settings.ROOT_URLCONF = Routes
    visitor.get("/refusing/")
    (row,) = written()
    assert events([row]) == [Event.REFUSED]


def test_a_hostile_host_is_critical(visitor, written):
    visitor.get("/login/", headers={"host": "evil.example"})
    (row,) = written()
    assert events([row]) == [Event.HOSTILE_HOST]
    assert (row["status"], row["severity"]) == (400, "CRITICAL")
    assert "evil" not in json.dumps(row, default=str)


def test_a_request_that_is_no_request_is_noted(visitor, written):
    visitor.get("/login/?q=%00")
    assert events(written()) == [Event.INVALID_INPUT]


def test_a_scanner_is_told_from_somebody_who_is_lost(visitor, written):
    visitor.get("/wp-login.php?log=admin")
    visitor.get("/governance/nulle-part/")
    (row,) = written()
    assert events([row]) == [Event.PROBE]
    assert (row["status"], row["route"]) == (404, "")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/.env", True),
        ("/.git/config", True),
        ("/app/.aws/credentials", True),
        ("/wp-admin/setup-config.php", True),
        ("/backup.sql", True),
        ("/cgi-bin/luci", True),
        ("/static/../../etc/passwd", True),
        ("/.well-known/security.txt", False),
        ("/favicon.ico", False),
        ("/static/css/app.0a1b.css", False),
        ("/governance/integrity/export.csv", False),
        ("/governance/alertes", False),
        ("/" + "a" * 100_000, False),
    ],
)
def test_known_attacks_are_probes_and_slips_are_not(path, expected):
    assert is_probe(path) is expected


def test_too_many_requests_are_noted(visitor, written, settings):
    from django.http import HttpResponse

    def slow_down(request):
        return HttpResponse(status=429)

    slow_down.login_required = False

    class Routes:
        urlpatterns = (path("slow/", slow_down, name="slow"),)

    settings.ROOT_URLCONF = Routes
    visitor.get("/slow/")
    (row,) = written()
    assert events([row]) == [Event.TOO_MANY_REQUESTS]


# --- Exports and accounts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/governance/integrity/export.csv",
        "/governance/integrity/export.json",
        "/governance/report.csv",
    ],
)
def test_an_export_is_noted_with_who_made_it(client_of, pca, written, path):
    response = client_of(pca).get(path, {"q": "Kasaï"} if "integrity" in path else {})
    assert response.status_code == 200
    row = written()[-1]
    assert events([row]) == [Event.EXPORTED]
    assert row["user_id"] == pca.pk
    assert "Kasa" not in json.dumps(row, default=str, ensure_ascii=False)


def account(**values):
    return {"username": "jean", "full_name": "", "email": "", "role": "lecture", **values}


@pytest.mark.parametrize("language", Language.values)
def test_what_an_admin_does_to_an_account_is_told_deed_by_deed_in_french(
    client_of, admin, written, language
):
    User.objects.filter(pk=admin.pk).update(language=language)
    client = client_of(admin)
    password = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/mlpp_gov/user/add/", {**account(), **password})
    jean = User.objects.get(username="jean")
    page = f"/admin/mlpp_gov/user/{jean.pk}"
    client.post(f"{page}/change/", account(is_active="on", role="directeur", full_name="Jean"))
    client.post(f"{page}/change/", account(role="directeur", full_name="Jean"))
    client.post(f"{page}/password/", password)
    rows = [row for row in written() if row["route"].startswith("admin:")]
    assert [(event, row["detail"]) for event, row in zip(events(rows), rows, strict=True)] == [
        (Event.ACCOUNT_CREATED, "jean : Lecture"),
        (Event.ROLE_CHANGED, "jean : Lecture → Directeur"),
        (Event.ACCOUNT_CHANGED, "jean : nom complet"),
        (Event.ACCOUNT_CLOSED, "jean : désactivé"),
        (Event.PASSWORD_CHANGED, "jean"),
    ]
    assert {row["user_id"] for row in rows} == {admin.pk}


def test_changes_of_accounts_are_never_counted_together(client_of, admin, gerant, lecture, written):
    client = client_of(admin)
    for person in (gerant, lecture):
        values = account(username=person.username, role="pca", full_name=person.full_name)
        values |= {"supabase_user_id": person.supabase_user_id, "is_active": "on"}
        client.post(f"/admin/mlpp_gov/user/{person.pk}/change/", values)
    changed = [row for row in written() if row["event"] == "authz_change"]
    assert [row["count"] for row in changed] == [1, 1]


def test_a_change_that_is_refused_is_no_change(client_of, admin, gerant, written):
    client_of(admin).post(f"/admin/mlpp_gov/user/{gerant.pk}/change/", account(role="empereur"))
    assert [row for row in written() if row["route"].startswith("admin:")] == []


# --- What never is kept --------------------------------------------------------------------------

SECRET = "plaque-1234AB01"


def test_no_field_holds_a_path_or_a_query(visitor, written, caplog):
    for url in (
        f"/governance/?q={SECRET}",
        f"/wp-login.php/{SECRET}?x={SECRET}",
        f"/governance/integrity/checks/{SECRET}/",
        f"/login/?{SECRET}=%00",
    ):
        visitor.get(url, headers={"referer": f"https://x.example/?{SECRET}"})
    rows = written()
    assert len(rows) == 4
    assert SECRET not in json.dumps(rows, default=str)
    lines = [record.getMessage() for record in caplog.records if record.name == "access"]
    assert len(lines) == 4
    assert SECRET not in "".join(lines)


@pytest.mark.parametrize(
    "agent",
    [
        'x\r\n{"event": "authn_login_success"}',
        "a\u2028b\u202ec",
        "\x1b[31mrouge\x00",
        "é" * 500,
        "\ud800",
        "'; DROP TABLE gouvernance.access_events; --",
        "<script>alert(1)</script>",
    ],
)
def test_a_user_agent_stays_on_its_line_whatever_it_holds(agent, written, caplog):
    request = RequestFactory().get("/")
    request.META["HTTP_USER_AGENT"] = agent
    record(request, Event.REFUSED)
    (row,) = written()
    assert len(row["user_agent"]) == min(len(agent), 200)
    assert not CONTROL.search(row["user_agent"])
    (line,) = [entry.getMessage() for entry in caplog.records if entry.name == "access"]
    assert not CONTROL.search(line)
    assert json.loads(line)["event"] == "authz_fail"


# --- From where ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "connection", "expected"),
    [
        (0, "1.2.3.4", "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 41.243.7.12", "10.0.0.2", "41.243.7.12"),
        (2, "6.6.6.6, 41.243.7.12, 10.0.0.1", "10.0.0.2", "41.243.7.12"),
        (1, "2001:DB8:0:0::1", "10.0.0.2", "2001:db8::1"),
        (1, "'; DROP TABLE", "10.0.0.2", "10.0.0.2"),
        (0, "", "", None),
    ],
)
def test_the_address_is_the_one_that_a_trusted_proxy_saw(
    visitor, written, settings, proxies, forwarded, connection, expected
):
    settings.TRUSTED_PROXIES = proxies
    visitor.get("/governance/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR=connection)
    (row,) = written()
    assert (str(row["address"]) if row["address"] else None) == expected


# --- The request's identifier --------------------------------------------------------------------


def test_each_answer_has_an_identifier_of_ours_that_its_rows_and_logs_have(
    visitor, written, caplog
):
    response = visitor.get("/wp-login.php", headers={"x-request-id": "forged\r\nSet-Cookie: a=b"})
    identifier = UUID(response["X-Request-ID"])
    (row,) = written()
    assert row["request_id"] == identifier
    (line,) = [entry for entry in caplog.records if entry.name == "django.request"]
    from mlpp_gov.logs import with_request

    assert with_request(line)
    assert line.request_id == str(identifier)


def test_health_is_no_business_of_the_journal(visitor, written):
    response = visitor.get("/health/live")
    assert "X-Request-ID" not in response
    assert written() == []


# --- It never stands in the way ------------------------------------------------------------------


def test_a_journal_that_fails_breaks_no_request(client_of, gerant, monkeypatch, caplog):
    def failing(*args, **kwargs):
        raise RuntimeError("la file est cassée")

    client = client_of(gerant)
    monkeypatch.setattr(journal.journal, "add", failing)
    assert client.get("/governance/").status_code == 403
    assert "n’a pas pu être écrit au journal" in caplog.text
    monkeypatch.setattr(recording, "_session", failing)
    assert client.get("/governance/").status_code == 403
    assert "n’a pas pu être noté au journal" in caplog.text


def test_a_line_leaves_at_once_and_asks_the_database_nothing(
    visitor, caplog, django_assert_num_queries, db
):
    with django_assert_num_queries(0):
        visitor.get("/wp-login.php")
    (line,) = [entry.getMessage() for entry in caplog.records if entry.name == "access"]
    entry = json.loads(line)
    assert entry["event"] == "malicious_excess_404"
    assert (entry["environment"], entry["release"]) == ("development", "v0.0.0+0000000")


def test_what_happens_outside_a_request_is_told_without_one(written):
    record(None, Event.LOCKED_OUT, typed_name="marie", detail=f"essai {uuid4()}")
    (row,) = written()
    assert (row["event"], row["reason"]) == ("authn_login_lock", "maxretries")
    assert (row["status"], row["address"], row["request_id"]) == (None, None, None)


def test_a_page_that_the_database_forbids_to_the_application_is_noted(written):
    import psycopg
    from django.db import ProgrammingError

    request = RequestFactory().get("/")
    try:
        try:
            raise psycopg.errors.InsufficientPrivilege
        except psycopg.Error as cause:
            raise ProgrammingError("permission denied") from cause
    except ProgrammingError:
        assert views.server_error(request).status_code == 500
    assert events(written()) == [Event.DATABASE_REFUSED]
