"""Writing the journal to PostgreSQL beside the requests, and never more than PostgreSQL can bear.

Repeated events are counted, not repeated: the first of a kind is written within seconds, what follows
it waits for a minute and becomes one row. A kind is one event, answer, route, address and account.
"""

import atexit
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Event as Signal
from threading import Lock, Thread
from time import monotonic
from typing import Any

import psycopg
from django.db import connection

from mlpp_gov import producer
from mlpp_gov.health import hung_up_after

logger = logging.getLogger(__name__)

HOLD = 60.0  # seconds during which what repeats is counted
# Kinds told apart during that time, in one process; beyond, only the event and its count are kept.
MOST_KINDS = 1_000
GATHERED = 1.0  # seconds for the companions of a first event to come
LOOKED_AGAIN = 10.0  # seconds after which what was held back, or refused, is looked at again
WRITE_LIMIT = 3.0  # seconds

UNTOLD = "origines trop nombreuses pour être détaillées"
SEVERAL_NAMES = "plusieurs noms essayés"

Kind = tuple[object, ...]


@dataclass(frozen=True)
class Access:
    """One row of gouvernance.access_events; `at` is UTC, in ISO 8601."""

    at: str
    event: str
    reason: str
    severity: str
    status: int | None
    method: str
    route: str
    user_id: int | None
    role: str
    address: str | None
    user_agent: str
    request_id: str | None
    session: str
    typed_name: str
    detail: str
    release: str
    count: int = 1

    @property
    def line(self) -> str:
        return json.dumps({**asdict(self), **producer.keys()}, ensure_ascii=False)


@dataclass
class Slot:
    """One kind: what waits to be written, and until when it is held back."""

    waiting: Access | None = None
    held_until: float = 0.0

    def take_in(self, access: Access) -> None:
        self.waiting = access if self.waiting is None else _together(self.waiting, access)


class Journal:
    """What waits to be written, in bounded memory, and the thread that writes it.

    `write` takes rows to the database, or raises psycopg.Error: they are then kept and tried again,
    unless PostgreSQL refuses what is in them.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Access]], None],
        *,
        background: bool = True,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._write = write
        self._background = background
        self._clock = clock
        self.start_anew()

    def start_anew(self) -> None:
        """Forget everything: in a forked process the parent writes what it had, and locks are lost."""
        self._lock = Lock()
        self._writing = Lock()
        self._came = Signal()
        self._slots: dict[Kind, Slot] = {}
        self._thread: Thread | None = None
        self._is_failing = False

    def add(self, access: Access, *, alone: bool = False) -> None:
        """Take one event in; `alone` keeps it a row of its own. Waits for nothing but a lock."""
        with self._lock:
            kind = _kind(access, alone=alone)
            if kind not in self._slots and len(self._slots) >= MOST_KINDS:
                access = _without_origin(access)
                kind = (access.event, access.reason)
            self._slots.setdefault(kind, Slot()).take_in(access)
            if self._background and (self._thread is None or not self._thread.is_alive()):
                self._thread = Thread(target=self._work, name="access-journal", daemon=True)
                self._thread.start()
        self._came.set()

    def flush(self, *, held_too: bool = False) -> None:
        """Write what is due, or with `held_too` everything; what can't be written now is kept."""
        with self._writing:
            due = self._take(held_too)
            if not due:
                return
            try:
                self._write([*due.values()])
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                logger.error(
                    "Journal des accès : %d lignes refusées, perdues ici. %s", len(due), error
                )
            except psycopg.Error as error:
                self._put_back(due)
                if not self._is_failing:
                    logger.warning("Journal des accès : la base ne répond pas, %s", error)
                self._is_failing = True
            else:
                self._is_failing = False

    def _take(self, held_too: bool) -> dict[Kind, Access]:
        now = self._clock()
        due: dict[Kind, Access] = {}
        with self._lock:
            for kind, slot in list(self._slots.items()):
                if not held_too and now < slot.held_until:
                    continue
                if slot.waiting is None:
                    del self._slots[kind]
                    continue
                due[kind], slot.waiting = slot.waiting, None
                slot.held_until = now + HOLD
        return due

    def _put_back(self, due: dict[Kind, Access]) -> None:
        with self._lock:
            for kind, access in due.items():
                slot = self._slots.setdefault(kind, Slot())
                later, slot.waiting, slot.held_until = slot.waiting, access, 0.0
                if later:
                    slot.take_in(later)

    def _work(self) -> None:
        pause = Signal()
        while True:
            self._came.wait(LOOKED_AGAIN)
            self._came.clear()
            pause.wait(GATHERED)
            try:
                self.flush()
            except Exception:
                logger.exception("Le journal des accès n’a pas pu être écrit.")

    def close(self) -> None:
        """Write what is left, once: the process ends."""
        self.flush(held_too=True)


def _kind(access: Access, *, alone: bool) -> Kind:
    return (
        access.event,
        access.reason,
        access.status,
        access.route,
        access.address,
        access.user_id,
        access.request_id if alone else None,
    )


def _together(first: Access, other: Access) -> Access:
    """Both as one row, told by the first; what they don't have in common it does not pretend to know."""
    same_name = first.typed_name == other.typed_name
    return replace(
        first,
        count=first.count + other.count,
        typed_name=first.typed_name if same_name else "",
        detail=(first.detail if first.detail == other.detail else "")
        if same_name
        else SEVERAL_NAMES,
    )


def _without_origin(access: Access) -> Access:
    return replace(
        access,
        status=None,
        method="",
        route="",
        user_id=None,
        role="",
        address=None,
        user_agent="",
        request_id=None,
        session="",
        typed_name="",
        detail=UNTOLD,
    )


def write_rows(rows: Sequence[Access]) -> None:
    """Write on a connection of its own, outside any request's transaction, and close it.

    Raises psycopg.Error within WRITE_LIMIT, and the time to connect, whatever the server does.
    """
    parameters: dict[str, Any] = connection.get_connection_params()
    parameters = {**parameters, "connect_timeout": 2, "prepare_threshold": None}
    with psycopg.connect(**parameters) as database, hung_up_after(database, WRITE_LIMIT):
        database.execute(
            "SELECT gouvernance.record_accesses(%s::jsonb)",
            [json.dumps([asdict(row) for row in rows])],
        )


journal = Journal(write_rows)


def _close() -> None:
    journal.close()


def _start_anew() -> None:
    journal.start_anew()


atexit.register(_close)
os.register_at_fork(after_in_child=_start_anew)
