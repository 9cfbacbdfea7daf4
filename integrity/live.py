"""What an open list or an open cockpit shows, read without rendering it (mlpp_gov.refresh)."""

from typing import Any

from django.db import connection

from alerts import kpis
from alerts.listing import Listing
from integrity.access_journal.reading import read_recent_refusals
from integrity.checks.evaluation import Evaluation
from integrity.entities import with_entity_names
from integrity.filters import FilterForm, Filters
from integrity.queries import fetch, fetch_together, queries
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity

DIGEST_SQL = queries.text("page_digest")


def read_list(request: PersonRequest) -> tuple[Any, ...] | None:
    """Everything that the list of this address shows; three queries."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        return None
    filters = Filters.of(form)
    (around,) = fetch("surroundings")
    with db_identity(request.user):
        listing = filters.read_listing()
        rows = _page_digest(listing) if listing.ids else ""
    is_stale = Evaluation(around["finished_at"]).is_stale
    return listing.counters, listing.ids, rows, around["finished_at"], around["digest"], is_stale


def _page_digest(listing: Listing) -> str:
    alerts = with_entity_names(listing.alerts().with_handling())
    sql, values = alerts.defer("payload").order_by("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(DIGEST_SQL.replace("{page}", sql), values)
        return cursor.fetchone()[0]


def read_cockpit(request: PersonRequest) -> tuple[Any, ...]:
    """Everything that the cockpit says of now; four queries."""
    evaluation, audit = read_surroundings()
    with db_identity(request.user):
        now = kpis.read_now()
        refusals = read_recent_refusals() if request.user.can_view_access_journal else None
    return now, refusals, evaluation, evaluation.is_stale, audit


def read_surroundings() -> tuple[Evaluation, dict[str, Any] | None]:
    """The last evaluation, and the RLS audit recorded last if there is one; one journey to the server."""
    evaluations, audits = fetch_together(("last_evaluation", {}), ("rls_summary", {}))
    return Evaluation.of(evaluations), next(iter(audits), None)
