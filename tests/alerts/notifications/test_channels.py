"""Sending: what arrives, and what a person reads when nothing does; never an address or a secret."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail

from alerts.notifications import channels
from alerts.notifications.channels import ChannelError, send
from mlpp_gov import messaging
from mlpp_gov.models import User

SECRET = "jeton-tres-secret"
PATIENCE = 0.3  # seconds given to a service in these tests


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messaging, "STEP_TIMEOUT", PATIENCE)
    monkeypatch.setattr(messaging, "WHOLE_TIMEOUT", 2 * PATIENCE)
    monkeypatch.setattr(channels, "STEP_TIMEOUT", PATIENCE)


# --- Services over HTTP ---------------------------------------------------------------------------


class Service(ThreadingHTTPServer):
    """A service that keeps what it receives and answers as it is told to."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status, self.location = 200, ""
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.received.append(json.loads(self.rfile.read(length)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """The test's output stays clean."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Start a server that hands its only connection to a function, then closes it; returns its port."""
    servers: list[socket.socket] = []

    def start(behave: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            connection, _ = server.accept()
            connection.settimeout(10)
            with connection, suppress(OSError):
                behave(connection)

        threading.Thread(target=run, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for server in servers:
        server.close()


def channel(settings: Any, port: int, *, options: str = "") -> None:
    """The channel « astreinte » is a webhook on that port, with a secret wherever one can be."""
    settings.NOTIFY_CHANNELS = messaging.channels(
        f"astreinte=json://{SECRET}:{SECRET}@127.0.0.1:{port}/{SECRET}/?+X-Key={SECRET}{options}"
    )


def refusal(recipient: str = "channel:astreinte") -> ChannelError:
    with pytest.raises(ChannelError) as refused:
        send(recipient, "Stock négatif", "TANK3 · Dépôt Daipn")
    assert refused.value.__cause__ is None, "what it came from may hold the address"
    return refused.value


def test_a_service_receives_title_and_text(settings: Any, service: Service) -> None:
    channel(settings, service.server_port)
    send("channel:astreinte", "Stock\nnégatif", "TANK3 <b>&</b> *Daipn*")
    (received,) = service.received
    assert received["title"] == "Stock négatif"
    assert received["message"] == "TANK3 <b>&</b> *Daipn*"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_refusal_says_the_status_and_may_be_tried_again(
    settings: Any, service: Service, status: int
) -> None:
    service.status = status
    channel(settings, service.server_port)
    refused = refusal()
    assert refused.reason == f"Le service a refusé le message (HTTP {status})."
    assert not refused.permanent
    assert len(service.received) == 1


def test_a_url_that_asks_for_retries_gets_one_attempt(settings: Any, service: Service) -> None:
    service.status = 500
    channel(settings, service.server_port, options="&retry=5&wait=0")
    refusal()
    assert len(service.received) == 1, "the queue retries, and each attempt is recorded"


@pytest.mark.parametrize("options", ["", "&redirect=yes"])
def test_a_redirection_is_not_followed(settings: Any, service: Service, options: str) -> None:
    service.status, service.location = 307, f"http://127.0.0.1:{service.server_port}/ailleurs"
    channel(settings, service.server_port, options=options)
    assert refusal().reason == "Le service a refusé le message (HTTP 307)."
    assert len(service.received) == 1


def test_a_service_that_is_not_there_is_said_to_be_out_of_reach(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    channel(settings, port)
    refused = refusal()
    assert refused.reason == "La connexion a échoué\u00a0: le service est injoignable ou a coupé."
    assert not refused.permanent


def test_a_service_that_hangs_up_is_said_to_have_cut(settings: Any, listener: Any) -> None:
    channel(settings, listener(lambda connection: None))
    assert "a coupé" in refusal().reason


@pytest.mark.parametrize("options", ["", "&rto=600&cto=600"])
def test_a_silent_service_is_left_in_time_whatever_its_url_asks(
    settings: Any, listener: Any, options: str
) -> None:
    done = threading.Event()
    channel(settings, listener(lambda connection: done.wait(10)), options=options)
    started = time.monotonic()
    refused = refusal()
    done.set()
    assert time.monotonic() - started < 5
    assert "n’a pas répondu en" in refused.reason
    assert not refused.permanent


def test_a_service_that_answers_drop_by_drop_is_left_in_time(settings: Any, listener: Any) -> None:
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not done.wait(PATIENCE / 5):
            connection.sendall(b"x")

    channel(settings, listener(drip))
    started = time.monotonic()
    refused = refusal()
    done.set()
    assert time.monotonic() - started < 5
    assert "n’a pas répondu en" in refused.reason


def test_a_channel_that_fails_leaves_the_others_alone(settings: Any, service: Service) -> None:
    settings.NOTIFY_CHANNELS = {
        "astreinte": "json://127.0.0.1:1/",
        "depot": f"json://127.0.0.1:{service.server_port}/",
    }
    refusal()
    send("channel:depot", "Stock négatif", "TANK3")
    assert len(service.received) == 1


@pytest.mark.parametrize(
    "recipient",
    [
        "channel:inconnu",
        "channel:",
        "channel",
        "personne:1",
        "person:",
        "person:-1",
        "person:１",
        "person:" + "9" * 400,
        "",
    ],
)
def test_a_recipient_that_does_not_exist_is_given_up(settings: Any, recipient: str) -> None:
    settings.NOTIFY_CHANNELS = {"astreinte": "json://127.0.0.1:1/"}
    assert refusal(recipient).permanent


def test_an_address_that_went_bad_is_given_up_without_being_shown(settings: Any) -> None:
    settings.NOTIFY_CHANNELS = {"astreinte": f"inconnu://{SECRET}"}
    refused = refusal()
    assert refused.permanent
    assert SECRET not in refused.reason


@pytest.mark.parametrize("what", ["500", "silent", "absent"])
def test_no_secret_reaches_the_failure_the_logs_or_the_console(
    settings: Any, service: Service, listener: Any, what: str, capfd: Any
) -> None:
    heard: list[str] = []

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    done = threading.Event()
    service.status = 500
    port = {
        "500": lambda: service.server_port,
        "silent": lambda: listener(lambda connection: done.wait(10)),
        "absent": lambda: 1,
    }[what]()
    channel(settings, port)
    root, hearing = logging.getLogger(), Hearing()
    level = root.level
    root.addHandler(hearing)
    root.setLevel(logging.DEBUG)
    try:
        refused = refusal()
    finally:
        root.setLevel(level)
        root.removeHandler(hearing)
        done.set()
    assert SECRET not in refused.reason
    assert SECRET not in "".join(heard)
    assert SECRET not in "".join(capfd.readouterr())


# --- E-mail ---------------------------------------------------------------------------------------


@pytest.fixture
def reader(directeur: User) -> User:
    directeur.email = "directeur@example.org"
    directeur.save()
    return directeur


def test_an_e_mail_reaches_the_person_with_an_id_that_stays(settings: Any, reader: User) -> None:
    settings.PUBLIC_URL = "https://gouvernance.example.org:8443"
    for _ in range(2):
        send(f"person:{reader.pk}", "Stock\r\nnégatif", "TANK3", message=41)
    first, second = mail.outbox
    assert (first.to, first.subject, first.body) == (
        ["directeur@example.org"],
        "Stock négatif",
        "TANK3",
    )
    ids = {sent.message()["Message-ID"] for sent in (first, second)}
    assert ids == {"<notification-41@gouvernance.example.org>"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"email": ""}, "Cette personne n’a pas d’adresse e-mail."),
        ({"email": "pas une adresse"}, "L’adresse e-mail de cette personne est incorrecte."),
        ({"email": "a@b.org\nBcc: x@y.org"}, "L’adresse e-mail de cette personne est incorrecte."),
        ({"is_active": False}, "Cette personne n’a plus de compte actif."),
    ],
)
def test_nobody_to_write_to_is_given_up(reader: User, changed: dict[str, Any], reason: str) -> None:
    User.objects.filter(pk=reader.pk).update(**changed)
    refused = refusal(f"person:{reader.pk}")
    assert (refused.reason, refused.permanent) == (reason, True)
    assert mail.outbox == []


def test_a_person_who_does_not_exist_is_given_up(db: None) -> None:
    assert refusal("person:999999").permanent


def test_without_a_mail_server_the_message_is_given_up(settings: Any, reader: User) -> None:
    settings.EMAIL_BACKEND = messaging.NO_MAIL
    refused = refusal(f"person:{reader.pk}")
    assert refused.permanent
    assert "EMAIL_URL" in refused.reason


def test_in_development_an_e_mail_is_a_file(settings: Any, reader: User, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = messaging.MAIL_TO_FILES, tmp_path / "mail"
    send(f"person:{reader.pk}", "Stock négatif", "TANK3", message=1)
    (written,) = (tmp_path / "mail").iterdir()
    assert "To: directeur@example.org" in written.read_text()


@pytest.fixture
def mail_server(settings: Any, listener: Any) -> Callable[..., None]:
    """Send through a server that greets, gives these answers, one for each line, then says nothing.

    An empty answer hangs up.
    """

    def start(*answers: str, user: str = "") -> None:
        def converse(connection: socket.socket) -> None:
            connection.sendall(b"220 mail.example.org\r\n")
            with connection.makefile("rb") as lines:
                for answer in answers:
                    if not lines.readline() or not answer:
                        return
                    connection.sendall(answer.encode() + b"\r\n")
                lines.read()

        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listener(converse)
        settings.EMAIL_TIMEOUT = PATIENCE
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = user, user

    return start


HELLO, OK = "250 mail.example.org", "250 OK"


@pytest.mark.parametrize(
    ("answers", "said", "permanent"),
    [
        ((HELLO, OK, f"550 {SECRET} unknown", OK), "a refusé l’adresse de cette personne (550)", 1),
        ((HELLO, OK, "450 later", OK), "a refusé l’adresse de cette personne (450)", 0),
        ((HELLO, f"553 {SECRET}", OK), "a refusé le message (553)", 0),
        ((HELLO, OK, OK, f"554 {SECRET} no", OK), "a refusé le message (554)", 0),
        ((HELLO,), "n’a pas répondu", 0),
        ((HELLO, ""), "La connexion a échoué", 0),
        (("421 closing", "421 closing"), "a refusé le message (421)", 0),
    ],
)
def test_what_the_mail_server_refuses_is_said_in_our_words(
    mail_server: Any, reader: User, answers: tuple[str, ...], said: str, permanent: int
) -> None:
    mail_server(*answers)
    refused = refusal(f"person:{reader.pk}")
    assert said in refused.reason
    assert refused.permanent == bool(permanent)
    assert SECRET not in refused.reason
    assert reader.email not in refused.reason


def test_a_wrong_password_is_said_and_not_shown(mail_server: Any, reader: User) -> None:
    mail_server(f"{HELLO[:3]}-mail.example.org\r\n250 AUTH PLAIN", f"535 {SECRET}", user=SECRET)
    refused = refusal(f"person:{reader.pk}")
    assert refused.reason == "Le serveur d’e-mail a refusé notre mot de passe (535)."


def test_a_mail_server_that_is_not_there_is_said(settings: Any, reader: User) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    refused = refusal(f"person:{reader.pk}")
    assert "injoignable" in refused.reason
    assert not refused.permanent
