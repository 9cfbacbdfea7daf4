"""The release identity of this process, read from the environment and checked before anything starts."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from mlpp_gov.release_identity import parse_release

ENVIRONMENTS = ("development", "staging", "production")
# What the access journal keeps of a release: a longer one would lose its sha there.
LONGEST_RELEASE = 100


def app_env(value: str) -> str:
    """Return APP_ENV when it is one of ENVIRONMENTS.

    Raises ImproperlyConfigured naming the variable and the admitted values.
    """
    if value not in ENVIRONMENTS:
        raise ImproperlyConfigured(
            f"APP_ENV={value!r} : valeur inconnue. Valeurs admises : {', '.join(ENVIRONMENTS)}."
        )
    return value


def app_release(value: str, *, env: str, checkout: Path) -> str:
    """Return APP_RELEASE; in development an empty value is derived from git as `dev+<short sha>`.

    Raises ImproperlyConfigured when it is missing in staging or production, and anywhere when it is
    no `<tag>+<short sha>`.
    """
    if value:
        return _well_formed(value)
    if env != "development":
        raise ImproperlyConfigured(
            f"APP_RELEASE est obligatoire quand APP_ENV={env}. Exemple : APP_RELEASE=v1.4.0+0c5c2b7."
        )
    return f"dev+{_short_sha(checkout) or 'sans-git'}"


def _well_formed(release: str) -> str:
    try:
        parse_release(release, now=datetime.now(UTC))
        if len(release) > LONGEST_RELEASE:
            raise ValueError(f"{LONGEST_RELEASE} caractères au plus, tag et sha compris.")
    except ValueError as error:
        raise ImproperlyConfigured(
            f"APP_RELEASE={release!r} : valeur incorrecte. {error}"
        ) from error
    return release


def _short_sha(checkout: Path) -> str:
    """Empty without git, or where git knows no commit."""
    try:
        git = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return git.stdout.strip()


def required(name: str, value: str, *, hint: str) -> str:
    """Return value, or raise ImproperlyConfigured naming the variable and what to do."""
    if not value:
        raise ImproperlyConfigured(f"{name} est obligatoire. {hint}")
    return value
