"""docs/doctor.md has a line for each check, in the words that the command prints."""

from pathlib import Path

from mlpp_gov.doctor.registry import examine

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/doctor.md"


def test_every_check_is_explained_and_nothing_else(db: None) -> None:
    rows = [
        line.split("**")[1]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| **")
    ]
    assert sorted(rows) == sorted(result.check.label for result in examine())
