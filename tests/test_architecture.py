"""The arrows between the parts, and the page that draws them."""

import subprocess
import sys
from pathlib import Path

from docs import architecture

ROOT = Path(__file__).resolve().parents[1]


def test_imports_follow_the_arrows_of_the_house() -> None:
    linter = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert linter.returncode == 0, linter.stdout


def test_the_architecture_page_draws_the_imports_as_they_are() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")

    assert architecture.redrawn(page) == page, "run: .venv/bin/python -m docs.architecture"
