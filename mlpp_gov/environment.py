"""The release identity of this process, read from the environment and checked before anything starts."""

import subprocess
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ENVIRONMENTS = ("development", "staging", "production")


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

    Raises ImproperlyConfigured when it is missing in staging or production.
    """
    if value:
        return value
    if env != "development":
        raise ImproperlyConfigured(
            f"APP_RELEASE est obligatoire quand APP_ENV={env}. Exemple : APP_RELEASE=v1.4.0+0c5c2b7."
        )
    git = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"dev+{git.stdout.strip() or 'sans-git'}"


def required(name: str, value: str, *, hint: str) -> str:
    """Return value, or raise ImproperlyConfigured naming the variable and what to do."""
    if not value:
        raise ImproperlyConfigured(f"{name} est obligatoire. {hint}")
    return value
