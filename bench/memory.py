"""Resident memory of gunicorn's processes after thousands of requests."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.installed import children, installed, resident_megabytes
from bench.measure import Result
from tests.faults.conftest import Browser, serving

ALERTS = 200
REQUESTS, AND_THEN = 10_000, 5_000
CLIENTS = 4
MOST = 100  # megabytes
LIST = "/governance/integrity/"
PAGES = (
    "/health",
    LIST,
    "/governance/",
    f"{LIST}?q=P1&sort=due",
    "/login/",
    "/admin/alerts/alert/",
    f"{LIST}checks/",
    "/nulle-part",
)


def resident() -> list[Result]:
    """The larger of the processes after so many requests of every kind, and after half as many more."""
    with (
        installed("bench_memory", alerts=ALERTS) as database,
        TemporaryDirectory(prefix="mlpp-memory-") as folder,
        serving(database.url, Path(folder) / "site.log", "--max-requests=0") as site,
    ):
        browser = site.browser("directeur 1")
        details = sorted(set(re.findall(rf"{LIST}[0-9a-f-]{{36}}/", browser.get(LIST).text)))
        megabytes = []
        for requests in (REQUESTS, AND_THEN):
            _visit(browser, details, requests)
            megabytes.append(max(map(resident_megabytes, children(site.gunicorn.pid))))
    first, last = megabytes
    conditions = (
        f"the larger of gunicorn's processes, {ALERTS} alerts, requests of {len(PAGES) + 1} kinds by"
        f" {CLIENTS} clients, no process renewed"
    )
    return [
        _result(
            f"memory.{REQUESTS}", first, MOST, f"the reference is the most allowed; {conditions}"
        ),
        _result(
            f"memory.{REQUESTS + AND_THEN}",
            last,
            first,
            f"the reference is the memory after {REQUESTS} requests; {conditions}",
        ),
    ]


def _visit(browser: Browser, details: list[str], requests: int) -> None:
    def paths() -> Iterator[str]:
        for detail in cycle(details):
            yield from (*PAGES, detail)

    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = set(
            clients.map(lambda path: browser.get(path).status, islice(paths(), requests))
        )
    if statuses != {200, 404}:
        raise RuntimeError(f"pages answered {sorted(statuses)}")


def _result(name: str, megabytes: float, reference: float, conditions: str) -> Result:
    return Result(
        name,
        "MB",
        value=round(megabytes, 1),
        reference=round(reference, 1),
        ratio=round(reference / megabytes, 2),
        conditions=conditions,
    )
