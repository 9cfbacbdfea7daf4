"""What a page asks for beside itself, served as in production: little, in few files, once for ever."""

import re

import pytest
from django.core.management import call_command
from django.test import Client

from tests.test_permissions import MATRIX, path_of

pytestmark = pytest.mark.django_db

ASKED = re.compile(
    r'(?:<link rel="stylesheet" href|<script[^>]* src|<use href|<link rel="icon" href)="([^"#]+)'
)
HASHED = re.compile(r"\.[0-9a-f]{12}\.")
LARGEST = 60_000  # bytes of styles and scripts, as sent
MOST_FILES = 10  # icons apart
PAGES = [
    route
    for (route, method), statuses in MATRIX.items()
    if method == "GET" and statuses["admin"] == 200 and not route.startswith(("admin/", "api/"))
]


@pytest.fixture
def in_production(settings, tmp_path):
    """Files with their hash in their name, compressed, as the image has them."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)


def test_what_a_page_asks_for_is_little_and_is_asked_once(in_production, admin, client_of):
    visitor = client_of(admin)
    files = {}
    for route in PAGES:
        page = visitor.get(path_of(route, admin.pk))
        if "text/html" not in page["Content-Type"] or route == "design/":
            continue
        asked = set(ASKED.findall(page.text))
        for path in asked - files.keys():
            answer = Client().get(path, headers={"accept-encoding": "gzip"})
            assert answer.status_code == 200, path
            assert HASHED.search(path), path
            assert "immutable" in answer["Cache-Control"], path
            assert re.search(r"max-age=\d{8,}", answer["Cache-Control"]), path
            files[path] = len(b"".join(answer.streaming_content))
        heavy = [path for path in asked if path.endswith((".css", ".js"))]
        assert len(heavy) <= MOST_FILES, route
        assert sum(files[path] for path in heavy) < LARGEST, route
    assert any("/htmx" in path for path in files)  # the lists were among them
