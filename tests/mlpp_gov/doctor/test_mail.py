"""The self-test on e-mail: the server is greeted, and nothing is sent."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from alerts.doctor import mail_server_lets_us_in
from mlpp_gov.messaging import MAIL_TO_FILES, NO_MAIL
from tests.mlpp_gov.doctor.test_configuration import FAIL, OK, WARN, state

SECRET = "tres-secret"


class MailServer:
    """One conversation; `refuses` the password where it is told to."""

    def __init__(self, *, refuses: bool) -> None:
        self.heard: list[str] = []
        self.refuses = refuses
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.thread = Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with self._listener, self._listener.accept()[0] as client:
            client.sendall(b"220 essai\r\n")
            for line in client.makefile("r"):
                verb = line.split()[0].upper()
                self.heard.append(verb)
                client.sendall(self._answer(verb))
                if verb == "QUIT":
                    return

    def _answer(self, verb: str) -> bytes:
        match verb:
            case "EHLO":
                return b"250-essai\r\n250 AUTH PLAIN\r\n"
            case "AUTH":
                return b"535 non\r\n" if self.refuses else b"235 bien\r\n"
        return b"221 au revoir\r\n"


@pytest.fixture
def mail_server(request: pytest.FixtureRequest, settings: Any) -> Iterator[MailServer]:
    server = MailServer(refuses=request.param)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "moi", SECRET
    yield server
    server.thread.join(timeout=10)


@pytest.mark.parametrize("mail_server", [False], indirect=True)
def test_a_mail_server_that_lets_us_in_is_well_and_gets_no_message(mail_server: MailServer) -> None:
    assert state(mail_server_lets_us_in()) == OK
    assert mail_server.heard == ["EHLO", "AUTH", "QUIT"]


@pytest.mark.parametrize("mail_server", [True], indirect=True)
def test_a_password_that_is_refused_fails_and_is_not_shown(mail_server: MailServer) -> None:
    finding = mail_server_lets_us_in()
    assert (state(finding), "mot de passe" in finding.said) == (FAIL, True)
    assert SECRET not in finding.said + finding.to_do


def test_a_closed_port_fails(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_PORT = listener.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    assert state(mail_server_lets_us_in()) == FAIL


def test_without_a_server_it_warns_and_files_will_do_in_development(
    settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = NO_MAIL
    assert state(mail_server_lets_us_in()) == WARN
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = MAIL_TO_FILES, tmp_path
    assert state(mail_server_lets_us_in()) == OK
