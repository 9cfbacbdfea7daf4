"""The access journal under gunicorn: a flood, a stop, and a database that goes away and comes back."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.database import Database, run_on_server
from tests.faults.conftest import Browser, serving, wait_until

FLOOD = 1_000
CLIENTS = 8
PROBE = "/wp-login.php?log=admin"
KEPT = "SELECT coalesce(sum(count), 0), count(*) FROM gouvernance.access_events"


@pytest.fixture
def away(fresh_database: Database) -> Iterator[Any]:
    """Close the test's database to everybody, or open it again."""

    def close(closed: bool) -> None:
        run_on_server(
            f'ALTER DATABASE "{fresh_database.name}" ALLOW_CONNECTIONS {str(not closed).lower()}'
        )
        run_on_server(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{fresh_database.name}'"
        )

    yield close
    close(False)


def kept(owner: psycopg.Connection) -> tuple[int, int]:
    events, rows = owner.execute(KEPT).fetchone()
    return int(events), rows


def lines(log: Path) -> list[dict[str, Any]]:
    found = [line for line in log.read_text().splitlines() if line.startswith("{")]
    return [json.loads(line) for line in found]


def test_a_flood_is_a_handful_of_rows_and_a_stop_loses_none_of_it(
    fresh_database: Database, tmp_path: Path
) -> None:
    log = tmp_path / "site.log"
    with fresh_database.owner() as owner:
        with serving(fresh_database.url, log) as site, ThreadPoolExecutor(CLIENTS) as clients:
            statuses = set(clients.map(lambda _: Browser(site.url).get(PROBE).status, range(FLOOD)))
            assert statuses == {404}
            wait_until(lambda: kept(owner)[1] > 0, "the first row, long before the stop")
        events, rows = kept(owner)
    assert events == FLOOD
    assert rows <= 20
    assert len(lines(log)) == FLOOD


def test_a_database_that_is_away_holds_nobody_up_and_gets_the_rows_when_it_is_back(
    fresh_database: Database, tmp_path: Path, away: Any
) -> None:
    log = tmp_path / "site.log"
    with serving(fresh_database.url, log) as site:
        visitor = Browser(site.url)
        visitor.get("/health/live")
        away(True)
        for _ in range(10):
            assert visitor.get(PROBE).status == 404
        assert [line["event"] for line in lines(log)] == ["malicious_excess_404"] * 10
        wait_until(lambda: "la base ne répond pas" in log.read_text(), "the outage in the log")
        away(False)
        with fresh_database.owner() as owner:
            wait_until(lambda: kept(owner)[0] > 0, "the rows of the outage")
    with fresh_database.owner() as owner:
        assert kept(owner)[0] == 10
