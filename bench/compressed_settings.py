"""The project's settings with the static files of production, and HTML compressed as its proxy does it."""

import os
from pathlib import Path

from mlpp_gov.settings import *  # noqa: F403
from mlpp_gov.settings import MIDDLEWARE, STORAGES

STATIC_ROOT = Path(os.environ["BENCH_STATIC_ROOT"])
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = False
MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *MIDDLEWARE]
