"""The fenced blocks of the guides, for the tests and for `python -m tests.server`."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^( *)```(sh|sql|ini)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NOT_TRIED = re.compile(
    r"^ *> (?:Non essayé ici|Not tried here)\s?: .+\n(?: *> .*\n)*\n?(?:<!-- \w+ -->\n)?\Z",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """What one fence holds; `line` is where it opens."""

    line: int
    language: str
    text: str
    tried: bool


def blocks(document: Path) -> list[Block]:
    text = document.read_text(encoding="utf-8")
    return [
        Block(
            text.count("\n", 0, match.start()) + 1,
            match[2],
            textwrap.dedent(match[3]),
            NOT_TRIED.search(text, 0, match.start()) is None,
        )
        for match in BLOCK.finditer(text)
    ]
