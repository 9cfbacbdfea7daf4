"""The table of docs/checks.md, made from the headers of the checks (`manage.py checks document`)."""

from pathlib import Path

from integrity.checks.catalogue import Check, Threshold, catalogue

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "checks.md"
BEGIN, END = "<!-- checks -->\n", "<!-- /checks -->\n"
SEVERITIES = ("CRITICAL", "WARN", "INFO")
HEADINGS = ("contrôle", "sévérité", "règle", "seuils", "limites", "que faire")


def with_table(text: str) -> str:
    """The document with the table between its two markers made anew.

    Raises ValueError when a marker is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"Repères absents du document : {BEGIN.strip()} … {END.strip()}.")
    return before + BEGIN + _table() + END + after


def _table() -> str:
    checks = sorted(catalogue().values(), key=lambda check: SEVERITIES.index(check.severity))
    return "".join(_line(cells) for cells in (HEADINGS, ("---",) * 6, *map(_cells, checks)))


def _line(cells: tuple[str, ...]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |\n"


def _cells(check: Check) -> tuple[str, ...]:
    code = check.code.lower()
    switched_off = "" if check.enabled else " ; éteint à l’installation"
    return (
        f"**{check.label}**<br>[{check.code}](../integrity/sql/checks/{code}.sql)",
        check.severity + switched_off,
        check.rule,
        "<br>".join(map(_threshold, check.thresholds)) or "—",
        check.limits,
        check.action,
    )


def _threshold(threshold: Threshold) -> str:
    initial, lowest, highest = (
        f"{value}".replace(".", ",")
        for value in (threshold.initial, threshold.lowest, threshold.highest)
    )
    return f"`{threshold.name}` {initial} {threshold.unit} ({lowest} à {highest})"
