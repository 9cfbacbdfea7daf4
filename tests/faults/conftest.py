"""The product on real processes: gunicorn, PgBouncer, and people whose acts are committed."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, build_opener
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.db.backends.signals import connection_created

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from mlpp_gov.settings import database as django_settings_of
from tests import business, database

PASSWORD = "correct horse battery staple"
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
SECONDS_TO_SEE = 60

hashed = cache(make_password)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again, for a bounded time, at what another process does."""
    deadline = time.monotonic() + SECONDS_TO_SEE
    while not holds():
        assert time.monotonic() < deadline, f"not seen in {SECONDS_TO_SEE} s: {what}"
        time.sleep(0.01)


def waiting_for_a_lock(owner: psycopg.Connection, query: str) -> list[int]:
    """Process ids of the sessions of this database that wait for a lock in such a query."""
    rows = owner.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query ILIKE %s",
        [f"%{query}%"],
    )
    return [pid for (pid,) in rows]


def plant_person(owner: psycopg.Connection, role: Role, *, profile: str | None, name: str) -> User:
    """A committed person who signs in with PASSWORD; `name` is also how they are called."""
    person = User(username=name, full_name=name, role=role, supabase_user_id=uuid4())
    owner.execute("INSERT INTO auth.users (id) VALUES (%s)", [person.supabase_user_id])
    if profile:
        owner.execute(
            "INSERT INTO public.profils (user_id, role) VALUES (%s, %s)",
            [person.supabase_user_id, profile],
        )
    owner.execute(
        "INSERT INTO gouvernance.mlpp_gov_user (username, full_name, role, supabase_user_id,"
        " password, email, is_active, date_joined) VALUES (%s, %s, %s, %s, %s, '', true, now())",
        [name, name, role, person.supabase_user_id, hashed(PASSWORD)],
    )
    return person


def plant_alert(owner: psycopg.Connection) -> tuple[UUID, UUID]:
    """An arrived truck that waits for its reception, and the alert that an evaluation opened on it."""
    truck = business.cdr(owner.cursor(), days_old=3, statut="ARRIVE")
    owner.execute("SELECT gouvernance.sync_alerts()")
    (alert,) = owner.execute(
        "SELECT id FROM public.system_alerts WHERE entity_id = %s", [truck]
    ).fetchone()
    return truck, alert


@pytest.fixture
def log_in_as_the_application(
    django_db_blocker: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Point this process's Django, its threads included, at a URL, as DATABASE_URL would."""
    default = connections["default"]
    test_session = connection_created.disconnect(database.act_as_app_login)
    default.close()

    def point(url: str) -> None:
        for name, value in django_settings_of("DATABASE_URL", url).items():
            monkeypatch.setitem(default.settings_dict, name, value)

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield point
        default.close()
    if test_session:
        connection_created.connect(database.act_as_app_login)


# --- PgBouncer -----------------------------------------------------------------------------------


class Pooler(NamedTuple):
    url: str  # the application's login
    log: Path


@pytest.fixture
def pooler(fresh_database: database.Database, request: pytest.FixtureRequest) -> Iterator[Pooler]:
    """A PgBouncer in transaction mode before the test's database, with one server connection.

    An indirect parameter holds other settings, as in pgbouncer.ini.
    """
    if PGBOUNCER is None:
        if os.environ.get("CI") == "true":
            pytest.fail("pgbouncer is not installed: CI must not skip its tests")
        pytest.skip("pgbouncer is not installed (Debian: apt install pgbouncer)")
    server = psycopg.conninfo.conninfo_to_dict(fresh_database.url)
    folder = Path(tempfile.mkdtemp(prefix="mlpp-pooler-"))
    folder.chmod(0o755)
    account = {}
    if (
        os.geteuid() == 0
    ):  # which PgBouncer refuses to be; the server's own account opens its socket
        owner = Path(server["host"]).stat()
        account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        os.chown(folder, owner.st_uid, owner.st_gid)
    log = folder / "pgbouncer.log"
    options = {
        "pool_mode": "transaction",
        "default_pool_size": "1",
        "auth_type": "any",
        "unix_socket_dir": folder,
        "listen_port": "6432",  # names the socket's file; nothing listens on TCP
        "logfile": log,
        **getattr(request, "param", {}),
    }
    lines = [f"{name} = {value}" for name, value in options.items()]
    target = " ".join(f"{name}={server[name]}" for name in ("host", "port", "user"))
    (folder / "pgbouncer.ini").write_text(
        "\n".join(["[databases]", f"* = {target}", "[pgbouncer]", *lines, ""])
    )
    process = subprocess.Popen([PGBOUNCER, "--quiet", folder / "pgbouncer.ini"], **account)
    try:
        wait_until((folder / ".s.PGSQL.6432").exists, "PgBouncer's socket")
        yield Pooler(
            f"postgresql://{server['user']}@:6432/{fresh_database.name}?host={quote(str(folder))}",
            log,
        )
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


# --- The site and its visitors -------------------------------------------------------------------


class Page(NamedTuple):
    status: int
    url: str
    text: str


class Browser:
    """A visitor with cookies, who reads forms and posts them."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str, data: dict[str, str] | None = None) -> Page:
        body = None if data is None else urlencode(data).encode()
        try:
            response = self._opener.open(self.site + path, body, timeout=SECONDS_TO_SEE)
        except HTTPError as error:
            response = error
        with response:
            return Page(response.status, response.url, response.read().decode())

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        page = self.submit(self.get("/login/"), "/login/", username=username, password=password)
        assert "/login/" not in page.url, page.text

    def submit(self, page: Page, path: str, **fields: str) -> Page:
        """Post to `path` the hidden fields of the form that leads there, and `fields`."""
        main = page.text[page.text.index("<main") : page.text.index("</main>")]
        forms = re.findall(r"<form\b.*?</form>", main, re.DOTALL)
        form = next((form for form in forms if f'action="{path}"' in form), forms[-1])
        inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        hidden = {name: unescape(value) for name, value in inputs}
        return self.get(path, {**hidden, **fields})


class Site(NamedTuple):
    url: str
    log: Path
    gunicorn: subprocess.Popen[bytes]
    listener: socket.socket

    def browser(self, username: str) -> Browser:
        browser = Browser(self.url)
        browser.sign_in(username)
        return browser


def gunicorn_on(
    listener: socket.socket,
    url: str,
    log: Path,
    *options: str,
    application: str = "mlpp_gov.wsgi",
    **variables: str,
) -> subprocess.Popen[bytes]:
    """Gunicorn with the project's own settings, on the database of that URL.

    `options` are gunicorn's, `variables` are added to its environment.
    """
    environment = {**os.environ, "DATABASE_URL": url, **variables}
    del environment["DATABASE_OWNER_URL"]  # a web process does not need it
    with log.open("a") as output:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", application),
                *("--config", "gunicorn.conf.py", "--bind", f"fd://{listener.fileno()}", *options),
            ],
            cwd=settings.BASE_DIR,
            env=environment,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=output,
        )


@contextmanager
def serving(url: str, log: Path, *options: str, **more: str) -> Iterator[Site]:
    """The site on a free port; what may be said of it is gunicorn_on()'s."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = gunicorn_on(listener, url, log, *options, **more)
        try:
            yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", log, process, listener)
        finally:
            process.terminate()
            process.wait(timeout=30)
