"""Put a scenario into the stand-in ML_PP database, or empty that database."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from mlpp_gov.demo import incident, production
from mlpp_gov.demo.accounts import account_rows, create_users
from mlpp_gov.demo.calendar import Calendar
from mlpp_gov.demo.rows import KINDS, Alert, AuthUser, Profil, Row, insert


class DemoError(Exception):
    """The demonstration can't be loaded here; the text says why, in French."""


class Scenario(StrEnum):
    PRODUCTION = "production"
    INCIDENT = "incident"


ROWS: dict[Scenario, Callable[[Calendar], Iterator[Row]]] = {
    Scenario.PRODUCTION: production.rows,
    Scenario.INCIDENT: incident.rows,
}


def load(connection: BaseDatabaseWrapper, scenario: Scenario, *, replace: bool) -> list[Row]:
    """Write the scenario and the accounts in one transaction, and return its rows.

    `replace` empties the business tables and the alerts first.
    Raises DemoError when this is not the stand-in database with the contract, or when it has data
    and `replace` is not given.
    """
    rows = [*account_rows(), *ROWS[scenario](Calendar(timezone.now()))]
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _require_standin(cursor)
        if replace:
            _empty(cursor)
        elif filled := _tables_with_data(cursor):
            raise DemoError(
                f"Cette base contient déjà des données ({', '.join(filled)}) : rien n’a été "
                "modifié. Ajoutez --replace pour les effacer et recommencer."
            )
        insert(cursor, rows)
        create_users(connection.alias)
    return rows


def _require_standin(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT obj_description(to_regnamespace('auth'), 'pg_namespace')")
    if cursor.fetchone() != ("stand-in ML_PP",):
        raise DemoError(
            "La démonstration ne s’installe que sur le schéma de remplacement de ML_PP "
            "(manage.py standin) : cette base ne l’a pas."
        )
    cursor.execute("SELECT to_regclass(%s) IS NULL", [Alert.TABLE])
    if cursor.fetchone() == (True,):
        raise DemoError("La table des alertes manque : lancez d’abord manage.py contract deploy.")


def _tables_with_data(cursor: CursorWrapper) -> list[str]:
    """Business tables that hold something; accounts alone are not business."""
    tables = [kind.TABLE for kind in KINDS if kind not in (AuthUser, Profil)]
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
        )
    )
    return [table for (table,) in cursor.fetchall()]


# The history of alerts goes with the alerts: the same entities come back with the same ids.
JOURNAL = tuple(
    f"gouvernance.alert_{name}" for name in ("events", "periods", "acceptances", "assignments")
)


def _empty(cursor: CursorWrapper) -> None:
    """Empty the stand-in's tables, and whatever refers to them.

    The guards refuse the owner's TRUNCATE of the alerts too: only a superuser's replica mode, which
    fires no trigger, gets past them.
    """
    cursor.execute("SET LOCAL session_replication_role = replica")
    tables = [*(kind.TABLE for kind in KINDS), *JOURNAL]
    cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    cursor.execute("SET LOCAL session_replication_role = origin")
