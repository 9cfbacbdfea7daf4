"""docs/APP_ENV_APP_RELEASE.md: its commands do what it says, its messages are the ones shown."""

import json
import re
import runpy
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from mlpp_gov.environment import LONGEST_RELEASE
from mlpp_gov.release_identity import parse_release

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/APP_ENV_APP_RELEASE.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    """What stands between `<!-- name -->` and `<!-- /name -->`, without its fence."""
    _, _, rest = DOCUMENT.partition(f"<!-- {name} -->\n")
    text, end, _ = rest.partition(f"<!-- /{name} -->")
    assert end
    return re.sub(r"^```.*\n", "", text, flags=re.MULTILINE)


REFUSALS = re.findall(r"^\| `(.*)` \| `(.*)` \|$", section("refus"), flags=re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "essai")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "essai@example.org")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Essai")
    return tmp_path


def git(checkout: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=checkout, check=True)


def build(checkout: Path) -> subprocess.CompletedProcess[str]:
    script = section("construction") + '\nprintf %s "$APP_RELEASE"\n'
    return subprocess.run(
        ["sh", "-c", script], cwd=checkout, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("tag", ["v1.4.0", "prod-ready-2026-01-23-nightly-green"])
def test_the_build_names_the_tag_and_the_commit(checkout: Path, tag: str) -> None:
    git(checkout, "tag", tag)

    built = build(checkout)

    assert built.returncode == 0, built.stderr
    assert parse_release(built.stdout, now=datetime.now(UTC)).tag == tag


def test_the_build_stops_on_a_commit_without_a_tag(checkout: Path) -> None:
    built = build(checkout)

    assert (built.returncode, built.stdout) == (1, "")


@pytest.mark.parametrize(("values", "message"), REFUSALS)
def test_every_refusal_reads_as_documented(
    monkeypatch: pytest.MonkeyPatch, values: str, message: str
) -> None:
    for value in values.split():
        monkeypatch.setenv(*value.split("=", 1))

    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(ROOT / "mlpp_gov/settings.py"))

    start, cut, _ = message.partition("…")
    assert str(refusal.value).startswith(start) if cut else str(refusal.value) == message


def test_every_kind_of_refusal_is_documented() -> None:
    assert len(REFUSALS) == 7
    assert f"tient en {LONGEST_RELEASE} caractères" in DOCUMENT


def test_health_answers_what_is_documented() -> None:
    documented = json.loads(section("health"))

    assert Client().get("/health/live").json().keys() == documented.keys()
    assert parse_release(documented["release"], now=datetime.now(UTC))
