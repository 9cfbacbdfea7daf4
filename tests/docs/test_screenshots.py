"""The documents' pictures: each is taken by the script, and none is left that nobody shows."""

import re
from pathlib import Path

from docs.screenshots import IMAGES, SHOTS

ROOT = Path(__file__).resolve().parents[2]


def test_every_picture_shown_is_taken_and_every_picture_taken_is_shown() -> None:
    shown = {
        Path(name).name
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for name in re.findall(r"\((?:docs/)?images/([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    taken = {f"{name}.png" for name in SHOTS}

    assert shown == taken
    assert {path.name for path in IMAGES.iterdir()} == taken
