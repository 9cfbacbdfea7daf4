"""A wrong or missing environment variable stops start-up with a message that names it."""

import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import mlpp_gov

SETTINGS = Path(mlpp_gov.__file__).with_name("settings.py")
PRODUCTION = {
    "APP_ENV": "production",
    "APP_RELEASE": "v1.4.0+0c5c2b7",
    "SECRET_KEY": "k" * 64,
    "ALLOWED_HOSTS": "gouvernance.example.org",
    "DATABASE_URL": "postgresql://app:secret@db.example.org:5432/mlpp",
}
OPTIONAL = (
    "APP_TIME_ZONE",
    "BEHIND_TLS_PROXY",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_OWNER_URL",
    "HSTS_SECONDS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MLPP_DATA_DIR",
    "SENTRY_DSN",
    "SYNC_PERIOD_MINUTES",
    "WORKER_LISTEN",
)


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OPTIONAL:
        monkeypatch.delenv(name, raising=False)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)


def start() -> dict[str, Any]:
    return runpy.run_path(str(SETTINGS))


def test_the_five_required_variables_are_enough_in_production() -> None:
    settings = start()

    assert settings["APP_ENV"] == "production"
    assert settings["APP_RELEASE"] == "v1.4.0+0c5c2b7"
    assert settings["DATABASES"]["default"]["HOST"] == "db.example.org"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"APP_ENV"}))
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: str, name: str
) -> None:
    monkeypatch.setenv("APP_ENV", environment)
    monkeypatch.delenv(name)

    with pytest.raises(ImproperlyConfigured, match=name):
        start()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "prod"),
        ("APP_ENV", "Production"),
        ("APP_TIME_ZONE", "Mars/Olympus"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", ""),
        ("BEHIND_TLS_PROXY", "peut-être"),
        ("CSRF_TRUSTED_ORIGINS", "gouvernance.example.org"),
        ("DATABASE_URL", "mysql://app@db.example.org/mlpp"),
        ("DATABASE_URL", "sqlite:///mlpp.db"),
        ("DATABASE_URL", "postgresql://db.example.org/"),
        ("DATABASE_URL", "postgresql://db.example.org:port/mlpp"),
        ("DATABASE_URL", "db.example.org"),
        ("DATABASE_OWNER_URL", "db.example.org"),
        ("HSTS_SECONDS", "une heure"),
        ("HSTS_SECONDS", "-1"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "bavard"),
        ("SENTRY_DSN", "oui"),
        ("SYNC_PERIOD_MINUTES", ""),
        ("SYNC_PERIOD_MINUTES", "0"),
        ("SYNC_PERIOD_MINUTES", "61"),
        ("SYNC_PERIOD_MINUTES", "2.5"),
        ("SYNC_PERIOD_MINUTES", "-5"),
        ("SYNC_PERIOD_MINUTES", "cinq"),
        ("WORKER_LISTEN", "oui"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=name):
        start()


@pytest.mark.parametrize(("minutes", "stale", "dead"), [("1", 2, 6), ("60", 120, 360)])
def test_the_period_of_the_evaluation_says_from_when_it_is_late(
    monkeypatch: pytest.MonkeyPatch, minutes: str, stale: int, dead: int
) -> None:
    monkeypatch.setenv("SYNC_PERIOD_MINUTES", minutes)

    settings = start()

    assert settings["SYNC_STALE_AFTER"] == timedelta(minutes=stale)
    assert settings["SYNC_DEAD_AFTER"] == timedelta(minutes=dead)


def test_the_refusal_of_a_period_says_in_french_what_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SYNC_PERIOD_MINUTES", "90")

    with pytest.raises(ImproperlyConfigured, match="un nombre entier de minutes, de 1 à 60"):
        start()


def test_a_refusal_does_not_repeat_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:tres-secret@db.example.org:port/mlpp")

    with pytest.raises(ImproperlyConfigured) as refusal:
        start()

    assert "tres-secret" not in str(refusal.value)


def test_https_is_forced_outside_development() -> None:
    settings = start()

    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]


def test_development_needs_no_secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "development")
    for name in ("APP_RELEASE", "SECRET_KEY", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name)

    settings = start()

    assert settings["SECRET_KEY"]
    assert settings["APP_RELEASE"].startswith("dev+")


def test_options_of_the_database_url_win_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{PRODUCTION['DATABASE_URL']}?connect_timeout=9")

    assert start()["DATABASES"]["default"]["OPTIONS"]["connect_timeout"] == 9
