"""A login that row-level security does not bind stops the start-up where it matters."""

import subprocess
import sys

import pytest

from tests.database import Database, run_on_server

SERVED = {
    "SECRET_KEY": "x" * 64,
    "ALLOWED_HOSTS": "gouvernance.example.org",
    "APP_RELEASE": "v0.0.0+0000000",
    "PUBLIC_URL": "https://gouvernance.example.org",
}


def start(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import mlpp_gov.wsgi"],
        env={**env, **SERVED},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("app_env", ["staging", "production"])
def test_a_superuser_is_refused_with_what_to_do(fresh_database: Database, app_env: str) -> None:
    started = start(
        {**fresh_database.env, "APP_ENV": app_env, "DATABASE_URL": fresh_database.owner_url}
    )
    assert started.returncode == 1
    assert "DATABASE_URL : le rôle postgres est SUPERUSER" in started.stderr
    assert "mlpp_gov_app" in started.stderr


@pytest.mark.parametrize(
    ("given", "taken"), [("BYPASSRLS", "NOBYPASSRLS"), ("INHERIT", "NOINHERIT")]
)
def test_the_applications_login_must_not_have_been_widened(
    fresh_database: Database, given: str, taken: str
) -> None:
    run_on_server(f"ALTER ROLE mlpp_gov_app {given}")
    try:
        started = start({**fresh_database.env, "APP_ENV": "production"})
    finally:
        run_on_server(f"ALTER ROLE mlpp_gov_app {taken}")
    assert started.returncode == 1
    assert given in started.stderr


def test_the_login_that_the_contract_installs_starts(fresh_database: Database) -> None:
    assert start({**fresh_database.env, "APP_ENV": "production"}).returncode == 0


def test_a_database_that_is_away_does_not_stop_the_start_up(fresh_database: Database) -> None:
    away = fresh_database.url.replace(fresh_database.name, "absente")
    assert (
        start({**fresh_database.env, "APP_ENV": "production", "DATABASE_URL": away}).returncode == 0
    )
