"""What the Dockerfile, .dockerignore and compose.yaml say, for the tests and for `python -m tests.container`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]


class Instruction(NamedTuple):
    name: str
    text: str

    def words(self) -> list[str]:
        """The JSON form when it is one, else words separated by blanks, options included."""
        found = re.search(r"\[.*\]$", self.text, re.DOTALL)
        return json.loads(found[0]) if found else self.text.split()


Stage = list[Instruction]


def stages() -> list[Stage]:
    """The Dockerfile's instructions, from each FROM to the next, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    text = text.replace("\\\n", "")
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        name, rest = line.split(maxsplit=1)
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, rest.strip()))
    return found


def last(stage: Stage, name: str) -> Instruction:
    """The one that counts: Docker lets a later instruction take an earlier one's place."""
    return [instruction for instruction in stage if instruction.name == name][-1]


def build_context() -> Iterator[Path]:
    """Files that .dockerignore leaves to COPY, relative to the repository."""
    rules = []
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!"))
            pattern = pattern.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
            rules.append((re.compile(rf"{pattern}(?:/.*)?"), line.startswith("!")))

    def included(path: str) -> bool:
        verdict = True
        for pattern, wanted in rules:
            if pattern.fullmatch(path):
                verdict = wanted
        return verdict

    # The folders that no rule brings back need not be walked: .venv alone has thousands of files.
    for top in sorted(ROOT.iterdir()):
        if top.is_dir() and not any(top.name in pattern.pattern for pattern, _ in rules):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            relative = path.relative_to(ROOT)
            if path.is_file() and included(relative.as_posix()):
                yield relative


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document
