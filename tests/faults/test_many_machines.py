"""Three web machines and two workers, one PostgreSQL, PgBouncer in transaction mode between them."""

from contextlib import ExitStack
from email import message_from_bytes, policy
from itertools import cycle
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from mlpp_gov.roles import Role
from tests import business
from tests.database import Database
from tests.faults.conftest import Browser, Page, Pooler, Site, plant_person, serving, wait_until
from tests.faults.test_pooler import POOLER_TROUBLE
from tests.faults.test_worker import (
    all_done,
    defer,
    evaluation_at_its_end,
    quiet_database,  # noqa: F401  # a fixture
    runs,
    wait_for_the_evaluation,
    worker_env,
    working,
)

LIST = "/governance/integrity/"
NEGATIVE = "STOCK_NEGATIF"
OPENED, OVER = "CRITICAL · Stock négatif", "Rétabli · Stock négatif"
MACHINES = 3


class Balanced(Browser):
    """A visitor whose every request goes to the next machine, as behind a load balancer."""

    def __init__(self, sites: list[Site]) -> None:
        super().__init__(sites[0].url)
        self._sites = cycle(site.url for site in sites)

    def get(self, path: str, data: dict[str, str] | None = None) -> Page:
        self.site = next(self._sites)
        return super().get(path, data)

    def on_every_machine(self, path: str) -> list[str]:
        return [self.get(path).text for _ in range(MACHINES)]


def negative_tank(owner: psycopg.Connection) -> UUID:
    cursor = owner.cursor()
    tank = business.citerne(cursor)
    business.snapshot(cursor, tank, 10_000)
    business.adjustment(cursor, tank, -14_000)
    return tank


def alert_on(owner: psycopg.Connection, tank: UUID) -> UUID:
    ((alert,),) = owner.execute(
        "SELECT id FROM public.system_alerts WHERE check_code = %s AND entity_id = %s",
        [NEGATIVE, tank],
    )
    return alert


def subjects(mailbox: Path, alert: UUID) -> list[str]:
    """Of the mails that lead to the alert, each as often as it was sent."""
    texts = [
        text
        for file in mailbox.glob("*.log")
        for text in file.read_bytes().split(b"-" * 79 + b"\n")
        if str(alert).encode() in text
    ]
    return sorted(message_from_bytes(text, policy=policy.default)["Subject"] for text in texts)


@pytest.mark.parametrize("pooler", [{"default_pool_size": "4"}], indirect=True, ids=str)
def test_they_are_one_product_and_the_job_of_a_killed_worker_is_taken_over(
    quiet_database: Database,  # noqa: F811
    pooler: Pooler,
    tmp_path: Path,
) -> None:
    mailbox = tmp_path / "mail"
    env = {
        **worker_env(quiet_database),
        "DATABASE_URL": pooler.url,
        "DATABASE_POOLING": "transaction",
        "MLPP_DATA_DIR": str(tmp_path),
    }
    with ExitStack() as stack:
        owner = stack.enter_context(quiet_database.owner())
        app = stack.enter_context(quiet_database.app())
        workers = [
            stack.enter_context(working(env, tmp_path / f"worker-{number}.log"))
            for number in range(2)
        ]
        sites = [
            stack.enter_context(
                serving(
                    pooler.url,
                    tmp_path / f"site-{number}.log",
                    "--workers=1",
                    DATABASE_POOLING="transaction",
                )
            )
            for number in range(MACHINES)
        ]
        plant_person(owner, Role.DIRECTEUR, profile="directeur", name="directrice")
        owner.execute("UPDATE gouvernance.mlpp_gov_user SET email = 'directrice@example.org'")
        visitor = Balanced(sites)
        visitor.sign_in("directrice")

        # A fact of ML_PP's becomes one alert, on every machine, and one message.
        tank = negative_tank(owner)
        assert [defer(app, 0) is None for _ in workers] == [False, True]
        wait_until(lambda: runs(owner) == ["worker"] and all_done(owner), "the evaluation")
        alert = alert_on(owner, tank)
        assert all("stock négatif" in text for text in visitor.on_every_machine(LIST))
        wait_until(lambda: bool(subjects(mailbox, alert)), "the message")

        # What is done on one machine is so on the others.
        detail = f"{LIST}{alert}/"
        page = visitor.submit(visitor.get(detail), f"/governance/alerts/{alert}/ack/")
        assert "Alerte acquittée" in page.text
        acknowledged = visitor.on_every_machine(detail)
        assert all("Acquittée par directrice" in text for text in acknowledged)
        business.adjustment(owner.cursor(), tank, 20_000)
        page = visitor.submit(visitor.get(detail), f"/governance/alerts/{alert}/resolve/")
        assert "Alerte résolue" in page.text
        assert all("Résolue par directrice" in text for text in visitor.on_every_machine(detail))

        # The worker that evaluates the next period is killed; the other one does it.
        second = negative_tank(owner)
        with evaluation_at_its_end(owner):
            defer(app, 2)
            wait_for_the_evaluation(owner)
            ((job,),) = owner.execute(
                "SELECT id FROM gouvernance.procrastinate_jobs"
                " WHERE task_name = 'sync_alerts' AND status = 'doing'"
            )
            started = f"Starting job sync_alerts[{job}]"
            (killed,) = [worker for worker in workers if started in worker.log.read_text()]
            killed.process.kill()
            killed.process.wait(timeout=60)
        owner.execute(
            "UPDATE gouvernance.procrastinate_workers AS w"
            " SET last_heartbeat = now() - interval '1 min'"
            " FROM gouvernance.procrastinate_jobs AS j WHERE j.id = %s AND j.worker_id = w.id",
            [job],
        )
        defer(app, 9, task="take_over")
        wait_until(lambda: runs(owner) == ["worker"] * 2 and all_done(owner), "the taken over job")
        opened = alert_on(owner, second)
        assert all(str(opened) in text for text in visitor.on_every_machine(LIST))
        wait_until(lambda: bool(subjects(mailbox, opened)), "the second message")

        # Nothing twice: no period, no transition, no message, however often it is looked for.
        defer(app, 11, task="notify")
        wait_until(
            lambda: (
                owner.execute(
                    "SELECT count(*) FROM gouvernance.procrastinate_jobs WHERE status IN ('todo', 'doing')"
                ).fetchone()
                == (0,)
            ),
            "a queue with nothing left",
        )
        assert subjects(mailbox, opened) == [OPENED]
        assert subjects(mailbox, alert) == [OPENED, OVER]
        kinds = owner.execute(
            "SELECT kind FROM gouvernance.alert_events WHERE alert_id = %s ORDER BY id", [alert]
        )
        assert [kind for (kind,) in kinds] == ["opened", "acknowledged", "resolved"]
    logs = [*(site.log for site in sites), *(worker.log for worker in workers), pooler.log]
    assert [POOLER_TROUBLE.findall(log.read_text()) for log in logs[:MACHINES]] == [[]] * MACHINES
    assert not any("prepared statement" in log.read_text() for log in logs)
