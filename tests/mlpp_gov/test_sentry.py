"""What leaves for Sentry: the release and the error, nothing about people."""

import json
import os
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

# In a process of its own: the SDK patches Django for good. The transport keeps what would leave.
PROGRAM = """
import functools, json, logging, sys, threading, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
import sentry_sdk
from sentry_sdk.transport import Transport

kept = []

class Recorder(Transport):
    def capture_envelope(self, envelope):
        kept.extend([item.type, item.payload.json] for item in envelope.items)

sentry_sdk.init = functools.partial(sentry_sdk.init, transport=Recorder)

import django
django.setup()

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from mlpp_gov import observability, urls
from mlpp_gov.models import User

observability.TRACES_RATE = 1.0

lines = logging.getLogger("essai")
CAST = "username::uuid = %s OR true"

@csrf_exempt
@login_not_required
def failing(request):
    password = request.POST["password"]
    request.user = User(
        pk=770077,
        username="marque-compte",
        full_name="marque-personne",
        email="marque-courriel@example.org",
    )
    User.objects.filter(username="marque-parametre").exists()
    lines.error("échec", extra={"request": request})
    lines.warning("PostgreSQL : %s", "violation\\nDETAIL:  Key (email)=(marque-detail) exists.")
    try:
        User.objects.extra(where=[CAST], params=["marque-donnee"]).exists()
    except DatabaseError as error:
        sentry_sdk.capture_exception(error)
    sentry_sdk.set_extra("essai", {"formulaire": {"password": "marque-profonde"}})
    raise RuntimeError("la vue a échoué")

class Routes:
    handler400, handler500 = urls.handler400, urls.handler500
    urlpatterns = [path("failing/", failing), *urls.urlpatterns]

settings.ROOT_URLCONF = Routes
application = get_wsgi_application()

class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *ignored):
        pass

service = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()
urllib.request.urlopen(f"http://127.0.0.1:{service.server_port}/bot/marque-adresse")
logging.getLogger("apprise").error("adresse incorrecte : marque-adresse")
requests = RequestFactory(headers={"authorization": "Bearer marque-jeton"})
requests.cookies["csrftoken"] = "marque-cookie"

def send(request):
    application(request.environ, lambda *started: None).close()

send(
    requests.post(
        "/failing/?q=marque-recherche",
        {"username": "marque-nom", "password": "marque-passe"},
        REMOTE_ADDR="203.0.113.77",
        headers={"x-forwarded-for": "203.0.113.78"},
    )
)
send(requests.get("/password/MQ/marque-lien/"))
send(requests.get("/", headers={"host": "hostile.example"}))
send(requests.get("/health"))
send(requests.get("/health/live"))
logging.getLogger("procrastinate.worker").error("le même échec à chaque période")
observability.report("l’évaluation a échoué")
observability.report_error(OSError("une tâche a échoué"))
sentry_sdk.flush()
json.dump(kept, sys.stdout)
"""


@pytest.fixture(scope="module")
def sent(django_db_setup: None) -> list[Any]:
    """Every item that a failing request, a hostile Host and /health have sent."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--username", "marque-argument"],
        env={
            **os.environ,
            "APP_ENV": "development",
            "APP_RELEASE": "v9.8.7+abcdef0",
            "ALLOWED_HOSTS": "testserver",
            "SENTRY_DSN": "http://key@127.0.0.1:9/1",
            "DJANGO_SETTINGS_MODULE": "mlpp_gov.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])  # below the lines of the access journal


def events(sent: list[Any]) -> list[dict[str, Any]]:
    return [payload for kind, payload in sent if kind == "event"]


def failure(sent: list[Any], kind: str) -> dict[str, Any]:
    """The one event of an exception of that type."""
    (event,) = (
        event
        for event in events(sent)
        if "exception" in event and event["exception"]["values"][-1]["type"] == kind
    )
    return event


def test_the_error_arrives_with_environment_and_release(sent: list[Any]) -> None:
    event = failure(sent, "RuntimeError")

    assert event["exception"]["values"][-1]["value"] == "la vue a échoué"
    assert event["environment"] == "development"
    assert event["release"] == "v9.8.7+abcdef0"
    assert UUID(event["tags"]["request_id"])


@pytest.mark.parametrize(
    "mark",
    [
        "marque-nom",
        "marque-passe",
        "marque-profonde",
        "marque-cookie",
        "marque-jeton",
        "marque-adresse",
        "marque-compte",
        "marque-personne",
        "marque-courriel",
        "770077",
        "marque-recherche",
        "marque-parametre",
        "marque-donnee",
        "marque-detail",
        "marque-lien",
        "marque-argument",
        "203.0.113.77",
        "203.0.113.78",
    ],
)
def test_nothing_about_the_person_nor_any_address_of_a_channel_leaves(
    sent: list[Any], mark: str
) -> None:
    assert mark not in json.dumps(sent)


def test_local_variables_stay_home(sent: list[Any]) -> None:
    event = failure(sent, "RuntimeError")

    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames
    assert not any("vars" in frame for frame in frames)


def test_an_error_of_the_database_keeps_its_words_and_loses_its_value(sent: list[Any]) -> None:
    values = failure(sent, "DataError")["exception"]["values"]

    assert {error["value"] for error in values} == {'invalid input syntax for type uuid: "…"'}


def test_a_hostile_host_is_not_an_error_to_report(sent: list[Any]) -> None:
    assert "hostile.example" not in json.dumps(events(sent))


def test_a_failed_evaluation_is_what_the_worker_reports_and_not_each_failed_job(
    sent: list[Any],
) -> None:
    (event,) = (event for event in events(sent) if "message" in event)

    assert event["message"] == "l’évaluation a échoué"
    assert event["level"] == "error"
    assert (event["environment"], event["release"]) == ("development", "v9.8.7+abcdef0")


def test_the_error_of_a_job_arrives_with_its_release(sent: list[Any]) -> None:
    event = failure(sent, "OSError")

    assert event["exception"]["values"][-1]["value"] == "une tâche a échoué"
    assert (event["environment"], event["release"]) == ("development", "v9.8.7+abcdef0")


def test_requests_are_traced_but_never_health(sent: list[Any]) -> None:
    traced = [payload["request"]["url"] for kind, payload in sent if kind == "transaction"]

    assert any(url.endswith("/failing/") for url in traced)
    assert not any("/health" in url for url in traced)
    assert {
        (payload["environment"], payload["release"])
        for kind, payload in sent
        if kind == "transaction"
    } == {("development", "v9.8.7+abcdef0")}
