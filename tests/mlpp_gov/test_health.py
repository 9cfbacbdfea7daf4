"""/health tells a monitor the truth within 2.5 s, whatever the database does."""

import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from mlpp_gov import health
from mlpp_gov.health import HealthMiddleware
from tests.database import Database

# What 2.5 s may become on a busy machine; a probe without a deadline takes 130 s or for ever.
IN_TIME = 5.0


def beyond(request: HttpRequest) -> HttpResponse:
    raise AssertionError(f"{request.path} went past the health middleware")


def checks_of(response: Any) -> dict[str, str]:
    return json.loads(response.content)["checks"]


def point_at(monkeypatch: pytest.MonkeyPatch, listener: socket.socket) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", listener.getsockname()[1])


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        point_at(monkeypatch, listener)
        yield listener


@pytest.fixture
def closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        point_at(monkeypatch, listener)


@contextmanager
def server_frozen_after_login() -> Iterator[socket.socket]:
    """A server that lets anybody in, then never answers a query."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                # 8 bytes: may we use TLS or GSSAPI? No. Anything longer is the start-up message.
                while len(client.recv(4096)) == 8:
                    client.sendall(b"N")
                authenticated, ready = b"R\0\0\0\x08\0\0\0\0", b"Z\0\0\0\x05I"
                client.sendall(authenticated + ready)
                while client.recv(4096):
                    pass

        server = Thread(target=serve, daemon=True)
        server.start()
        yield listener
        server.join(IN_TIME)
        assert not server.is_alive(), "the probe has not hung up"


@pytest.fixture
def evaluated_database(monkeypatch: pytest.MonkeyPatch, fresh_database: Database) -> Database:
    """What /health looks at, anew for each request: one evaluation, just now."""
    monkeypatch.setitem(connection.settings_dict, "NAME", fresh_database.name)
    monkeypatch.setattr(health, "FRESHNESS", 0.0)
    with fresh_database.owner() as owner:
        owner.execute("SELECT gouvernance.sync_alerts()")
    return fresh_database


@pytest.mark.usefixtures("evaluated_database")
def test_health_passes_when_the_database_answers_the_contract_is_there_and_checks_are_evaluated(
    client: Client,
) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {
        "status": "pass",
        "environment": "development",
        "release": "v0.0.0+0000000",
        "checks": {"database": "ok", "contract": "ok"},
    }


@pytest.mark.django_db
def test_health_warns_where_the_checks_were_never_evaluated(client: Client) -> None:
    response = client.get("/health")

    assert (response.status_code, response.json()["status"]) == (200, "warn")
    assert checks_of(response) == {
        "database": "ok",
        "contract": "ok",
        "evaluation": "jamais évalué",
    }


@pytest.mark.parametrize(
    ("minutes", "code", "status", "remark"),
    [
        (9, 200, "pass", None),
        (10, 200, "warn", "dernière il y a 10 min"),
        (29, 200, "warn", "dernière il y a 29 min"),
        (30, 503, "fail", "dernière il y a 30 min"),
        (2880, 503, "fail", "dernière il y a 2880 min"),
    ],
)
def test_health_warns_after_two_periods_without_evaluation_and_fails_after_six(
    client: Client,
    evaluated_database: Database,
    minutes: int,
    code: int,
    status: str,
    remark: str | None,
) -> None:
    with evaluated_database.owner() as owner:
        owner.execute(
            "UPDATE gouvernance.sync_runs SET started_at = started_at - %(age)s::interval,"
            " finished_at = finished_at - %(age)s::interval",
            {"age": f"{minutes} min"},
        )

    got, head = client.get("/health"), client.head("/health")

    assert (got.status_code, head.status_code, got.json()["status"]) == (code, code, status)
    assert checks_of(got).get("evaluation") == remark


def test_the_ages_that_health_minds_follow_the_period(
    client: Client, evaluated_database: Database, settings: Any
) -> None:
    settings.SYNC_STALE_AFTER, settings.SYNC_DEAD_AFTER = timedelta(0), timedelta(hours=1)

    assert client.get("/health").json()["status"] == "warn"


@pytest.mark.django_db
def test_health_fails_when_the_contract_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "postgres")

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["status"] == "fail"
    assert response.json()["checks"] == {"database": "ok", "contract": "absent"}


def test_health_warns_of_failing_checks_and_names_none(
    client: Client, evaluated_database: Database
) -> None:
    def answer_of() -> tuple[int, Any, Any]:
        response = client.get("/health")
        return response.status_code, response.json()["status"], checks_of(response).get("integrity")

    with evaluated_database.owner() as owner:
        assert answer_of() == (200, "pass", None)
        owner.execute("ALTER VIEW gouvernance.check_stock_negatif RENAME TO away")
        owner.execute("SELECT gouvernance.sync_alerts()")
        assert answer_of() == (200, "warn", "1 contrôle en échec")
        owner.execute("ALTER VIEW gouvernance.check_cdr_arrive_stale RENAME TO away_too")
        owner.execute("SELECT gouvernance.sync_alerts()")
        assert answer_of() == (200, "warn", "2 contrôles en échec")
        owner.execute("UPDATE gouvernance.checks SET enabled = false")
        assert answer_of() == (200, "pass", None)
        with owner.transaction():
            owner.execute("LOCK TABLE gouvernance.check_runs")
            assert answer_of() == (200, "warn", "non vérifié")


@pytest.mark.usefixtures("closed_port")
def test_health_fails_when_the_connection_is_refused(client: Client) -> None:
    response = client.get("/health")

    assert response.status_code == 503
    assert checks_of(response) == {"database": "indisponible", "contract": "non vérifié"}


@pytest.mark.usefixtures("silent_server")
def test_health_fails_in_time_when_the_server_accepts_and_never_answers(client: Client) -> None:
    asked = monotonic()

    response = client.get("/health")

    assert monotonic() - asked < IN_TIME
    assert response.status_code == 503


def test_health_fails_in_time_when_the_server_freezes_after_the_login(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server_frozen_after_login() as listener:
        point_at(monkeypatch, listener)
        asked = monotonic()

        response = client.get("/health")

        assert monotonic() - asked < IN_TIME
        assert response.status_code == 503


def test_health_fails_in_time_when_the_name_of_the_server_does_not_resolve(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = Event()

    def hang(*args: object, **kwargs: object) -> list[Any]:
        resolved.wait()
        raise socket.gaierror("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setitem(connection.settings_dict, "HOST", "database.invalid")
    asked = monotonic()
    try:
        response = client.get("/health")
    finally:
        resolved.set()

    assert monotonic() - asked < IN_TIME
    assert response.status_code == 503
    assert checks_of(response)["database"] == "délai dépassé"


def test_health_opens_one_connection_for_requests_that_arrive_together(
    silent_server: socket.socket,
) -> None:
    middleware = HealthMiddleware(beyond)

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(middleware, [RequestFactory().get("/health")] * 8))

    assert {answer.status_code for answer in answers} == {503}
    silent_server.setblocking(False)
    silent_server.accept()[0].close()
    with pytest.raises(BlockingIOError):
        silent_server.accept()


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every attempt to connect, each of them refused."""
    attempts: list[object] = []

    def refuse(**parameters: object) -> None:
        attempts.append(parameters)
        raise psycopg.OperationalError("refused")

    monkeypatch.setattr(psycopg, "connect", refuse)
    return attempts


def test_a_fresh_verdict_serves_again(client: Client, refusals: list[object]) -> None:
    assert [client.get("/health").status_code for _ in range(3)] == [503, 503, 503]
    assert len(refusals) == 1


def test_an_old_verdict_is_replaced(
    client: Client, refusals: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESHNESS", 0.0)

    assert [client.get("/health").status_code for _ in range(3)] == [503, 503, 503]
    assert len(refusals) == 3


@pytest.mark.django_db
def test_health_recovers_by_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESHNESS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener, monkeypatch.context() as patch:
        point_at(patch, listener)
        listener.close()
        assert client.get("/health").status_code == 503

    assert client.get("/health").status_code == 200


@pytest.mark.usefixtures("closed_port")
def test_health_says_nothing_of_the_error(client: Client) -> None:
    assert b"127.0.0.1" not in client.get("/health").content


@pytest.mark.usefixtures("closed_port")
def test_health_writes_no_log_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="django"):
        client.get("/health")
        client.post("/health")

    assert caplog.messages == []


@pytest.mark.usefixtures("closed_port")
def test_health_live_speaks_of_the_process_only(client: Client) -> None:
    response = client.get("/health/live")

    assert response.status_code == 200
    assert response.json() == {
        "status": "pass",
        "environment": "development",
        "release": "v0.0.0+0000000",
        "checks": {},
    }


@pytest.mark.parametrize("path", ["/health", "/health/live"])
@pytest.mark.usefixtures("closed_port")
def test_head_gives_the_status_of_get_without_its_body(path: str) -> None:
    # Not through the test client, which would cut the body itself.
    middleware = HealthMiddleware(beyond)
    got = middleware(RequestFactory().get(path))

    asked = middleware(RequestFactory().head(path))

    assert asked.status_code == got.status_code
    assert asked.headers == got.headers
    assert asked.content == b""
    assert got.content != b""


@pytest.mark.parametrize("path", ["/health", "/health/live"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: Client, path: str, method: str) -> None:
    response = client.generic(method, path)

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/health", "/health/live"])
@pytest.mark.usefixtures("closed_port")
def test_health_is_neither_stored_nor_tied_to_a_session(client: Client, path: str) -> None:
    client.cookies["sessionid"] = "a" * 32

    response = client.get(path)

    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    assert not response.cookies


def test_health_answers_whatever_the_host_header_says(client: Client) -> None:
    assert client.get("/health/live", headers={"host": "evil.example"}).status_code == 200


def test_health_is_not_redirected_to_https(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("path", ["/healthy", "/health/ready", "/Health"])
def test_only_the_two_addresses_are_open(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
