"""One page of the list and its counters, whichever way they are read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from alerts.listing import read_listing
from alerts.models import ACTIVE, Alert
from mlpp_gov.identity import db_identity
from tests.database import as_owner

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACTIVE_ONES = Q(status__in=ACTIVE)


@pytest.fixture
def mixed(make_alert):
    """Three CRITICAL, six WARN, one of a severity that only an older table admits; one is over."""
    with as_owner() as cursor:
        cursor.execute(
            "ALTER TABLE public.system_alerts DROP CONSTRAINT system_alerts_severity_check"
        )
    for number, severity in enumerate(["WARN", "CRITICAL", "WARN"] * 3 + ["INFO"]):
        make_alert(
            severity=severity,
            status=["OPEN", "ACK"][number % 2],
            first_detected_at=NOW - timedelta(hours=7 * number % 10),
            last_detected_at=NOW - timedelta(minutes=3 * number % 7),
        )
    make_alert(severity="CRITICAL", status="RESOLVED", last_detected_at=NOW)


@pytest.mark.parametrize("is_costly", [False, True])
def test_every_page_holds_its_part_of_the_order_and_one_beyond_the_end_is_the_last(
    directeur, mixed, is_costly
):
    with db_identity(directeur):
        whole = [alert.pk for alert in Alert.objects.filter(ACTIVE_ONES).worst_first()]
        for size in (1, 2, 3, 4, 7, 10, 200):
            pages = [whole[start : start + size] for start in range(0, 10, size)]
            for number in (*range(1, len(pages) + 1), 10**30):
                listing = read_listing(ACTIVE_ONES, page=number, size=size, is_costly=is_costly)
                assert listing.ids == pages[min(number, len(pages)) - 1]
                assert listing.counters == {
                    "everything": 11,
                    "total": 10,
                    "critical": 3,
                    "warn": 6,
                    "accepted": 0,
                }


def test_by_due_time_the_closed_come_last(directeur, mixed):
    with db_identity(directeur):
        alerts = list(Alert.objects.with_handling())
        listing = read_listing(Q(), page=1, size=200, due_first=True)
    never = datetime.max.replace(tzinfo=UTC)
    assert listing.ids == [
        alert.pk for alert in sorted(alerts, key=lambda one: (one.due_at or never, one.pk))
    ]
    assert listing.counters["total"] == 11


def test_where_nothing_is_found_the_page_is_empty(directeur, mixed):
    with db_identity(directeur):
        listing = read_listing(Q(check_code="AUCUN"), page=3, size=50)
        assert listing.in_order(listing.alerts()) == []
    assert (listing.counters["everything"], listing.counters["total"]) == (11, 0)
