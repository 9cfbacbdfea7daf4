"""The alert list over 100 000 alerts, against the Django admin's list of the same table."""

import gzip
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import transitions
from alerts.models import Alert
from bench.installed import installed
from bench.measure import Result, alternate, seconds
from integrity.filters import PAGE_SIZE
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from tests.database import Database
from tests.faults.conftest import Browser, serving

NAME = "bench_screen"
ALERTS = 100_000
PEOPLE = 6
PAIRS = 9
LIST, ADMIN = "/governance/integrity/", "/admin/alerts/alert/"
SEARCH = "?q=P77"
MOST_QUERIES, MOST_BYTES = 8, 12_000


def alert_list() -> list[Result]:
    """Time of the first page and of a search, then the queries and the bytes of that page."""
    with (
        installed(NAME, alerts=ALERTS, people=PEOPLE) as database,
        TemporaryDirectory(prefix="mlpp-screen-") as folder,
    ):
        queries, markup = _first_page(database)
        with serving(database.url, Path(folder) / "site.log") as site:
            browser = site.browser("directeur 1")
            times = [
                _compared(browser, f"screen.{name}", query)
                for name, query in (("first_page", ""), ("search", SEARCH))
            ]
    conditions = f"50 of {ALERTS} alerts, some of them acknowledged and assigned"
    return [
        *times,
        Result(
            "screen.queries",
            "queries",
            value=queries,
            reference=MOST_QUERIES,
            ratio=round(MOST_QUERIES / queries, 2),
            conditions=f"{conditions}; BEGIN and COMMIT apart; the reference is the most allowed",
        ),
        Result(
            "screen.bytes",
            "bytes",
            value=markup,
            reference=MOST_BYTES,
            ratio=round(MOST_BYTES / markup, 2),
            conditions=f"{conditions}; HTML as a proxy sends it, gzip -6; the reference is the most allowed",
        ),
    ]


def _compared(browser: Browser, name: str, query: str) -> Result:
    """Milliseconds over HTTP, one visitor, the same server for both."""

    def open_page(path: str) -> None:
        if (page := browser.get(path + query)).status != 200:
            raise RuntimeError(f"{path}{query}: {page.status}")

    contenders = {path: partial(seconds, partial(open_page, path)) for path in (LIST, ADMIN)}
    alternate(contenders, samples=2)  # each of gunicorn's processes has what it keeps
    times = alternate(contenders, samples=PAIRS)
    ours, admin = median(times[LIST]), median(times[ADMIN])
    return Result(
        name,
        "ms",
        value=round(1000 * ours),
        reference=round(1000 * admin),
        ratio=round(median(a / b for a, b in zip(times[ADMIN], times[LIST], strict=True)), 2),
        conditions=f"50 of {ALERTS} alerts{' that are searched for P77' if query else ''}, as one directeur,"
        f" through gunicorn; medians of {PAIRS} alternating pairs; the reference is the Django admin's"
        " list of the same table",
    )


def _first_page(database: Database) -> tuple[int, int]:
    """How many queries the page takes, and how long it is."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database.name
    try:
        people = list(User.objects.all())
        _handle_some(people)
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(people[0])
        client.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(LIST)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
    asked = [query for query in captured if query["sql"] not in ("BEGIN", "COMMIT")]
    return len(asked), len(gzip.compress(page.content, 6))


def _handle_some(people: list[User]) -> None:
    """Of the first page, a third each: nothing, acknowledged, assigned to somebody."""
    with db_identity(people[0]):
        first = list(Alert.objects.worst_first().values_list("pk", flat=True)[:PAGE_SIZE])
    for number, alert in enumerate(first):
        person = people[number % len(people)]
        if number % 3 == 1:
            transitions.acknowledge(alert, actor=person)
        elif number % 3 == 2:
            transitions.assign(alert, actor=people[0], assignee=person)
