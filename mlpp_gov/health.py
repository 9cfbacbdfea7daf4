"""/health and /health/live: the verdict an uptime monitor reads, whatever the database does."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Lock, Thread, Timer
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from mlpp_gov import producer

# Seconds from the start of a probe to its verdict: 2.5 are promised, a busy machine gets 0.3.
DEADLINE = 2.2
# Seconds during which a verdict serves again, so that a monitor's burst costs one connection.
FRESHNESS = 1.0

Checks = dict[str, str]


class Verdict(NamedTuple):
    """`status` is pass, warn (everything works but what the checks name) or fail."""

    status: str
    checks: Checks


OK = "ok"
ALIVE = Verdict("pass", {})
TIMED_OUT = Verdict("fail", {"database": "délai dépassé", "contract": "non vérifié"})
AWAY = Verdict("fail", {"database": "indisponible", "contract": "non vérifié"})
NOT_DEPLOYED = Verdict("fail", {"database": OK, "contract": "absent"})
HEALTHY: Checks = {"database": OK, "contract": OK}

CONTRACT_PRESENT = """
    SELECT to_regclass('public.v_integrity_checks') IS NOT NULL
       AND to_regclass('public.system_alerts') IS NOT NULL
       AND to_regprocedure('gouvernance.sync_alerts(integer)') IS NOT NULL
       AND to_regclass('gouvernance.check_runs') IS NOT NULL
"""
# The age of the last evaluation, and how many of its checks failed; a check that is switched off is
# nobody's worry. One statement: the probe's deadline leaves room for one statement_timeout.
LAST_EVALUATION = """
    SELECT now() - run.finished_at, (
        SELECT count(*)
        FROM gouvernance.check_runs AS r LEFT JOIN gouvernance.checks AS c ON c.code = r.check_code
        WHERE r.run = run.id AND r.failure IS NOT NULL AND c.enabled IS DISTINCT FROM false
    )
    FROM gouvernance.sync_runs AS run
    ORDER BY run.id DESC
    LIMIT 1
"""


class HealthMiddleware:
    """Answer /health (process, database, contract, evaluation) and /health/live (process only).

    First in the chain: no session, cookie, Host validation, redirect to HTTPS or log line. The
    status code carries the verdict, 200 or 503, since free monitors send HEAD.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._lock = Lock()
        self._probe: DatabaseProbe | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/health":
                return self._answer(request, self._database_verdict)
            case "/health/live":
                return self._answer(request, lambda: ALIVE)
        return self.get_response(request)

    def _answer(self, request: HttpRequest, examine: Callable[[], Verdict]) -> HttpResponse:
        response: HttpResponse
        if request.method in ("GET", "HEAD"):
            response = _response(examine(), body=request.method == "GET")
        else:
            response = HttpResponseNotAllowed(["GET", "HEAD"])
        response["Cache-Control"] = "no-store"
        # A monitor asks every minute: during an outage Django would log each 503 as an error.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def _database_verdict(self) -> Verdict:
        with self._lock:
            if self._probe is None or self._probe.is_stale():
                self._probe = DatabaseProbe(connection.get_connection_params())
                self._probe.start()
            probe = self._probe
        return probe.verdict_by_deadline()


def _response(verdict: Verdict, *, body: bool) -> HttpResponse:
    # Not application/health+json: that draft expired, asks for another shape of `checks`, and
    # browsers download it instead of showing it.
    content = json.dumps(
        {
            "status": verdict.status,
            **producer.keys(),
            "checks": verdict.checks,
        },
        ensure_ascii=False,
    ).encode()
    return HttpResponse(
        content if body else b"",
        status=503 if verdict.status == "fail" else 200,
        content_type="application/json",
        headers={"Content-Length": str(len(content))},
    )


class DatabaseProbe(Thread):
    """One look at the database on a connection of its own, which nobody waits for past the deadline.

    A thread, because name resolution can't be interrupted; a daemon, because a resolution that
    hangs must not keep the process from stopping.
    """

    def __init__(self, parameters: dict[str, Any], *, deadline: float = DEADLINE) -> None:
        super().__init__(name="health", daemon=True)
        self._parameters = parameters
        self._deadline = deadline
        self.failure: psycopg.Error | None = None
        self._started_at = self._decided_at = monotonic()
        self._verdict = TIMED_OUT

    def is_stale(self) -> bool:
        """Whether this probe has ended and its verdict is too old to serve again."""
        return not self.is_alive() and monotonic() - self._decided_at > FRESHNESS

    def verdict_by_deadline(self) -> Verdict:
        """Wait for the verdict, at most until the deadline; TIMED_OUT when it did not come."""
        self.join(self._seconds_left())
        return self._verdict

    def run(self) -> None:
        try:
            self._verdict = self._look()
        except psycopg.Error as error:
            self._verdict, self.failure = AWAY, error
        self._decided_at = monotonic()

    def _look(self) -> Verdict:
        """Ask for the contract's objects. SET LOCAL, because poolers drop start-up options."""
        parameters = {
            **self._parameters,
            "connect_timeout": int(self._deadline),
            "prepare_threshold": None,
        }
        with (
            psycopg.connect(**parameters) as database,
            hung_up_after(database, self._seconds_left()),
        ):
            database.execute("SET LOCAL statement_timeout = 1500")
            if database.execute(CONTRACT_PRESENT).fetchone() != (True,):
                return NOT_DEPLOYED
            return _judge_evaluation(database)

    def _seconds_left(self) -> float:
        return max(0.0, self._started_at + self._deadline - monotonic())


def _judge_evaluation(database: psycopg.Connection[Any]) -> Verdict:
    """Say what is not well with the last evaluation. A table that is locked is no outage."""
    try:
        row = database.execute(LAST_EVALUATION).fetchone()
    except psycopg.errors.QueryCanceled:
        return Verdict("warn", HEALTHY | {"integrity": "non vérifié"})
    return evaluation_verdict(row)


def evaluation_verdict(row: tuple[timedelta, int] | None) -> Verdict:
    """Judge a row of LAST_EVALUATION: its age, and how many checks failed in it.

    An installation that has never evaluated is no outage.
    """
    if row is None:
        return Verdict("warn", HEALTHY | {"evaluation": "jamais évalué"})
    age, failing = row
    remarks: Checks = {}
    if failing:
        remarks["integrity"] = f"{failing} contrôle{'s' * (failing > 1)} en échec"
    if age > settings.SYNC_STALE_AFTER:
        remarks["evaluation"] = f"dernière il y a {age // timedelta(minutes=1)} min"
    status = "fail" if age > settings.SYNC_DEAD_AFTER else "warn" if remarks else "pass"
    return Verdict(status, HEALTHY | remarks)


@contextmanager
def hung_up_after(database: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Cut the connection after `seconds`, so that a server gone silent can't hold the probe.

    statement_timeout is the server's own; a frozen server or a lost network never applies it.
    """
    with socket.socket(fileno=os.dup(database.fileno())) as line:

        def hang_up() -> None:
            with suppress(OSError):  # the probe ended at this very moment, or the peer did
                line.shutdown(socket.SHUT_RDWR)

        alarm = Timer(seconds, hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()
