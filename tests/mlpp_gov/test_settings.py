"""A wrong or missing environment variable stops start-up with a message that names it."""

import os
import runpy
import secrets
import subprocess
import sys
import traceback
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
    "PUBLIC_URL": "https://gouvernance.example.org",
}
OPTIONAL = (
    "APP_TIME_ZONE",
    "AUTH_MODE",
    "BEHIND_TLS_PROXY",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_OWNER_URL",
    "DATABASE_POOLING",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "GOTRUE_API_KEY",
    "GOTRUE_AUDIENCE",
    "GOTRUE_ISSUER",
    "GOTRUE_URL",
    "HSTS_SECONDS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MLPP_DATA_DIR",
    "NOTIFY_CHANNELS",
    "PORT",
    "SENTRY_DSN",
    "SYNC_PERIOD_MINUTES",
    "TRUSTED_PROXIES",
)


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OPTIONAL:
        monkeypatch.delenv(name, raising=False)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)


def start() -> dict[str, Any]:
    return runpy.run_path(str(SETTINGS))


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=SETTINGS.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_six_required_variables_are_enough_in_production() -> None:
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
        ("APP_ENV", ""),
        ("APP_RELEASE", "v1.4.0"),
        ("APP_RELEASE", " v1.4.0+0c5c2b7"),
        ("APP_RELEASE", "v1.4.0+dirty"),
        ("APP_RELEASE", "nightly-2999-01-01+0c5c2b7"),
        ("APP_RELEASE", f"{'a' * 93}+0c5c2b7"),
        ("APP_TIME_ZONE", "Mars/Olympus"),
        ("AUTH_MODE", "supabase"),
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
        ("DATABASE_POOLING", ""),
        ("DATABASE_POOLING", "statement"),
        ("DEFAULT_FROM_EMAIL", "gouvernance"),
        ("DEFAULT_FROM_EMAIL", "a@example.org\nBcc: b@example.org"),
        ("EMAIL_URL", "smtp.example.org"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://smtp.example.org:port"),
        ("EMAIL_URL", "smtp://[::1"),
        ("EMAIL_URL", "smtp://smtp.example.org?timeout=900"),
        ("EMAIL_URL", "http://smtp.example.org"),
        ("HSTS_SECONDS", "une heure"),
        ("HSTS_SECONDS", "-1"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "bavard"),
        ("NOTIFY_CHANNELS", "json://hook.example.org"),
        ("NOTIFY_CHANNELS", "Astreinte=json://hook.example.org"),
        ("NOTIFY_CHANNELS", f"{'a' * 31}=json://hook.example.org"),
        ("NOTIFY_CHANNELS", "astreinte="),
        ("NOTIFY_CHANNELS", "astreinte=tgram://"),
        ("NOTIFY_CHANNELS", "astreinte=inconnu://jeton"),
        ("NOTIFY_CHANNELS", "astreinte=json://a.example.org;astreinte=json://b.example.org"),
        ("PUBLIC_URL", "gouvernance.example.org"),
        ("PUBLIC_URL", "ftp://gouvernance.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://gouvernance.example.org/chemin"),
        ("PUBLIC_URL", "https://gouvernance.example.org?x=1"),
        ("PUBLIC_URL", "https://nom:passe@gouvernance.example.org"),
        ("PUBLIC_URL", "https://gouvernance.example.org:port"),
        ("PUBLIC_URL", "https://gouver nance.example.org"),
        ("SENTRY_DSN", "oui"),
        ("SYNC_PERIOD_MINUTES", ""),
        ("SYNC_PERIOD_MINUTES", "0"),
        ("SYNC_PERIOD_MINUTES", "61"),
        ("SYNC_PERIOD_MINUTES", "2.5"),
        ("SYNC_PERIOD_MINUTES", "-5"),
        ("SYNC_PERIOD_MINUTES", "cinq"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "un"),
        ("TRUSTED_PROXIES", "11"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=name):
        start()


@pytest.mark.parametrize(
    ("environment", "release", "why"),
    [
        ("staging", "", "APP_RELEASE est obligatoire quand APP_ENV=staging."),
        ("production", "v1.4.0+zzzzzzz", "« zzzzzzz » n’est pas un sha court de git"),
        ("development", "2999-01-01+0c5c2b7", "porte une heure à venir : 2999-01-01T00:00Z"),
    ],
)
def test_a_release_that_is_none_stops_every_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: str, release: str, why: str
) -> None:
    monkeypatch.setenv("APP_ENV", environment)
    monkeypatch.setenv("APP_RELEASE", release)

    check = manage("check")

    assert check.returncode == 1
    assert why in check.stderr
    assert check.stderr.startswith("APP_RELEASE")
    assert check.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["", "http://abcd.supabase.co/auth/v1", "abcd.supabase.co"])
def test_supabase_s_accounts_need_an_https_address(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AUTH_MODE", "gotrue")
    monkeypatch.setenv("GOTRUE_URL", url)

    with pytest.raises(ImproperlyConfigured, match="GOTRUE_URL"):
        start()


def test_supabase_s_accounts_replace_the_local_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_MODE", "gotrue")
    monkeypatch.setenv("GOTRUE_URL", "https://abcd.supabase.co/auth/v1/")

    settings = start()

    assert settings["AUTHENTICATION_BACKENDS"] == [
        "axes.backends.AxesStandaloneBackend",
        "mlpp_gov.signin.profiles.GoTrueBackend",
    ]
    assert settings["GOTRUE_ISSUER"] == "https://abcd.supabase.co/auth/v1"
    assert settings["GOTRUE_AUDIENCE"] == "authenticated"


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "smtp://moi:tres-secret@smtp.example.org:port"),
        ("EMAIL_URL", "imap://moi:tres-secret@smtp.example.org"),
        ("NOTIFY_CHANNELS", "astreinte=inconnu://tres-secret"),
        ("NOTIFY_CHANNELS", "astreinte=slack://tres-secret"),
        ("NOTIFY_CHANNELS", "json://tres-secret@hook.example.org"),
        ("PUBLIC_URL", "https://moi:tres-secret@gouvernance.example.org"),
    ],
)
def test_a_refusal_of_an_address_shows_it_nowhere(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured) as refusal:
        start()

    shown = "".join(traceback.format_exception(refusal.value))
    assert "tres-secret" not in shown + "".join(capfd.readouterr())


def test_a_wrong_channel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_CHANNELS", "depot=json://hook.example.org;astreinte=slack://x")

    with pytest.raises(ImproperlyConfigured, match="« astreinte »"):
        start()


def test_channels_are_read_with_what_their_addresses_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "NOTIFY_CHANNELS", " depot=json://hook.example.org/?a=b%3Bc ;; astreinte-2=json://x:1/=;"
    )

    assert start()["NOTIFY_CHANNELS"] == {
        "depot": "json://hook.example.org/?a=b%3Bc",
        "astreinte-2": "json://x:1/=",
    }


def test_without_a_mail_server_nothing_is_mailed_in_production() -> None:
    settings = start()

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"
    assert settings["NOTIFY_CHANNELS"] == {}


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp+tls://moi%40example.org:p%40sse@smtp.example.org", 587, True, False),
        ("smtp+ssl://moi%40example.org:p%40sse@smtp.example.org", 465, False, True),
        ("smtp://moi%40example.org:p%40sse@smtp.example.org:2525", 2525, False, False),
    ],
)
def test_a_mail_server_is_read_from_its_url(
    monkeypatch: pytest.MonkeyPatch, url: str, port: int, tls: bool, ssl: bool
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", "Gouvernance <gouvernance@example.org>")

    settings = start()

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert settings["EMAIL_HOST"] == "smtp.example.org"
    assert settings["EMAIL_HOST_USER"] == "moi@example.org"
    assert settings["EMAIL_HOST_PASSWORD"] == "p@sse"
    assert settings["EMAIL_TIMEOUT"] == 10
    found = (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"])
    assert found == (port, tls, ssl)


def test_a_mail_server_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://smtp.example.org")

    with pytest.raises(ImproperlyConfigured, match="DEFAULT_FROM_EMAIL"):
        start()


def test_development_writes_e_mails_to_files_and_links_to_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("APP_RELEASE", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setenv("MLPP_DATA_DIR", str(tmp_path))

    settings = start()

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert settings["EMAIL_FILE_PATH"] == tmp_path / "mail"
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_the_public_url_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://gouvernance.example.org:8443/")

    assert start()["PUBLIC_URL"] == "https://gouvernance.example.org:8443"


def test_https_is_forced_outside_development() -> None:
    settings = start()

    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]


def test_the_cookies_outside_development_are_this_host_s_own() -> None:
    settings = start()

    assert settings["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert settings["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    assert not settings.keys() & {
        *("SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH"),
        *("CSRF_COOKIE_DOMAIN", "CSRF_COOKIE_PATH"),
    }


@pytest.mark.parametrize(
    ("seconds", "last_stage"), [("300", False), ("86400", False), ("31536000", True)]
)
def test_hsts_reaches_subdomains_and_browsers_own_lists_at_its_last_stage_only(
    monkeypatch: pytest.MonkeyPatch, seconds: str, last_stage: bool
) -> None:
    monkeypatch.setenv("HSTS_SECONDS", seconds)

    settings = start()

    assert settings["SECURE_HSTS_SECONDS"] == int(seconds)
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is last_stage
    assert settings["SECURE_HSTS_PRELOAD"] is last_stage


@pytest.mark.parametrize("seconds", ["3600", "31536000"])
def test_django_s_own_deployment_checks_find_nothing(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("HSTS_SECONDS", seconds)
    monkeypatch.setenv("SECRET_KEY", secrets.token_urlsafe(64))

    check = manage("check", "--deploy", "--fail-level", "WARNING")

    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize(
    ("environment", "required"), [("development", False), ("staging", True), ("production", True)]
)
def test_the_second_factor_is_required_outside_development(
    monkeypatch: pytest.MonkeyPatch, environment: str, required: bool
) -> None:
    monkeypatch.setenv("APP_ENV", environment)

    assert start()["SECOND_FACTOR_REQUIRED"] is required


def test_development_needs_no_secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "development")
    for name in ("APP_RELEASE", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL"):
        monkeypatch.delenv(name)

    settings = start()

    assert settings["SECRET_KEY"]
    assert settings["APP_RELEASE"].startswith("dev+")


def test_options_of_the_database_url_win_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{PRODUCTION['DATABASE_URL']}?connect_timeout=9")

    assert start()["DATABASES"]["default"]["OPTIONS"]["connect_timeout"] == 9


@pytest.mark.parametrize(
    ("mode", "seconds_kept", "listens"),
    [("direct", 60, True), ("session", 0, True), ("transaction", 60, False)],
)
def test_connections_suit_what_stands_before_the_database(
    monkeypatch: pytest.MonkeyPatch, mode: str, seconds_kept: int, listens: bool
) -> None:
    monkeypatch.setenv("DATABASE_POOLING", mode)

    settings = start()

    assert settings["DATABASES"]["default"]["CONN_MAX_AGE"] == seconds_kept
    assert settings["WORKER_LISTENS"] is listens


def test_a_web_process_does_not_keep_what_only_senders_need() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, mlpp_gov.wsgi; print([m for m in sys.modules if m.startswith('apprise')])",
        ],
        env={**os.environ, "NOTIFY_CHANNELS": "depot=json://hook.example.org"},
        cwd=SETTINGS.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "[]\n"
