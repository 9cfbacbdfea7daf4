"""`python -m bench [NAME]`: run every benchmark or one, print a table, write bench/results.json."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import django

from bench.measure import table

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS = (
    "sync_first",
    "sync_unchanged",
    "checks_v1",
    "checks_whole_run",
    "checks_writes",
    "astm53b",
    "rls",
    "health",
    "screen",
    "paint",
    "memory",
)


def arguments(given: Sequence[str] | None = None) -> list[str]:
    """Names of the benchmarks to run. Exits with status 2, listing them, when one is unknown."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="all of them by default")
    name = parser.parse_args(given).name
    return [name] if name else list(BENCHMARKS)


def main() -> None:
    names = arguments()
    import_module("tests.database")  # starts a server of its own, and tells Django's settings
    django.setup()
    from bench import astm53b, checks, health, memory, paint, rls, screen, sync

    runs = {
        "sync_first": sync.first,
        "sync_unchanged": sync.unchanged,
        "checks_v1": checks.v1,
        "checks_whole_run": checks.whole_run,
        "checks_writes": checks.writes,
        "astm53b": astm53b.volumes,
        "rls": rls.whole_audit,
        "health": health.throughput,
        "screen": screen.alert_list,
        "paint": paint.first_contentful,
        "memory": memory.resident,
    }
    results = [result for name in names for result in runs[name]()]
    sys.stdout.write(table(results) + "\n")
    RESULTS.write_text(json.dumps([asdict(r) for r in results], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
