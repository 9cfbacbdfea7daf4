"""The soak itself: the processes, their faults, and what must hold in the end."""

import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import count, cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, NamedTuple

import psycopg

from bench.installed import children, installed, resident_megabytes
from bench.soak.visitors import Act, Memory, Visitor
from mlpp_gov import embedded
from tests.database import SERVER_URL, Database
from tests.faults.conftest import Site, serving
from tests.faults.test_worker import Worker, worker_env

NAME = "bench_soak"
ALERTS = 400
HANDLERS, READERS, WORKERS = 3, 2, 2
SECONDS_BETWEEN_FAULTS = 20
SECONDS_BETWEEN_SAMPLES = 2
SECONDS_TO_DRIP = 4
MEGABYTES_ALLOWED = 10  # of growth, from the second quarter to the last

# Trucks that arrive and others that are unloaded: alerts open and resolve with each evaluation.
BUSINESS_GOES_ON = """
    UPDATE public.cours_de_route
    SET statut = CASE statut WHEN 'ARRIVE' THEN 'DECHARGE' ELSE 'ARRIVE' END
    WHERE id IN (SELECT id FROM public.cours_de_route ORDER BY random() LIMIT 20)
"""
ACTS = """
    SELECT alert_id::text, kind, details ->> 'text', source
    FROM gouvernance.alert_events
    WHERE actor IS NOT NULL
"""
TWICE = """
    SELECT count(*) FROM (
        SELECT date_trunc('minute', started_at) FROM gouvernance.sync_runs
        WHERE path = 'worker' GROUP BY 1 HAVING count(*) > 1
    ) AS minutes
"""
OPEN_CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
)


class Sample(NamedTuple):
    web: dict[int, float]  # megabytes, by process
    workers: dict[int, float]
    threads: int
    connections: int


def soak(seconds: float) -> list[str]:
    """Load and break the product for so many seconds, print figures, return what did not hold."""
    with (
        installed(NAME, alerts=ALERTS, people=HANDLERS + READERS) as database,
        TemporaryDirectory(prefix="mlpp-soak-") as folder,
        dripping_service() as port,
    ):
        with database.owner() as owner:
            # What the server has confirmed must survive its crash.
            owner.execute(f"ALTER DATABASE {NAME} SET synchronous_commit = on")
            owner.execute(
                "INSERT INTO gouvernance.notification_rules (topic, recipient, delivery)"
                " VALUES ('opened', 'channel:lent', 'at_once')"
            )
        env = {
            **worker_env(database),
            "MLPP_DATA_DIR": folder,
            "NOTIFY_CHANNELS": f"lent=json://127.0.0.1:{port}/",
            "SYNC_PERIOD_MINUTES": "1",
            "LOG_LEVEL": "WARNING",
        }
        with serving(database.url, Path(folder) / "site.log", **env) as site:
            faults = Faults(database, site, env, Path(folder))
            try:
                memories, samples = faults.under_load(seconds)
            finally:
                faults.stop()
            verdict = judged(database, memories, samples)
        _tell(memories, samples, faults.happened, database)
    return verdict


class Faults:
    """The workers, and what happens to them, to gunicorn's and to the database."""

    def __init__(self, database: Database, site: Site, env: dict[str, str], folder: Path) -> None:
        self.happened: Counter[str] = Counter()
        self._database, self._site, self._env = database, site, env
        self._logs = (folder / f"worker-{number}.log" for number in count())
        self._workers = [self._worker() for _ in range(WORKERS)]
        self._cluster = Path(str(psycopg.conninfo.conninfo_to_dict(SERVER_URL)["host"]))

    def under_load(self, seconds: float) -> tuple[list[Memory], list[Sample]]:
        """One fault after the other for so long; then a minute's calm is over at once."""
        visitors = [
            Visitor(self._site.browser(f"directeur {number}"), number)
            for number in range(1, HANDLERS + READERS + 1)
        ]
        self._watched = children(self._site.gunicorn.pid)[0]
        over = Event()
        samples: list[Sample] = []
        with ThreadPoolExecutor(len(visitors)) as pool:
            visits = [
                pool.submit(visitor.handle if number < HANDLERS else visitor.read, over)
                for number, visitor in enumerate(visitors)
            ]
            try:
                self._break_things(time.monotonic() + seconds, samples)
            finally:
                over.set()
            for visit in visits:
                visit.result(timeout=60)
        return [visitor.memory for visitor in visitors], samples

    def stop(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.stop()

    def _worker(self) -> Worker:
        return Worker(self._env, next(self._logs))

    def _break_things(self, end: float, samples: list[Sample]) -> None:
        faults = cycle(
            (
                self._kill_a_worker,
                self._restart_the_database,
                self._kill_a_web_process,
                self._crash_the_database,
            )
        )
        next_fault = time.monotonic() + SECONDS_BETWEEN_FAULTS
        while time.monotonic() < end:
            time.sleep(SECONDS_BETWEEN_SAMPLES)
            with self._database.owner() as owner:
                owner.execute(BUSINESS_GOES_ON)
                samples.append(self._sample(owner))
            # The last minute is calm: what is left over then is a leak, not an outage.
            if next_fault < time.monotonic() < end - SECONDS_BETWEEN_FAULTS:
                next(faults)()
                next_fault = time.monotonic() + SECONDS_BETWEEN_FAULTS

    def _kill_a_worker(self) -> None:
        killed = self._workers.pop(0)
        killed.process.kill()
        killed.process.wait()
        self._workers.append(self._worker())
        self.happened["workers killed"] += 1

    def _kill_a_web_process(self) -> None:
        """Never the first: its memory is watched from the beginning to the end."""
        others = [pid for pid in children(self._site.gunicorn.pid) if pid != self._watched]
        os.kill(others[0], signal.SIGKILL)
        self.happened["web processes killed"] += 1

    def _restart_the_database(self) -> None:
        self._pg_ctl("restart", "fast")
        self.happened["database restarted"] += 1

    def _crash_the_database(self) -> None:
        self._pg_ctl("restart", "immediate")
        self.happened["database crashed"] += 1

    def _pg_ctl(self, action: str, mode: str) -> None:
        log = str(self._cluster / "server.log")
        embedded._run("pg_ctl", self._cluster, action, "-m", mode, "-w", "-l", log)

    def _sample(self, owner: psycopg.Connection[Any]) -> Sample:
        web = _megabytes(children(self._site.gunicorn.pid))
        workers = _megabytes([worker.process.pid for worker in self._workers])
        threads = sum(_threads(pid) for pid in web)
        (connections,) = owner.execute(OPEN_CONNECTIONS, [embedded.APP_LOGIN]).fetchone() or (0,)
        return Sample(web, workers, threads, connections)


def _megabytes(processes: list[int]) -> dict[int, float]:
    """Resident memory of those that have not ended."""
    found = {}
    for process in processes:
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            found[process] = resident_megabytes(process)
    return found


def _threads(process: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return len(list(Path(f"/proc/{process}/task").iterdir()))
    return 0


def judged(database: Database, memories: list[Memory], samples: list[Sample]) -> list[str]:
    """What did not hold, in words; nothing when all did."""
    with database.owner() as owner:
        events = owner.execute(ACTS).fetchall()
        (twice,) = owner.execute(TWICE).fetchone() or (0,)
    kept = Counter((alert, kind) for alert, kind, _, _ in events if kind != "note")
    notes = Counter(text for _, kind, text, _ in events if kind == "note")
    done = sum((memory.done for memory in memories), Counter[Act]())
    unsure = sum((memory.unsure for memory in memories), Counter[Act]())
    written = {text: seen for memory in memories for text, seen in memory.notes.items()}
    return [
        *(f"answered {what}" for memory in memories for what in memory.unexpected[:5]),
        *(f"lost: {act}" for act in done - kept),
        *(f"nobody asked for: {act}" for act in kept - done - unsure),
        *(f"note lost: {text}" for text, seen in written.items() if seen and not notes[text]),
        *(f"note kept {n} times: {text}" for text, n in notes.items() if n > 1),
        *(f"note of nobody: {text}" for text in notes.keys() - written.keys()),
        *([f"{twice} periods evaluated twice"] if twice else []),
        *grown(samples),
    ]


def grown(samples: list[Sample]) -> Iterator[str]:
    """What is more in the last quarter than in the two before it, when the load was already steady.

    In both: a fault in one of them lowers for a while what the last would be compared with.
    """
    quarter = len(samples) // 4
    before, after = samples[quarter : 3 * quarter], samples[-quarter:]
    for process in before[0].web.keys() & after[-1].web.keys():
        first, last = (
            median(sample.web[process] for sample in part if process in sample.web)
            for part in (before, after)
        )
        if last - first > MEGABYTES_ALLOWED:
            yield f"process {process} grew from {first:.0f} to {last:.0f} MB"
    for name in ("threads", "connections"):
        first, last = (max(getattr(sample, name) for sample in part) for part in (before, after))
        if last > first + 2:
            yield f"{name} grew from {first} to {last}"


def _tell(
    memories: list[Memory], samples: list[Sample], happened: Counter[str], database: Database
) -> None:
    quarter = len(samples) // 4
    statuses = sum((memory.statuses for memory in memories), Counter[int]())
    with database.owner() as owner:
        figures = {
            "evaluations": "SELECT count(*) FROM gouvernance.sync_runs",
            "events": "SELECT count(*) FROM gouvernance.alert_events",
            "messages": "SELECT count(*) FROM gouvernance.notification_messages",
            "sent": "SELECT count(*) FROM gouvernance.notification_messages WHERE state = 'sent'",
        }
        counted = {
            name: (owner.execute(sql).fetchone() or (0,))[0] for name, sql in figures.items()
        }
    lines: dict[str, object] = {
        "pages": dict(sorted(statuses.items())),
        "requests cut by a kill": sum(memory.cut for memory in memories),
        "acts seen done": sum(memory.done.total() for memory in memories),
        "acts unsure": sum(memory.unsure.total() for memory in memories),
        "notes": sum(len(memory.notes) for memory in memories),
        "faults": dict(happened),
        **counted,
    }
    for name, part in (
        ("at first", samples[quarter : 2 * quarter]),
        ("at last", samples[-quarter:]),
    ):
        for kind in ("web", "workers"):
            processes = [getattr(sample, kind).values() for sample in part]
            lines[f"megabytes of {kind} {name}"] = (
                f"{median(max(of, default=0) for of in processes):.0f} at most"
            )
        lines[f"threads {name}"] = max(sample.threads for sample in part)
        lines[f"connections {name}"] = max(sample.connections for sample in part)
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in lines.items()))


@contextmanager
def dripping_service() -> Iterator[int]:
    """A service on that port which answers « 200 » byte by byte, and every fourth time not at all."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    chance = random.Random(1)  # noqa: S311

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            if chance.random() < 0.25:
                time.sleep(SECONDS_TO_DRIP)
                return
            for byte in answer:
                connection.send(bytes([byte]))
                time.sleep(SECONDS_TO_DRIP / len(answer))

    def serve() -> None:
        with suppress(OSError):  # closed at the end
            while True:
                connection, _ = listener.accept()
                Thread(target=drip, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        Thread(target=serve, daemon=True).start()
        stack.callback(listener.shutdown, socket.SHUT_RDWR)
        yield listener.getsockname()[1]
