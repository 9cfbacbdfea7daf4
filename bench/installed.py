"""The whole product with many alerts, served as it is in production."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections

from bench.sync import FOLDER, base, drop
from mlpp_gov.roles import Role
from tests import database
from tests.faults.conftest import plant_person


@contextmanager
def installed(name: str, *, alerts: int, people: int = 1) -> Iterator[database.Database]:
    """A committed database of that name with so many alerts and directeurs « directeur 1 », …"""
    database.create_database(name, template=base())
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]
    owner.settings_dict["NAME"] = name
    call_command("migrate", database="owner", verbosity=0, stdout=StringIO())
    owner.close()
    owner.settings_dict["NAME"] = usual
    installation = database.Database(name)
    with installation.owner() as connection:
        plant_anomalies(connection, alerts)
        for number in range(1, people + 1):
            plant_person(
                connection, Role.DIRECTEUR, profile="directeur", name=f"directeur {number}"
            )
        connection.execute("SELECT gouvernance.sync_alerts()")
        connection.execute("VACUUM ANALYZE")
    yield installation
    drop(name)


def plant_anomalies(connection: psycopg.Connection[tuple[object, ...]], rows: int) -> None:
    """So many anomalies: 1 % tanks over capacity, the others stale trucks."""
    tanks = rows // 100
    for statement in (FOLDER / "anomalies.sql").read_text(encoding="utf-8").split(";\n"):
        connection.execute(statement.encode(), {"trucks": rows - tanks, "tanks": tanks})


def resident_megabytes(process: int) -> float:
    """Resident memory of a process, shared pages included."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def children(process: int) -> list[int]:
    """Process ids of what a process started: gunicorn's workers."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(pid) for pid in text.split()]
