"""Fixtures that every test may use; the database behind them is in tests/database.py."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import Client
from django.utils import translation

from mlpp_gov.access import journal
from mlpp_gov.access.journal import Access
from mlpp_gov.models import User
from mlpp_gov.roles import Role
from tests import database

TEMPLATE = "mlpp_test_template"
names = itertools.count(1)


@pytest.fixture(scope="session")
def template_database(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The installed product, without data: stand-in schema, contract, migrations."""
    database.run_on_server(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mlpp_gov_app')"
        " THEN CREATE ROLE mlpp_gov_app LOGIN NOINHERIT; END IF; END $$"
    )
    database.run_on_server("ALTER ROLE mlpp_gov_app LOGIN")
    database.create_database(TEMPLATE)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        owner = connections["owner"]
        owner.settings_dict["NAME"] = TEMPLATE
        call_command("standin", verbosity=0)
        call_command("contract", "deploy", verbosity=0)
        call_command("migrate", database="owner", verbosity=0)
        owner.close()
        owner.settings_dict["NAME"] = "mlpp_test"
    yield TEMPLATE
    database.drop_database(TEMPLATE)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str) -> Iterator[None]:
    """The database of the rolled-back tests, in place of the one Django builds from models."""
    database.create_database("mlpp_test", template=template_database)
    default = connections["default"]
    default.settings_dict["USER"] = connections["owner"].settings_dict["USER"]
    connection_created.connect(database.act_as_app_login)
    yield
    connections.close_all()
    database.drop_database("mlpp_test")


@pytest.fixture
def fresh_database(template_database: str) -> Iterator[database.Database]:
    """A committed database of the test's own, installed and empty."""
    name = f"mlpp_fresh_{next(names)}"
    database.create_database(name, template=template_database)
    yield database.Database(name)
    database.drop_database(name)


def write_in_the_test(rows: Sequence[Access]) -> None:
    """What journal.write_rows does, in the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gouvernance.record_accesses(%s::jsonb)",
            [json.dumps([asdict(row) for row in rows])],
        )


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    """A request leaves its language to the thread, and the next request sets its own; tests do not."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def access_journal(monkeypatch: pytest.MonkeyPatch) -> journal.Journal:
    """A journal of the test's own, written by its flush() only."""
    of_the_test = journal.Journal(write_in_the_test, background=False)
    monkeypatch.setattr(journal, "journal", of_the_test)
    return of_the_test


def make_person(role: Role, *, profile: str | None) -> User:
    """A user linked to auth.users, with one ML_PP profile of that role or none."""
    person_id = uuid4()
    with database.as_owner() as cursor:
        cursor.execute(
            "INSERT INTO auth.users (id, email) VALUES (%s, %s)",
            [person_id, f"{role}-{person_id}@example.org"],
        )
        if profile:
            cursor.execute(
                "INSERT INTO public.profils (user_id, nom_complet, role) VALUES (%s, %s, %s)",
                [person_id, str(role.label), profile],
            )
    return User.objects.create_user(
        f"{role}-{str(person_id)[:8]}",
        full_name=f"{role.label} de test",
        role=role,
        supabase_user_id=person_id,
    )


@pytest.fixture
def admin(db: None) -> User:
    return make_person(Role.ADMIN, profile="admin")


@pytest.fixture
def directeur(db: None) -> User:
    return make_person(Role.DIRECTEUR, profile="directeur")


@pytest.fixture
def pca(db: None) -> User:
    return make_person(Role.PCA, profile="pca")


@pytest.fixture
def gerant(db: None) -> User:
    return make_person(Role.GERANT, profile="gerant")


@pytest.fixture
def operateur(db: None) -> User:
    return make_person(Role.OPERATEUR, profile=None)


@pytest.fixture
def lecture(db: None) -> User:
    return make_person(Role.LECTURE, profile="lecture")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A test client signed in as that person."""

    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def make_alert(db: None) -> Callable[..., UUID]:
    """Plant an alert as the owner and return its id; what isn't given has a plausible value."""

    def plant(**columns: object) -> UUID:
        values = {
            "check_code": "CDR_ARRIVE_STALE",
            "severity": "WARN",
            "entity_type": "CDR",
            "entity_id": uuid4(),
            "message": "Camion 1234AB01 : arrivé sans réception validée",
            **columns,
        }
        with database.as_owner() as cursor:
            cursor.execute(
                f"INSERT INTO public.system_alerts ({', '.join(values)})"
                f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
                list(values.values()),
            )
            return cursor.fetchone()[0]

    return plant
