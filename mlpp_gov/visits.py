"""When a person was last here: what happened since is news to them."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from mlpp_gov.models import User
from mlpp_gov.queries import Queries
from mlpp_gov.refresh import is_refresh

# A visit ends after this long without a page asked for. A telephone call or a walk to the tanks is part of
# one, a lunch is not; web statistics count alike.
SILENCE = timedelta(minutes=30)
# Somebody who reads on is written down this often: one write, not one per page. A visit may so seem to end
# this much early, and news be told twice, never left out.
OFTEN = timedelta(minutes=3)

logger = logging.getLogger(__name__)
queries = Queries(Path(__file__).parent / "sql/queries")


class VisitMiddleware:
    """Write down who asks for a page; not what an open page asks for itself, nor a monitor's HEAD."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        is_person = request.method in ("GET", "POST") and not is_refresh(request)
        if is_person and request.user.is_authenticated:
            note_visit(request.user)


def note_visit(person: User) -> None:
    """Keep that `person` is here now; `previous_visit_ended_at` is then right on them too.

    At most one query, most of the time none. What the database refuses is logged: no page fails for it.
    """
    seen = person.last_seen_at
    if seen and timezone.now() - seen < OFTEN:
        return
    try:
        with transaction.atomic():
            noted = queries.fetch("note_visit", person=person.pk, silence=SILENCE, often=OFTEN)
    except DatabaseError:
        logger.warning("visit could not be written", exc_info=True)
        return
    for row in noted:
        person.previous_visit_ended_at = row["previous_visit_ended_at"]
        person.last_seen_at = row["last_seen_at"]
    if not noted:  # another request of theirs was faster
        person.refresh_from_db(fields=["previous_visit_ended_at", "last_seen_at"])
