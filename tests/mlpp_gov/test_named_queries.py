"""Named queries, one or several at a time."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from mlpp_gov.queries import Queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def queries(tmp_path) -> Queries:
    (tmp_path / "one.sql").write_text(
        "-- ; is no end here, and 100 %% no hole.\n"
        "SELECT %(text)s::text AS text, %(at)s::timestamptz AS at -- nor here"
    )
    (tmp_path / "none.sql").write_text("SELECT 1 AS number WHERE %(text)s = ''")
    (tmp_path / "many.sql").write_text("SELECT generate_series(1, 3) * 0.5 AS half")
    return Queries(tmp_path)


def test_several_come_in_one_journey_each_with_its_own_rows(queries, django_assert_num_queries):
    at = datetime(2026, 2, 19, 5, tzinfo=UTC)
    text = "'; DROP TABLE x; -- 50 % {}"
    with django_assert_num_queries(1):
        one, none, many = queries.fetch_together(
            ("one", {"text": text, "at": at}), ("none", {"text": "b"}), ("many", {})
        )
    assert one == queries.fetch("one", text=text, at=at) == [{"text": text, "at": at}]
    assert none == []
    assert many == [{"half": Decimal(f"{n}") / 2} for n in (1, 2, 3)]


def test_one_that_fails_fails_all(queries):
    with pytest.raises(DatabaseError), transaction.atomic():
        queries.fetch_together(("many", {}), ("one", {"text": "a", "at": "jamais"}))
    assert len(queries.fetch("many")) == 3
