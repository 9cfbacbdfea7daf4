"""gouvernance.sync_alerts() against V1's way: an upsert over the view, then the view read again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections

from bench.measure import Result, alternate, rates, seconds
from tests import database

FOLDER = Path(__file__).parent
SIZES = (1_000, 25_000, 100_000)
BASE, SEED = "mlpp_test", "bench_seed"

SYNC = "SELECT * FROM gouvernance.sync_alerts()"
REFERENCE = (FOLDER / "reference.sql").read_text(encoding="utf-8")
# Each runs in a database of its own.
CONTENDERS = {
    "ours": SYNC,
    "plain": REFERENCE.replace("{{ alerts }}", "plain.system_alerts"),
    "same_table": REFERENCE.replace("{{ alerts }}", "public.system_alerts"),
}
CONDITIONS = {
    "plain": "the reference writes a plain copy of the table: two contract triggers, two indexes,"
    " no journal, no guards",
    "same_table": "the reference writes the installed table: our fillfactor, guards and journal",
}


def first() -> list[Result]:
    """Every anomaly is new; each sample in a fresh clone."""
    return [result for rows in SIZES for result in _results("sync_first", rows, _first_runs(rows))]


def unchanged() -> list[Result]:
    """Every anomaly is known and as it was."""
    return [
        result
        for rows in SIZES
        for result in _results("sync_unchanged", rows, _unchanged_runs(rows))
    ]


def _first_runs(rows: int) -> dict[str, list[float]]:
    def run(name: str, sql: str) -> float:
        with clone(f"bench_{name}", SEED) as connection:
            return seconds(partial(execute, connection, sql))

    _seed(rows)
    return alternate({name: partial(run, name, sql) for name, sql in CONTENDERS.items()})


def _unchanged_runs(rows: int) -> dict[str, list[float]]:
    """Runs after the first, the table vacuumed between them as autovacuum does in five minutes."""

    def run(connection: psycopg.Connection[Any], sql: str) -> float:
        connection.execute("VACUUM ANALYZE")
        return seconds(partial(execute, connection, sql))

    _seed(rows)
    with ExitStack() as stack:
        runs: dict[str, Callable[[], float]] = {}
        for name, sql in CONTENDERS.items():
            connection = stack.enter_context(clone(f"bench_{name}", SEED))
            runs[name] = partial(run, connection, sql)
        alternate(runs, samples=2)  # the first run, and one for the table to find its size
        return alternate(runs)


def _results(name: str, rows: int, durations: dict[str, list[float]]) -> Iterator[Result]:
    for reference, conditions in CONDITIONS.items():
        yield rates(
            f"{name}.{rows}.{reference}",
            rows,
            durations["ours"],
            durations[reference],
            f"{rows} anomalies, 1 % tanks over capacity, the others stale trucks; wall clock,"
            f" medians of {len(durations['ours'])} alternating runs; PostgreSQL"
            f" {server_version()} without fsync, VACUUM ANALYZE before each unchanged run;"
            f" {conditions}",
        )


def execute(connection: psycopg.Connection[Any], sql: str) -> None:
    """Run statements as one committed transaction, as an evaluation is."""
    with connection.transaction():
        connection.execute(sql)


def _seed(rows: int) -> None:
    """A database with the contract, the plain table and `rows` anomalies, that clones start from."""
    drop(SEED)
    database.run_on_server(f"CREATE DATABASE {SEED} TEMPLATE {base()}")
    tanks = rows // 100
    with psycopg.connect(database.url_of(SEED), autocommit=True) as connection:
        connection.execute((FOLDER / "plain_table.sql").read_text(encoding="utf-8"))
        for statement in (FOLDER / "anomalies.sql").read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement, {"trucks": rows - tanks, "tanks": tanks})
        connection.execute("VACUUM ANALYZE")


def base() -> str:
    """The stand-in schema with the contract, made once per server."""
    with psycopg.connect(database.SERVER_URL) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [BASE]).fetchone():
            return BASE
    database.run_on_server(f"CREATE DATABASE {BASE}")
    call_command("standin", verbosity=0, stdout=StringIO())
    call_command("contract", "deploy", verbosity=0, stdout=StringIO())
    connections.close_all()
    return BASE


@contextmanager
def clone(name: str, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A database of its own, dropped at the end; yields its owner's connection."""
    drop(name)
    database.run_on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    with psycopg.connect(database.url_of(name), autocommit=True) as connection:
        yield connection
    drop(name)


def drop(name: str) -> None:
    database.run_on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def server_version() -> str:
    with psycopg.connect(database.SERVER_URL) as connection:
        return str(connection.info.server_version // 10_000)
