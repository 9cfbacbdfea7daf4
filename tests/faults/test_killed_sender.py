"""A worker that is killed while it sends: nobody knows what left, so nothing is sent again by itself."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.database import Database
from tests.faults.conftest import SECONDS_TO_SEE, plant_alert, wait_until
from tests.faults.test_worker import worker_env, working


def test_what_was_being_sent_is_of_unknown_issue_and_not_sent_again(
    fresh_database: Database, tmp_path: Path
) -> None:
    with fresh_database.owner() as owner, socket.create_server(("127.0.0.1", 0)) as service:
        service.settimeout(SECONDS_TO_SEE)
        port = service.getsockname()[1]
        env = {**worker_env(fresh_database), "NOTIFY_CHANNELS": f"lent=json://127.0.0.1:{port}/"}
        owner.execute("DELETE FROM gouvernance.notification_rules")
        owner.execute(
            "INSERT INTO gouvernance.notification_rules (topic, recipient, delivery)"
            " VALUES ('opened', 'channel:lent', 'at_once')"
        )
        plant_alert(owner)

        def state() -> str:
            (found,) = owner.execute(
                "SELECT state FROM gouvernance.notification_messages"
            ).fetchone()
            return found

        def job() -> str:
            (status,) = owner.execute(
                "SELECT status::text FROM gouvernance.procrastinate_jobs WHERE task_name = 'send'"
            ).fetchone()
            return status

        with working(env, tmp_path / "first.log") as first:
            connection, _ = service.accept()  # the worker sends, and gets no answer
            with connection:
                assert connection.recv(4) == b"POST"
                assert state() == "sending"
                first.process.kill()
                first.process.wait()

        # Another takes its job over, as after 30 seconds without a sign of life.
        owner.execute(
            "UPDATE gouvernance.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
        )
        owner.execute("UPDATE gouvernance.procrastinate_periodic_defers SET defer_timestamp = 0")
        with working(env, tmp_path / "second.log"):
            wait_until(lambda: job() == "succeeded", "the job taken over")
        assert state() == "sending"

        owner.execute(
            "UPDATE gouvernance.notification_attempts SET started_at = now() - interval '6 minutes'"
        )
        subprocess.run([sys.executable, "manage.py", "notify"], env=env, check=True, timeout=60)
        assert state() == "unknown"
        service.settimeout(0)
        try:
            service.accept()
        except BlockingIOError:
            return
        raise AssertionError("it was sent a second time")
