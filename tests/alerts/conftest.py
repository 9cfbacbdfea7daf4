"""Planting and reading alerts around the Python that is under test."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests import business
from tests.database import as_owner


@pytest.fixture
def stale_truck(db: None) -> UUID:
    """A truck whose anomaly is present in the view now."""
    with as_owner() as cursor:
        return business.cdr(cursor, days_old=3, statut="ARRIVE")


@pytest.fixture
def read_alert(db: None) -> Callable[[UUID], dict[str, Any]]:
    """Columns of the alert on that entity, as the owner sees them."""

    def read(entity_id: UUID) -> dict[str, Any]:
        with as_owner() as cursor:
            cursor.execute("SELECT * FROM public.system_alerts WHERE entity_id = %s", [entity_id])
            (row,) = cursor.fetchall()
            return dict(zip((column.name for column in cursor.description or ()), row, strict=True))

    return read
