"""Which installation made what leaves it: the same two values in every file, message and log line."""

from django.conf import settings
from django.utils.translation import gettext as _


def keys() -> dict[str, str]:
    """For a program, under the names that /health and the logs use."""
    return {"environment": settings.APP_ENV, "release": settings.APP_RELEASE}


def facts() -> list[tuple[str, str]]:
    """For a person, as label and value: the head of a spreadsheet or of a report."""
    return [
        (_("Environnement"), settings.APP_ENV),
        (_("Version du cockpit"), settings.APP_RELEASE),
    ]


def line() -> str:
    """For a person, as the last line of a text."""
    return " · ".join(
        _("{label}\u00a0: {value}").format(label=label, value=value) for label, value in facts()
    )
