"""The database goes away under load: pages say so, and the site recovers by itself."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import NamedTuple

import pytest
from django.conf import settings

from mlpp_gov import embedded
from mlpp_gov.demo import accounts
from tests.faults.conftest import Browser, Page, wait_until

VISITORS = 4
SECONDS_TO_RECOVER = 10
LIST = "/governance/integrity/"


class Installation(NamedTuple):
    site: str
    cluster: Path

    def server(self, action: str, *options: str) -> None:
        """pg_ctl, as the account that owns the cluster."""
        log = str(self.cluster / "server.log")
        embedded._run("pg_ctl", self.cluster, action, "-w", "-l", log, *options)


class Answer(NamedTuple):
    at: float  # seconds, monotonic; when the request was sent
    page: Page


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """What `make run` runs, with the demonstration: a server of its own, which may crash."""
    with TemporaryDirectory(prefix="mlpp-restart-") as folder:
        ours = {name: text for name, text in os.environ.items() if not name.startswith("DATABASE_")}
        run = subprocess.Popen(
            [sys.executable, "manage.py", "dev"],
            cwd=settings.BASE_DIR,
            env={**ours, "MLPP_DATA_DIR": folder, "PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # an outage is told there at length
            text=True,
        )
        try:
            line = next(line for line in run.stdout if "http://" in line)
            yield Installation(line.split()[-1].rstrip("/"), Path(folder) / "postgres")
        finally:
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=60)


@contextmanager
def under_load(site: str) -> Iterator[list[Answer]]:
    """Visitors who open the list, an alert, the admin's list and the home page without pause."""
    answers: list[Answer] = []
    over = Event()

    def visit(browser: Browser) -> None:
        while not over.is_set():
            for path in (LIST, alert, "/admin/alerts/alert/", "/"):
                sent_at = time.monotonic()
                answers.append(Answer(sent_at, browser.get(path)))

    visitors = [Browser(site) for _ in range(VISITORS)]
    for visitor in visitors:
        visitor.sign_in(accounts.ADMIN.username, accounts.password())
    alert = re.search(rf"{LIST}[0-9a-f-]{{36}}/", visitors[0].get(LIST).text)[0]
    with ThreadPoolExecutor(VISITORS) as pool:
        visits = [pool.submit(visit, visitor) for visitor in visitors]
        try:
            wait_until(lambda: len(answers) > 2 * VISITORS, "answers before the outage")
            yield answers
        finally:
            over.set()
        for visit_ended in visits:
            visit_ended.result(timeout=60)


def assert_pages_or_503(answers: list[Answer]) -> None:
    assert {answer.page.status for answer in answers} <= {200, 503}
    for answer in answers:
        assert (answer.page.status == 503) == (">Réessayer</a>" in answer.page.text)


def assert_recovers(answers: list[Answer], since: float) -> None:
    """The visitors get nothing but pages again, and soon; nobody helps."""

    def latest_are_pages() -> bool:
        latest = answers[-8 * VISITORS :]
        return latest[0].at > since and all(answer.page.status == 200 for answer in latest)

    wait_until(latest_are_pages, "nothing but pages again")
    last_503 = max((answer.at for answer in answers if answer.page.status == 503), default=since)
    assert last_503 - since < SECONDS_TO_RECOVER


def test_stopped_it_answers_503_with_a_way_to_retry_and_started_again_it_recovers(
    installation: Installation,
) -> None:
    with under_load(installation.site) as answers:
        installation.server("stop", "-m", "immediate")
        gone_at = time.monotonic()
        wait_until(
            lambda: sum(answer.at > gone_at for answer in answers) > 2 * VISITORS,
            "answers during the outage",
        )
        back_at = time.monotonic()
        during = [answer.page.status for answer in answers if gone_at < answer.at < back_at]
        installation.server("start")
        assert_recovers(answers, since=time.monotonic())
    assert set(during) == {503}
    assert_pages_or_503(answers)


def test_restarted_at_once_it_never_answers_500_and_recovers(installation: Installation) -> None:
    with under_load(installation.site) as answers:
        installation.server("restart", "-m", "immediate")
        assert_recovers(answers, since=time.monotonic())
    assert_pages_or_503(answers)
