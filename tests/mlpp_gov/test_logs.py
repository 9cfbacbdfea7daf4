"""LOG_FORMAT=json: one object per line, whatever is logged and whoever logs it."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from mlpp_gov.access.middleware import AccessMiddleware
from mlpp_gov.logs import JsonFormatter, with_request
from mlpp_gov.models import User


def logged(message: str, *arguments: object, exc_info: Any = None) -> dict[str, str]:
    record = logging.LogRecord(
        "alerts.tasks", logging.WARNING, __file__, 1, message, arguments, exc_info
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_line_says_when_how_grave_who_and_what() -> None:
    entry = logged("résolues %d", 3)

    assert (entry["level"], entry["logger"]) == ("WARNING", "alerts.tasks")
    assert entry["message"] == "résolues 3"
    assert entry["at"].endswith("+00:00")
    assert (entry["environment"], entry["release"]) == ("development", "v0.0.0+0000000")
    assert "exception" not in entry


def test_an_exception_stays_on_the_line() -> None:
    try:
        raise ValueError("deux\nlignes")
    except ValueError:
        entry = logged("échec", exc_info=sys.exc_info())

    assert "Traceback" in entry["exception"]
    assert "deux\nlignes" in entry["exception"]


# --- Of which request, and of whose --------------------------------------------------------------


@pytest.fixture
def entries() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged until now, by the application's own way."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(with_request)
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_a_line_of_a_request_names_its_person_by_key_and_a_line_outside_of_one_nobody(
    entries, gerant
):
    person = User(pk=gerant.pk, username="marque-nom", email="marque@example.org")

    def view(request: HttpRequest) -> HttpResponse:
        request.user = person
        logging.getLogger("essai").warning("pendant")
        return HttpResponse()

    response = AccessMiddleware(view)(RequestFactory().get("/"))
    logging.getLogger("essai").warning("après")

    during, after = entries()
    assert (during["user"], during["request_id"]) == (gerant.pk, response["X-Request-ID"])
    assert UUID(during["request_id"])
    assert (after["user"], after["request_id"]) == (None, "-")
    assert "marque" not in json.dumps(during)


def test_who_is_signed_in_is_never_asked_for_a_line(entries):
    def asked() -> User:
        raise AssertionError("a log line asked who it is")

    def view(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(asked)
        logging.getLogger("essai").warning("avant de savoir")
        return HttpResponse()

    AccessMiddleware(view)(RequestFactory().get("/"))

    assert [entry["user"] for entry in entries()] == [None]


def test_what_django_logs_of_a_refusal_has_the_person_and_of_a_stranger_s_nobody(
    entries, client_of, gerant
):
    client_of(gerant).get("/governance/integrity/")
    Client().get("/rien/")

    refused, not_found = [entry for entry in entries() if entry["logger"] == "django.request"]
    assert refused["user"] == gerant.pk
    assert not_found["user"] is None


# --- Gunicorn's own lines ------------------------------------------------------------------------


def test_gunicorn_s_own_lines_follow_the_format_too():
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "mlpp_gov.wsgi"),
            *("--config", "gunicorn.conf.py", "--bind", "127.0.0.1:0"),
        ],
        env={
            **os.environ,
            "LOG_FORMAT": "json",
            "DATABASE_URL": "postgresql://app@127.0.0.1:9/none",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = [server.stderr.readline()]
    while "Booting worker" not in lines[-1]:  # from then on it hears signals
        lines.append(server.stderr.readline())
        assert lines[-1], "gunicorn ended by itself"
    server.send_signal(signal.SIGTERM)
    lines += server.communicate(timeout=60)[1].splitlines()

    entries = [json.loads(line) for line in lines]
    assert server.returncode == 0
    assert entries[0]["message"].startswith("Starting gunicorn")
    assert {entry["logger"] for entry in entries} == {"gunicorn.error"}
    assert {entry["release"] for entry in entries} == {os.environ["APP_RELEASE"]}
