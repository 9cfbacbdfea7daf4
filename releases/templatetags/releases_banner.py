"""What must not be done for now, at the head of every governance page."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils.translation import gettext as _

from mlpp_gov.sentences import spoken

logger = logging.getLogger(__name__)
register = template.Library()

# kind of restriction → the page of its url_key
PAGES = {"operation": "operations:operation", "freeze": "releases:release"}
FEMININE_PLURAL = re.compile(r"(ies|ions|ures|\u00e9es)$")


@dataclass(frozen=True)
class Restriction:
    """What one operation, or another cause, froze on one day."""

    texts: list[str]
    detail: str
    since: datetime
    url: str

    @property
    def text(self) -> str:
        return ", ".join(self.texts)


def frozen_text(activity: str) -> str:
    """« Sorties gelées »; « Gel : Transferts » where the agreement can't be told from the ending."""
    if FEMININE_PLURAL.search(activity):
        return _("{activity} gelées").format(activity=activity)
    return _("Gel\u00a0: {activity}").format(activity=activity)


@register.inclusion_tag("releases/frozen_activities.html", takes_context=True)
def frozen_activities(context: Any) -> dict[str, Any]:
    """One line per cause, for people who may see governance pages; one query.

    A page never fails for it: what can't be read is logged, and said to be unknown.
    """
    if not getattr(context.get("user"), "can_view_integrity", False):
        return {"restrictions": []}
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, detail, min(since), url_key, array_agg(label ORDER BY label)"
                " FROM gouvernance.active_restrictions()"
                " GROUP BY kind, detail, url_key, date_trunc('day', since) ORDER BY 3"
            )
            return {"restrictions": [_restriction(*row) for row in cursor.fetchall()]}
    except DatabaseError:
        logger.exception("restrictions could not be read")
        return {"unknown": True}


def _restriction(
    kind: str, detail: str, since: datetime, url_key: str, labels: list[str]
) -> Restriction:
    """Only an operation's labels are names of activities; others are sentences."""
    return Restriction(
        [frozen_text(label) if kind == "operation" else spoken(label) for label in labels],
        detail,
        since,
        reverse(PAGES[kind], args=[url_key]),
    )
