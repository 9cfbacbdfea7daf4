"""Behind a pooler the next client gets the same server connection, and nobody's identity with it."""

import os
import socket
from collections.abc import Callable

import psycopg
import pytest
from django.db import OperationalError, connection

from alerts.models import Alert
from mlpp_gov.identity import NoGovernanceProfile, db_identity
from mlpp_gov.models import User
from mlpp_gov.roles import Role
from tests.database import APP_LOGIN, Database
from tests.faults.conftest import Pooler, plant_alert, plant_person

LEFT_BEHIND = """
    SELECT session_user, current_user, current_setting('role'),
           coalesce(current_setting('request.jwt.claims', true), ''),
           coalesce(current_setting('gouvernance.context', true), ''),
           coalesce(current_setting('gouvernance.source', true), '')
"""
NOTHING = (APP_LOGIN, APP_LOGIN, "none", "", "", "")


@pytest.fixture
def directeur(
    fresh_database: Database, pooler: Pooler, log_in_as_the_application: Callable[[str], None]
) -> User:
    """Somebody who may read the one alert there is; this process's Django goes through the pooler."""
    log_in_as_the_application(pooler.url)
    with fresh_database.owner() as owner:
        plant_alert(owner)
        return plant_person(owner, Role.DIRECTEUR, profile="directeur", name="Directeur")


def server_process() -> int:
    """The server connection behind Django's own, after proof that the person can read."""
    assert Alert.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def assert_nothing_is_left(pooler: Pooler) -> int:
    """What the next client finds; returns the server connection that it was given."""
    with psycopg.connect(pooler.url, autocommit=True) as following:
        assert following.execute(LEFT_BEHIND).fetchone() == NOTHING
        for relation in ("system_alerts", "v_integrity_checks"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                following.execute(f"SELECT * FROM public.{relation}")
        return int(following.execute("SELECT pg_backend_pid()").fetchone()[0])


def test_after_a_request_nothing_is_left(directeur: User, pooler: Pooler) -> None:
    with db_identity(directeur):
        server = server_process()
    assert assert_nothing_is_left(pooler) == server


def test_after_a_request_that_raised_nothing_is_left(directeur: User, pooler: Pooler) -> None:
    with pytest.raises(ZeroDivisionError), db_identity(directeur):
        server = server_process()
        _ = 1 / 0
    assert assert_nothing_is_left(pooler) == server


def test_after_a_query_that_failed_nothing_is_left(directeur: User, pooler: Pooler) -> None:
    with pytest.raises(Exception, match="division by zero"), db_identity(directeur):
        server = server_process()
        connection.cursor().execute("SELECT 1 / 0")
    assert assert_nothing_is_left(pooler) == server


def test_after_a_person_who_was_refused_nothing_is_left(
    fresh_database: Database, directeur: User, pooler: Pooler
) -> None:
    with fresh_database.owner() as owner:
        outsider = plant_person(owner, Role.ADMIN, profile=None, name="Sans profil")
    with pytest.raises(NoGovernanceProfile), db_identity(outsider):
        pass
    assert_nothing_is_left(pooler)


def test_after_a_client_that_vanished_in_its_transaction_nothing_is_left(
    directeur: User, pooler: Pooler
) -> None:
    with pytest.raises(OperationalError), db_identity(directeur):
        server_process()
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    assert_nothing_is_left(pooler)
