"""What every page says of the release it comes from."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

ENVIRONMENT_LABELS = {
    "development": gettext_noop("Développement"),
    "staging": gettext_noop("Préproduction (staging)"),
    "production": gettext_noop("Production"),
}


def release(request: HttpRequest | None) -> dict[str, str]:
    """Values of the footer and of the banner shown outside production; needs no database."""
    return {
        "app_env": settings.APP_ENV,
        "app_env_label": _(ENVIRONMENT_LABELS[settings.APP_ENV]),
        "app_release": settings.APP_RELEASE,
    }
