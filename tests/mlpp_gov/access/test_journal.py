"""The journal counts what repeats, holds a bounded number of rows, and loses none while it can't write."""

import os
from dataclasses import replace
from threading import Event as Signal

import psycopg
import pytest
from django.db import connections

from mlpp_gov.access import journal as module
from mlpp_gov.access.events import Event
from mlpp_gov.access.journal import HOLD, MOST_KINDS, Access, Journal
from mlpp_gov.access.recording import record
from tests.database import APP_LOGIN


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Store:
    """Stands where the database is: keeps the rows, or refuses them with `error`."""

    def __init__(self):
        self.rows = []
        self.error = None

    def __call__(self, rows):
        if self.error:
            raise self.error
        self.rows += rows


def refusal(**values):
    usual = Access(
        at="2026-11-21T12:00:00.000+00:00",
        event="authz_fail",
        reason="anonymous",
        severity="INFO",
        status=302,
        method="GET",
        route="cockpit:cockpit",
        user_id=None,
        role="",
        address="41.243.7.12",
        user_agent="curl",
        request_id=None,
        session="",
        typed_name="",
        detail="",
        release="v1",
    )
    return replace(usual, **values)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def journal(store, clock):
    return Journal(store, background=False, clock=clock)


def test_ten_thousand_refusals_in_a_minute_become_a_handful_of_rows(journal, store, clock):
    for number in range(10_000):
        journal.add(refusal(status=(302, 403)[number % 2]))
        if number % 500 == 0:
            clock.now += 60 / 20
            journal.flush()
    clock.now += HOLD
    journal.flush()
    assert sum(row.count for row in store.rows) == 10_000
    assert len(store.rows) <= 6


def test_the_first_of_a_kind_does_not_wait_for_the_others(journal, store, clock):
    journal.add(refusal())
    journal.flush()
    assert [row.count for row in store.rows] == [1]
    journal.add(refusal(user_agent="another"))
    journal.add(refusal())
    journal.flush()
    assert len(store.rows) == 1
    clock.now += HOLD
    journal.flush()
    assert [row.count for row in store.rows] == [1, 2]


@pytest.mark.parametrize(
    "difference",
    [
        {"event": "authn_login_fail"},
        {"reason": "role"},
        {"status": 401},
        {"route": "integrity:list"},
        {"address": "41.243.7.13"},
        {"user_id": 7},
    ],
)
def test_what_differs_in_what_counts_is_a_row_of_its_own(journal, store, difference):
    journal.add(refusal())
    journal.add(refusal(**difference))
    journal.flush()
    assert [row.count for row in store.rows] == [1, 1]


def test_addresses_without_end_fill_neither_memory_nor_table(journal, store, clock):
    for number in range(5 * MOST_KINDS):
        journal.add(refusal(address=f"2001:db8::{number:x}"))
        if number % 100 == 0:
            journal.flush()
    clock.now += HOLD
    journal.flush()
    assert sum(row.count for row in store.rows) == 5 * MOST_KINDS
    assert len(store.rows) <= MOST_KINDS + 2
    untold = [row for row in store.rows if row.detail == module.UNTOLD]
    assert sum(row.count for row in untold) == 4 * MOST_KINDS
    assert {(row.address, row.route, row.event) for row in untold} == {(None, "", "authz_fail")}


def test_what_was_told_apart_is_forgotten_in_time(journal, store, clock):
    for number in range(MOST_KINDS):
        journal.add(refusal(address=f"2001:db8::{number:x}"))
    journal.flush()
    clock.now += HOLD
    journal.flush()
    journal.add(refusal())
    journal.flush()
    assert store.rows[-1].address == "41.243.7.12"


def test_a_database_that_is_away_loses_nothing_and_is_said_once(journal, store, clock, caplog):
    store.error = psycopg.OperationalError("connection refused")
    journal.add(refusal())
    journal.flush()
    journal.add(refusal())
    journal.flush()
    assert store.rows == []
    assert caplog.text.count("la base ne répond pas") == 1
    store.error = None
    journal.flush()
    assert [row.count for row in store.rows] == [2]
    assert store.rows[0].at == refusal().at


def test_an_outage_of_any_length_fits_in_bounded_memory(journal, store, clock):
    store.error = psycopg.OperationalError("connection refused")
    for number in range(3 * MOST_KINDS):
        journal.add(refusal(address=f"2001:db8::{number:x}"))
        clock.now += 1
        if number % 100 == 0:
            journal.flush()
    assert len(journal._slots) <= MOST_KINDS + 1
    store.error = None
    journal.close()
    assert sum(row.count for row in store.rows) == 3 * MOST_KINDS


def test_rows_that_postgresql_refuses_do_not_stand_in_the_way_of_the_next(journal, store, caplog):
    store.error = psycopg.errors.CheckViolation("bad row")
    journal.add(refusal())
    journal.flush()
    assert "1 lignes refusées, perdues ici" in caplog.text
    store.error = None
    journal.add(refusal(address="1.1.1.1"))
    journal.flush()
    assert [row.address for row in store.rows] == ["1.1.1.1"]


def test_what_is_left_is_written_when_the_process_ends(journal, store):
    for _ in range(3):
        journal.add(refusal())
        journal.flush()
    assert [row.count for row in store.rows] == [1]
    journal.close()
    assert [row.count for row in store.rows] == [1, 2]


def test_a_forked_process_does_not_write_what_is_its_parents(journal, store, monkeypatch):
    monkeypatch.setattr(module, "journal", journal)
    journal.add(refusal())
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(len(journal._slots)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"0"
    os.close(reader)
    os.close(writer)
    journal.flush()
    assert len(store.rows) == 1


def test_the_thread_of_the_process_writes_without_being_asked(fresh_database, monkeypatch):
    """The real way: a connection of its own, committed."""
    done = Signal()

    def write(rows):
        module.write_rows(rows)
        done.set()

    settings = connections["default"].settings_dict
    monkeypatch.setitem(settings, "NAME", fresh_database.name)
    monkeypatch.setitem(settings, "USER", APP_LOGIN)
    monkeypatch.setattr(module, "GATHERED", 0.01)
    monkeypatch.setattr(module, "journal", Journal(write))
    record(None, Event.PROBE)
    assert done.wait(30)
    with fresh_database.owner() as owner:
        rows = owner.execute("SELECT event, count FROM gouvernance.access_events").fetchall()
    assert rows == [("malicious_excess_404", 1)]


def test_a_database_that_is_not_there_is_an_error_that_is_known(monkeypatch):
    nowhere = {"host": "/nonexistent", "dbname": "x", "user": "x"}
    monkeypatch.setattr(module.connection, "get_connection_params", lambda: nowhere)
    with pytest.raises(psycopg.OperationalError):
        module.write_rows([refusal()])
