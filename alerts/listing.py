"""One page of the alert list, and the counters above it."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from alerts.models import Alert, AlertQuerySet
from alerts.news import News, counting
from mlpp_gov.queries import Queries

queries = Queries(Path(__file__).parent / "sql/queries")


@dataclass(frozen=True)
class Listing:
    """`counters`: `everything`; `total`, `critical` and `warn` of what was asked for; `accepted`, the
    causes accepted for now, whatever was asked for. `ids`: the page's alerts, in their order. `news`: what
    happened since a moment, whatever was asked for; None unless a moment was."""

    counters: dict[str, int]
    ids: list[UUID]
    news: News | None = None

    def alerts(self) -> AlertQuerySet:
        """The page's alerts, in no order."""
        return Alert.objects.filter(pk__in=self.ids)

    def in_order(self, alerts: AlertQuerySet) -> list[Alert]:
        """The page's alerts, read now; one that has gone meanwhile is left out."""
        read = {alert.pk: alert for alert in alerts}
        return [read[pk] for pk in self.ids if pk in read]


def read_listing(
    condition: Q,
    *,
    page: int,
    size: int,
    due_first: bool = False,
    open_first: bool = False,
    is_costly: bool = False,
    since: datetime | None = None,
) -> Listing:
    """Count and place the alerts that meet the condition, in one query; call it inside db_identity().

    The worst first, or the earliest due, or those that are not over. `is_costly`: the condition needs
    more than the columns of an index, and is looked at once for each alert instead of once for each
    figure.
    """
    columns = ["id", "severity", "status", "last_detected_at"]
    order = "page_open" if open_first else "page_worst"
    if due_first:
        columns.append("due_at")
        order = "page_due"
    found = Alert.objects.filter(condition).with_handling().values(*columns)
    sql, values = found.query.sql_with_params()
    news_sql, news_values = counting(since) if since else ("NULL", [])
    statement = (
        queries.text("page")
        .replace("{news}", news_sql)
        .replace("{once}", "" if is_costly or due_first else "NOT")
        .replace("{order}", queries.text(order))
        .replace("{found}", sql)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, page, size, *news_values])
        row: dict[str, Any] = dict(
            zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)
        )
    happened = row.pop("news")
    return Listing(
        ids=row.pop("ids"),
        news=News(**json.loads(happened)) if happened else None,
        counters=row,
    )
