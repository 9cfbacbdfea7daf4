"""The table of docs/checks.md and the sheets of docs/incidents.md, made from the headers of the checks
(`manage.py checks document`)."""

from collections.abc import Callable
from pathlib import Path

from integrity.checks.catalogue import Check, Threshold, catalogue
from integrity.checks.other_sources import OTHER_SOURCES, OtherSource

FOLDER = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- checks -->\n", "<!-- /checks -->\n"
SEVERITIES = ("CRITICAL", "WARN", "INFO")
# Service levels as installed (contract, section 4); an administrator may set others.
DELAYS = {
    "CRITICAL": "le jour même",
    "WARN": "48\u00a0heures",
    "INFO": "aucun, ne devient pas une alerte",
}
HEADINGS = ("contrôle", "sévérité", "règle", "seuils", "limites", "que faire")


def remade(document: Path, text: str) -> str:
    """The text of one of the DOCUMENTS with what is between its two markers made anew.

    Raises ValueError when a marker is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"Repères absents du document : {BEGIN.strip()} … {END.strip()}.")
    return before + BEGIN + DOCUMENTS[document]() + END + after


def _gravest_first() -> list[Check]:
    return sorted(catalogue().values(), key=lambda check: SEVERITIES.index(check.severity))


def _table() -> str:
    checks = _gravest_first()
    return "".join(_line(cells) for cells in (HEADINGS, ("---",) * 6, *map(_cells, checks)))


def _sheets() -> str:
    checks = (_sheet(check, check.severity, _facts(check)) for check in _gravest_first())
    return "\n".join((*checks, *(_sheet(source, "WARN") for source in OTHER_SOURCES.values())))


def _sheet(check: Check | OtherSource, severity: str, facts: str = "") -> str:
    """What whoever is called needs, in the order in which they need it."""
    return (
        f"### {check.label}\n\n"
        f"`{check.code}`, {severity}, délai : {DELAYS[severity]}. {check.why}\n\n"
        f"{facts}"
        f"- **Que faire** : {check.action}\n"
        f"- **Avant de conclure** : {check.limits}\n"
    )


def _facts(check: Check) -> str:
    path = f"../integrity/sql/checks/{check.code.lower()}.sql"
    return (
        f"- **[Ce qui le déclenche]({path})** : {check.rule}\n"
        f"- **Depuis quand** : {check.occurred}\n"
    )


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


DOCUMENTS: dict[Path, Callable[[], str]] = {
    FOLDER / "checks.md": _table,
    FOLDER / "incidents.md": _sheets,
}
