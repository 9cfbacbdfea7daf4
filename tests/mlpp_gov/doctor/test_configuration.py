"""The self-test on settings and files: what it says when all is well, and when something is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from mlpp_gov.doctor import configuration
from mlpp_gov.doctor.registry import Finding, Status

STRONG = "sY2-xPq7Lw0TzVb9mKf4RnHc8JdGu3Ea6iOo1WvXtQZlBkNyDrSeMhCpAj5"


def state(finding: Finding) -> tuple[Status, bool]:
    """Its status, and whether it says what to do."""
    return finding.status, bool(finding.to_do)


OK, WARN, FAIL = (Status.OK, False), (Status.WARN, True), (Status.FAIL, True)


@pytest.fixture
def served(settings: Any) -> Any:
    """The settings of an installation that people use."""
    settings.DEVELOPMENT = False
    settings.SECRET_KEY = STRONG
    settings.ALLOWED_HOSTS = ["gouvernance.example.org"]
    settings.PUBLIC_URL = "https://gouvernance.example.org"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = 1
    return settings


def test_in_development_everything_about_settings_and_files_is_well(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    for look in (
        configuration.django_has_no_remark,
        configuration.secret_key_is_strong,
        configuration.public_address_is_served,
        configuration.static_files_are_there,
        configuration.data_folder_has_room,
    ):
        assert state(look()) == OK, look


def test_what_a_deployment_lacks_is_named_and_an_error_fails(served):
    remarks = configuration.django_has_no_remark()
    assert state(remarks) == WARN
    assert "security.W008" in remarks.said  # no redirect to HTTPS in the settings of the tests
    served.STATICFILES_DIRS = "static"
    assert state(configuration.django_has_no_remark()) == FAIL


@pytest.mark.parametrize(("key", "expected"), [(STRONG, OK), ("passe", FAIL), ("a" * 64, FAIL)])
def test_a_secret_key_that_is_easily_guessed_fails_and_is_not_shown(served, key, expected):
    served.SECRET_KEY = key
    finding = configuration.secret_key_is_strong()
    assert state(finding) == expected
    assert key not in finding.said + finding.to_do


@pytest.mark.parametrize(
    ("change", "expected", "word"),
    [
        ({}, OK, "proxys de confiance"),
        ({"PUBLIC_URL": "https://ailleurs.example.org"}, FAIL, "ALLOWED_HOSTS"),
        ({"PUBLIC_URL": "http://gouvernance.example.org"}, FAIL, "https"),
        ({"TRUSTED_PROXIES": 0}, WARN, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": 0, "SECURE_PROXY_SSL_HEADER": None}, OK, "proxys de confiance"),
    ],
)
def test_the_public_address_is_one_that_is_served_behind_proxies_that_are_trusted(
    served, change, expected, word
):
    for name, value in change.items():
        setattr(served, name, value)
    finding = configuration.public_address_is_served()
    assert (state(finding), word in finding.said) == (expected, True)


@pytest.fixture
def collected(served: Any, tmp_path: Path) -> Path:
    """What `collectstatic` leaves of two sources."""
    sources, target = tmp_path / "sources", tmp_path / "cible"
    (sources / "css").mkdir(parents=True)
    for name in ("css/page.css", "app.js"):
        (sources / name).write_text("/* vide */")
    served.STATICFILES_DIRS, served.STATIC_ROOT = [sources], target
    served.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    served.STORAGES = {
        **served.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def static_files(settings: Any) -> Finding:
    """As a new process sees them: their list is read once."""
    settings.STATIC_ROOT = settings.STATIC_ROOT
    return configuration.static_files_are_there()


def test_collected_static_files_are_well_until_one_of_them_or_their_list_goes(collected, settings):
    assert static_files(settings) == Finding(Status.OK, "2 fichiers, tous là.")

    manifest = collected / "cible/staticfiles.json"
    script = json.loads(manifest.read_text())["paths"]["app.js"]
    (collected / "cible" / script).unlink()
    missing = static_files(settings)
    assert (state(missing), script in missing.said) == (FAIL, True)

    manifest.write_text('{"paths": {')
    cut_off = static_files(settings)
    assert (state(cut_off), "illisible" in cut_off.said) == (FAIL, True)

    manifest.unlink()
    absent = static_files(settings)
    assert (state(absent), "manque" in absent.said) == (FAIL, True)


def test_static_files_of_the_version_before_fail_and_name_what_is_new(collected, settings):
    (collected / "sources/nouveau.css").write_text("")
    finding = static_files(settings)
    assert (state(finding), "nouveau.css" in finding.said) == (FAIL, True)


def test_a_data_folder_that_is_not_there_fails_and_a_full_disk_warns(
    settings, tmp_path, monkeypatch
):
    settings.DATA_DIR = tmp_path / "absent"
    assert state(configuration.data_folder_has_room()) == FAIL
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(configuration, "LITTLE_SPACE", 10**18)
    assert state(configuration.data_folder_has_room()) == WARN
