"""What every page says of the release it comes from."""

from django.conf import settings
from django.http import HttpRequest

ENVIRONMENT_LABELS = {
    "development": "Développement",
    "staging": "Préproduction (staging)",
    "production": "Production",
}


def release(request: HttpRequest | None) -> dict[str, str]:
    """Values of the footer and of the banner shown outside production; needs no database."""
    return {
        "app_env": settings.APP_ENV,
        "app_env_label": ENVIRONMENT_LABELS[settings.APP_ENV],
        "app_release": settings.APP_RELEASE,
    }
