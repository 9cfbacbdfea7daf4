"""A real browser before a real server before a committed database.

One server serves the whole folder; each test finds its database new, with its people and nothing
else. Everything of playwright's ends with the folder: while it runs, its event loop would make
Django refuse the ORM to the tests that follow.
"""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from tests import business, database
from tests.e2e.cockpit import DATABASE, LIST, PASSWORD, Cockpit

ROOT = Path(__file__).resolve().parents[2]
# A machine under load is slow, not wrong: nothing waits that long when all is well.
PATIENCE = 15_000  # milliseconds
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # root, in CI
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
)


@dataclass(frozen=True)
class Server:
    url: str
    log: Path


@pytest.fixture(scope="package")
def browser(template_database: str) -> Iterator[Browser]:
    """The machine's own Chromium; after the template database, which is built with the ORM."""
    executable = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if executable is None:
        absent = f"no browser on this machine: none of {', '.join(BROWSER_NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    expect.set_options(timeout=PATIENCE)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=ARGUMENTS) as chromium,
    ):
        yield chromium


@pytest.fixture(scope="package")
def server(
    browser: Browser, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The product under gunicorn on a free port."""
    database.create_database(DATABASE.name, template=template_database)
    log = tmp_path_factory.mktemp("e2e") / "server.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as errors:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        gunicorn = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "mlpp_gov.wsgi"),
                *("--config", ROOT / "gunicorn.conf.py"),
                *("--bind", f"fd://{listener.fileno()}"),
            ],
            cwd=ROOT,
            env=DATABASE.env,
            pass_fds=[listener.fileno()],
            stderr=errors,
        )
    try:
        _wait_until_healthy(url, log)
        yield Server(url, log)
    finally:
        gunicorn.terminate()
        gunicorn.wait(timeout=30)
        database.drop_database(DATABASE.name)


def _wait_until_healthy(url: str, log: Path) -> None:
    """The port is open already: the first answer comes when the server is ready, or never."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=30) as response:  # noqa: S310
            assert response.status == 200
    except OSError as error:
        pytest.fail(f"the server does not answer: {error}\n{log.read_text()}")


@pytest.fixture(scope="package")
def password_hash() -> str:
    return make_password(PASSWORD)


@pytest.fixture
def cockpit(server: Server, template_database: str, password_hash: str) -> Iterator[Cockpit]:
    """The product over a new database, with one person for each role that these tests need."""
    database.create_database(DATABASE.name, template=template_database)
    logged_before = server.log.stat().st_size
    people = {role: uuid4() for role in (Role.ADMIN, Role.DIRECTEUR, Role.PCA, Role.GERANT)}
    with DATABASE.owner() as connection, connection.cursor() as cursor:
        for role, person in people.items():
            cursor.execute("INSERT INTO auth.users (id) VALUES (%s)", [person])
            cursor.execute(
                "INSERT INTO public.profils (user_id, nom_complet, role) VALUES (%s, %s, %s)",
                [person, str(role.label), role.value],
            )
            cursor.execute(
                "INSERT INTO gouvernance.mlpp_gov_user (username, password, full_name, email,"
                " role, supabase_user_id, is_active, date_joined)"
                " VALUES (%s, %s, %s, '', %s, %s, true, now())",
                [role.value, password_hash, f"{role.label} de test", role.value, person],
            )
    yield Cockpit(server.url, people)
    with server.log.open("rb") as log:  # shown by pytest beside a failure
        log.seek(logged_before)
        sys.stderr.write(log.read().decode())


@pytest.fixture
def incident(cockpit: Cockpit) -> Cockpit:
    """The product with one CRITICAL, a negative tank, and two WARN, trucks that wait for days."""
    with DATABASE.owner() as connection, connection.cursor() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 0)
        business.adjustment(cursor, tank, -4_000)
        for plate in ("1234AB01", "5678CD05"):
            business.cdr(cursor, days_old=5, statut="ARRIVE", plaque_camion=plate)
        cursor.execute("SELECT gouvernance.sync_alerts()")
    return cockpit


@pytest.fixture
def new_page(cockpit: Cockpit, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser profile of its own, in French unless said; closed after the test."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "fr-FR", "base_url": cockpit.url, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(
    cockpit: Cockpit, new_page: Callable[..., Page], password_hash: str
) -> Callable[..., Page]:
    """Open a path as a person who has signed in, in a browser of their own."""

    def opened(role: Role, *, path: str = LIST, **options: Any) -> Page:
        page = new_page(**options)
        page.context.add_cookies(
            [{"name": "sessionid", "value": _session(role, password_hash), "url": cockpit.url}]
        )
        page.goto(path)
        return page

    return opened


def _session(role: Role, password_hash: str) -> str:
    """Key of a new session, as the login leaves it; the form itself costs two seconds a time."""
    key = uuid4().hex
    with DATABASE.owner() as connection:
        (user_id,) = connection.execute(
            "SELECT id FROM gouvernance.mlpp_gov_user WHERE role = %s", [role.value]
        ).fetchone()
        data = {
            SESSION_KEY: str(user_id),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: User(password=password_hash).get_session_auth_hash(),
        }
        connection.execute(
            "INSERT INTO gouvernance.django_session (session_key, session_data, expire_date)"
            " VALUES (%s, %s, now() + interval '1 hour')",
            [key, SessionStore().encode(data)],
        )
    return key
