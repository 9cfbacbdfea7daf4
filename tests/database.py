"""The PostgreSQL under the tests: embedded by default, or the server that TEST_DATABASE_URL names.

Loaded as a pytest plugin, before Django reads its settings. The test database's session logs in as
the superuser and acts as the application's login (SET SESSION AUTHORIZATION), so that one rolled-back
transaction can hold both what the owner plants and what the application may see of it.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from mlpp_gov import embedded

APP_LOGIN = embedded.APP_LOGIN


def _embedded_server() -> str:
    """URL of a throw-away server: a crash may cost its data, so it need not wait for the disk."""
    folder = Path(tempfile.mkdtemp(prefix="mlpp-tests-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the server has stopped
    embedded.start(folder)
    url = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


SERVER_URL = os.environ.get("TEST_DATABASE_URL") or _embedded_server()


def url_of(database: str, *, user: str | None = None) -> str:
    """URL of a database of the test server, as its superuser or as another login."""
    info = psycopg.conninfo.conninfo_to_dict(SERVER_URL)
    host = quote(str(info.get("host", "localhost")), safe="")
    login = user or info.get("user", "postgres")
    return f"postgresql://{login}@:{info.get('port', 5432)}/{database}?host={host}"


os.environ.update(
    APP_ENV="development",
    APP_RELEASE="v0.0.0+0000000",
    DATABASE_URL=url_of("mlpp_test", user=APP_LOGIN),
    DATABASE_OWNER_URL=url_of("mlpp_test"),
    DJANGO_SETTINGS_MODULE="mlpp_gov.settings",
)


def run_on_server(sql: str) -> None:
    with psycopg.connect(SERVER_URL, autocommit=True) as connection:
        connection.execute(sql)


def create_database(name: str, *, template: str = "template1") -> None:
    run_on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    run_on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    run_on_server(
        f'ALTER ROLE {APP_LOGIN} IN DATABASE "{name}" SET search_path = gouvernance, public'
    )


def drop_database(name: str) -> None:
    run_on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class Database:
    """A committed database of a test's own, for processes, threads and browsers."""

    name: str

    @property
    def url(self) -> str:
        return url_of(self.name, user=APP_LOGIN)

    @property
    def owner_url(self) -> str:
        return url_of(self.name)

    @property
    def env(self) -> dict[str, str]:
        """Environment of a `manage.py …` subprocess on this database."""
        return {**os.environ, "DATABASE_URL": self.url, "DATABASE_OWNER_URL": self.owner_url}

    def owner(self) -> psycopg.Connection:
        return psycopg.connect(self.owner_url, autocommit=True)

    def app(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


@contextmanager
def as_owner() -> Iterator[Any]:
    """Cursor on the test's own transaction with the superuser's rights, to plant business data."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")
        yield cursor
        cursor.execute(f"SET SESSION AUTHORIZATION {APP_LOGIN}")


def act_as_app_login(connection: object, **_: object) -> None:
    """On connection_created: the test session has the rights of the application's login only."""
    if connection.alias == "default":  # type: ignore[attr-defined]
        with connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SET search_path = gouvernance, public")
            cursor.execute("SET jit = off")  # as the login itself has it
            cursor.execute(f"SET SESSION AUTHORIZATION {APP_LOGIN}")
