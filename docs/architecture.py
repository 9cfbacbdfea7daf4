"""Draw architecture.md's diagrams from the code's own imports: `python -m docs.architecture`.

A room is a package below an app; the app's own modules stand above the rooms when one of the rooms is
reached from them, else below. The number on an arrow is how many imports it stands for. Commands,
migrations and template tags are Django's doors, and not drawn.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/architecture.md"
APPS = ("integrity", "alerts", "releases", "mlpp_gov")
DOORS = ("management", "migrations", "templatetags")
NAMES_ON_A_LINE = 5


def package(module: str) -> str | None:
    """The room that a module is in: `integrity.checks` for `integrity.checks.states`; None for an app's own."""
    app, name = module.split(".")[:2]
    return f"{app}.{name}" if (ROOT / app / name).is_dir() else None


def storeys(graph: grimp.ImportGraph, app: str) -> Mapping[str, str]:
    """Where each module of an app is drawn: its room, or `above` or `below` the rooms."""
    modules = {
        name
        for name in graph.modules
        if name.startswith(f"{app}.") and name.split(".")[1] not in DOORS
    }
    return {
        name: package(name)
        or (
            "above"
            if any(package(under) for under in graph.find_upstream_modules(name) & modules)
            else "below"
        )
        for name in sorted(modules)
    }


def arrows(graph: grimp.ImportGraph, place: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many imports lead from each place to each other one."""
    return Counter(
        (start, end)
        for module, start in place.items()
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        for _line in graph.get_import_details(importer=module, imported=imported)
        if (end := place.get(imported, start)) != start
    )


def mermaid(drawn: Counter[tuple[str, str]], labels: Mapping[str, str]) -> list[str]:
    """Lines of a flowchart, the places in a fixed order so that a difference shows what changed."""
    return [
        "```mermaid",
        "flowchart TD",
        *(f'    {place.replace(".", "_")}["{label}"]' for place, label in sorted(labels.items())),
        *(
            f"    {start.replace('.', '_')} -->|{count}| {end.replace('.', '_')}"
            for (start, end), count in sorted(drawn.items())
        ),
        "```",
    ]


def own_modules(place: Mapping[str, str], storey: str) -> str:
    """Names of an app's own modules on one storey, a few on each line."""
    names = sorted({name.split(".")[1] for name, at in place.items() if at == storey})
    lines = (names[at : at + NAMES_ON_A_LINE] for at in range(0, len(names), NAMES_ON_A_LINE))
    return "<br>".join(", ".join(line) for line in lines)


def diagrams() -> dict[str, list[str]]:
    """Lines of each diagram: `apps`, and one per app for the rooms inside it."""
    graph = grimp.build_graph(*APPS, cache_dir=None)
    app_of = {name: name.split(".")[0] for name in sorted(graph.modules)}
    drawn = {"apps": mermaid(arrows(graph, app_of), {app: app for app in APPS})}
    for app in APPS:
        place = storeys(graph, app)
        labels = {
            at: own_modules(place, at) if at in ("above", "below") else at
            for at in set(place.values())
        }
        drawn[app] = mermaid(arrows(graph, place), labels)
    return drawn


def redrawn(page: str) -> str:
    """The page with each diagram between its marks made anew."""
    for name, lines in diagrams().items():
        before, rest = page.split(f"<!-- {name} -->\n")
        after = rest.split("<!-- end -->\n", 1)[1]
        drawing = "".join(f"{line}\n" for line in lines)
        page = f"{before}<!-- {name} -->\n{drawing}<!-- end -->\n{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
