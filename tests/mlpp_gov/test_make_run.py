"""What `make run` runs: one process that prepares, serves, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psutil  # type: ignore[import-untyped]
import pytest
from django.conf import settings

SECONDS_TO_START = 60
COMMAND = [sys.executable, "manage.py", "dev"]


def environment(data: Path, **variables: str) -> dict[str, str]:
    """The variables of somebody who set none of the database's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    return {**ours, "MLPP_DATA_DIR": str(data), **variables}


def refusal(env: dict[str, str]) -> str:
    """What a run that is refused says."""
    done = subprocess.run(
        COMMAND, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


class Run:
    """A `manage.py dev` that answers, on a port of its own."""

    def __init__(self, data: Path, **variables: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.data = data
        self.url = f"http://127.0.0.1:{self.port}/"
        self.env = environment(data, PORT=str(self.port), **variables)
        self.process = subprocess.Popen(
            COMMAND, cwd=settings.BASE_DIR, env=self.env, stdout=subprocess.PIPE, text=True
        )

    def health(self) -> int:
        with build_opener().open(f"{self.url}health", timeout=30) as response:
            return int(response.status)

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                assert self.health() == 200
                return
            except URLError:
                assert self.process.poll() is None, "the run ended before it answered"
                assert time.monotonic() < deadline, "the run did not answer in time"
                time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> str:
        """Send the signal, and return all that the run printed."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=30)
        return output

    def processes(self) -> list[psutil.Process]:
        """The live processes that were started with, or on, this run's data."""
        found = []
        for process in psutil.process_iter():
            try:
                names_data = any(str(self.data) in argument for argument in process.cmdline())
                has_data = process.environ().get("MLPP_DATA_DIR") == str(self.data)
            except psutil.Error:  # gone meanwhile, or somebody else's
                continue
            if names_data or has_data:
                found.append(process)
        return found

    def worker(self) -> psutil.Process:
        (worker,) = (process for process in self.processes() if "worker" in process.cmdline())
        return worker

    def can_log_in(self, username: str, password: str) -> bool:
        cookies = CookieJar()
        browser = build_opener(HTTPCookieProcessor(cookies))
        login = f"{self.url}login/"
        browser.open(login).close()
        token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token}
        with browser.open(login, urlencode(form).encode()) as response:
            return bool(response.url != login)


@contextmanager
def running(data: Path, **variables: str) -> Iterator[Run]:
    run = Run(data, **variables)
    try:
        run.wait_until_healthy()
        yield run
    finally:
        if run.process.poll() is None:
            run.stop()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data folder for the whole file: the first run installs, the others find it done.

    Outside pytest's own folder, which any pytest that starts as root closes to the server.
    """
    with TemporaryDirectory(prefix="mlpp-run-") as path:
        yield Path(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_all_and_is_a_success(data: Path, number: signal.Signals) -> None:
    with running(data) as run:
        assert len(run.processes()) > 3, "the run, gunicorn, a worker and PostgreSQL"
        assert run.worker().is_running()
        run.stop(number)
    assert run.process.returncode == 0
    assert run.processes() == []
    assert {path.name for path in data.iterdir()} <= {"postgres", "mail"}
    assert list(data.glob("postgres/.s.PGSQL*")) == []


def test_a_worker_that_ends_by_itself_ends_the_run_and_leaves_nothing(data: Path) -> None:
    with running(data) as run:
        run.worker().kill()
        run.process.communicate(timeout=30)
    assert run.process.returncode == 1
    assert run.processes() == []


def test_it_says_where_to_go_and_who_may_sign_in(data: Path) -> None:
    with running(data) as run:
        output = run.stop()
    assert run.url in output
    assert "admin, directeur, pca, gerant, operateur, lecture" in output
    assert "mlpp-demo" in output


def test_the_password_that_it_announces_works(data: Path) -> None:
    with running(data) as run:
        assert run.can_log_in("directeur", "mlpp-demo")
    with running(data, MLPP_DEMO_PASSWORD="une autre phrase") as run:
        assert run.can_log_in("directeur", "une autre phrase")
        assert not run.can_log_in("directeur", "mlpp-demo")


def test_a_second_run_names_the_first_and_leaves_it_alone(data: Path) -> None:
    with running(data) as run:
        assert f"tourne déjà avec ces données : {run.url}" in refusal(run.env)
        assert run.health() == 200


def test_a_port_in_use_is_named(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Le port {port} est déjà pris" in refusal(environment(data, PORT=port))


@pytest.mark.parametrize("port", ["abc", "65536", "-1", "8000 "])
def test_a_port_that_is_none_is_refused(data: Path, port: str) -> None:
    assert f"PORT={port} : un nombre" in refusal(environment(data, PORT=port))


def test_it_refuses_outside_development(data: Path) -> None:
    staging = environment(
        data,
        APP_ENV="staging",
        APP_RELEASE="v1.0.0+0c5c2b7",
        SECRET_KEY="k" * 50,
        ALLOWED_HOSTS="example.org",
        PUBLIC_URL="https://example.org",
        DATABASE_URL="postgresql://application@localhost/mlpp",
    )
    assert "ne sert qu’en développement" in refusal(staging)
