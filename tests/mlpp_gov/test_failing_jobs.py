"""A job that goes on failing is told once, until it has succeeded; what is told elsewhere is not."""

import asyncio
from collections.abc import Iterator

import pytest
from procrastinate import App, PsycopgConnector, RetryStrategy

from mlpp_gov import failing_jobs
from tests.database import Database


class ToldElsewhere(Exception):
    told = True


class Queue:
    """A worker on the test's own database, and a task that ends as it is told to."""

    def __init__(self, database: Database) -> None:
        self.app = App(connector=PsycopgConnector(conninfo=database.url))
        self.outcomes: Iterator[Exception | None] = iter(())
        self.app.task(name="essai")(self._end)
        self.app.task(name="obstinée", retry=RetryStrategy(max_attempts=3, wait=0))(self._end)

    def _end(self) -> None:
        if error := next(self.outcomes):
            raise error

    def work(self, task: str, *outcomes: Exception | None, jobs: int) -> None:
        """So many jobs of that task, with one outcome for each attempt."""
        self.outcomes = iter(outcomes)

        async def work() -> None:
            async with self.app.open_async():
                for _ in range(jobs):
                    await self.app.configure_task(task).defer_async()
                await self.app.run_worker_async(
                    wait=False, worker_middleware=[failing_jobs.report_first_failure]
                )

        asyncio.run(work())
        assert next(self.outcomes, "none left") == "none left"


@pytest.fixture
def queue(fresh_database: Database) -> Queue:
    return Queue(fresh_database)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(failing_jobs, "report_error", lambda error: told.append(str(error)))
    return told


def test_a_row_of_failures_is_told_once_and_a_new_one_again(
    queue: Queue, reports: list[str]
) -> None:
    queue.work("essai", None, OSError("un"), OSError("deux"), ValueError("trois"), jobs=4)
    assert reports == ["un"]
    queue.work("essai", OSError("un autre worker"), None, OSError("quatre"), jobs=3)
    assert reports == ["un", "quatre"]


def test_what_is_tried_again_is_told_at_the_first_attempt(queue: Queue, reports: list[str]) -> None:
    queue.work("obstinée", OSError("un"), OSError("deux"), None, jobs=1)
    assert reports == ["un"]


def test_what_a_screen_shows_or_the_task_itself_told_is_not_told_again(
    queue: Queue, reports: list[str]
) -> None:
    queue.work("essai", ToldElsewhere(), jobs=1)
    assert reports == []
