"""A report as a Markdown file (GitHub's tables); whatever people typed stays text."""

import re
from collections.abc import Sequence
from html import escape

from releases.deployments.report import Report, Section

SPECIAL = re.compile(r"([\\`*_\[\]|#~!$])")
# What can stand between angle brackets without escaping anything: neither space, bracket, pipe nor tick.
LINK = re.compile(r"(https?://[A-Za-z0-9._~:/?#@%&=+,;-]+)")


def as_markdown(report: Report) -> str:
    """The whole report, its lines ended by \\n."""
    parts = [
        f"# {escaped(report.title)}",
        escaped(report.produced),
        table(("", ""), report.facts),
        *(part for section in report.sections for part in _section(section)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    body = table(section.head, section.rows) if section.rows else escaped(section.empty)
    return [f"## {escaped(section.title)}", body]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table; a cell is one line."""
    lines = [head, ("---",) * len(head), *(tuple(escaped(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: marks escaped, addresses still links, lines kept apart."""
    return "<br>".join(_escaped_line(line) for line in text.splitlines())


def _escaped_line(line: str) -> str:
    pieces = LINK.split(line)  # every second one is an address
    return "".join(
        f"<{piece}>" if index % 2 else SPECIAL.sub(r"\\\1", escape(piece, quote=False))
        for index, piece in enumerate(pieces)
    )
