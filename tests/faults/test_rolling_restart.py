"""A new version under load: processes are replaced, and no visitor sees it."""

import http.client
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import pytest

from tests.database import Database
from tests.faults.conftest import Browser, Site, gunicorn_on, serving, wait_until

VISITORS = 4
Answers = Counter[str]


def processes(site: Site) -> set[int]:
    """Those of this gunicorn that answer requests."""
    return {child.pid for child in psutil.Process(site.gunicorn.pid).children()}


def visit(address: str, path: str, *, kept: bool, over: Event) -> Answers:
    """Ask again and again until it is over, on one connection or on a new one each time."""
    answers: Answers = Counter()
    connection = http.client.HTTPConnection(address, timeout=30)
    while not over.wait(0.005):
        try:
            connection.request("GET", path, headers={} if kept else {"Connection": "close"})
            response = connection.getresponse()
            response.read()
            answers[f"{path} {response.status}"] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[f"{path} {error!r}"] += 1
            connection.close()
    connection.close()
    return answers


@contextmanager
def load_on(site: Site) -> Iterator[Answers]:
    """Visitors who hardly pause; what they were answered is filled in at the end."""
    over = Event()
    address = urlsplit(site.url).netloc
    seen: Answers = Counter()
    with ThreadPoolExecutor(VISITORS) as pool:
        visits = [
            pool.submit(visit, address, path, kept=kept, over=over)
            for path in ("/health/live", "/login/")
            for kept in (False, True)
        ]
        try:
            yield seen
        finally:
            over.set()
    for visited in visits:
        seen.update(visited.result())


def by_hang_up(site: Site) -> None:
    """What `docker kill --signal HUP` and `systemctl reload` do, twice."""
    for _ in range(2):
        before = processes(site)
        site.gunicorn.send_signal(signal.SIGHUP)
        wait_until(lambda old=before: not old & processes(site), "the end of the old processes")


def by_number_of_requests(site: Site) -> None:
    before = processes(site)
    wait_until(
        lambda: not before & processes(site), "the end of processes that served their number"
    )


@pytest.mark.parametrize(
    ("options", "replace"),
    [
        ((), by_hang_up),
        (("--max-requests", "100", "--max-requests-jitter", "30"), by_number_of_requests),
    ],
    ids=["hang-up", "max-requests"],
)
def test_no_request_is_lost_while_processes_are_replaced(
    fresh_database: Database,
    tmp_path: Path,
    options: tuple[str, ...],
    replace: Callable[[Site], None],
) -> None:
    with serving(fresh_database.url, tmp_path / "site.log", *options) as site:
        wait_until(lambda: len(processes(site)) == 2, "both processes")
        with load_on(site) as seen:
            replace(site)
    assert set(seen) == {"/health/live 200", "/login/ 200"}, seen


def test_no_request_is_lost_while_a_second_server_takes_over_the_socket(
    fresh_database: Database, tmp_path: Path
) -> None:
    new_log = tmp_path / "new.log"
    with serving(fresh_database.url, tmp_path / "old.log") as site, ExitStack() as clean_up:
        wait_until(lambda: len(processes(site)) == 2, "both processes")
        with load_on(site) as seen:
            new = gunicorn_on(site.listener, fresh_database.url, new_log)
            clean_up.callback(new.kill)
            wait_until(lambda: "Booting worker" in new_log.read_text(), "the new server")
            site.gunicorn.terminate()
            assert site.gunicorn.wait(timeout=30) == 0
            assert Browser(site.url).get("/login/").status == 200, "by the new one alone"
        new.terminate()
        assert new.wait(timeout=30) == 0
    assert set(seen) == {"/health/live 200", "/login/ 200"}, seen
