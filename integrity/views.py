"""The integrity screen: what is wrong, since when, who has it."""

import logging
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db import DatabaseError, transaction
from django.db.models import OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts.bulk import SelectionForm
from alerts.forms import AssignmentForm, NoteForm
from alerts.models import Alert, AlertEvent
from alerts.wording import people_in, timeline
from integrity import presentation
from integrity.checks.catalogue import catalogue
from integrity.checks.evaluation import evaluation_context, last_evaluation
from integrity.checks.other_sources import OTHER_SOURCES
from integrity.checks.states import check_state
from integrity.embedding import embedded, instances_of
from integrity.entities import with_entity_names
from integrity.evidence.antecedents import Antecedents, with_antecedents
from integrity.filters import FilterForm, Filters
from integrity.live import read_list
from integrity.models import IntegrityCheck
from integrity.queries import fetch
from integrity.since.wording import visit_sentence
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.models import names_of
from mlpp_gov.paging import page_urls
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.refresh import is_refresh, refreshable
from mlpp_gov.roles import Permission, require_permission

logger = logging.getLogger(__name__)

HISTORY_SHOWN = 200  # events


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
@refreshable(read_list)
def alert_list(request: PersonRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    if not form.is_valid():
        context = {
            "title": _("Intégrité"),
            "form": form,
            "page": None,
            "reset_url": Filters({}).url(),
            **evaluation_context(),
        }
        return render(request, "integrity/list/list.html", context, status=400)
    filters = Filters.of(form)
    since = None if is_refresh(request) else request.user.previous_visit_ended_at
    with db_identity(request.user):
        listing = filters.read_listing(since)
        found = with_entity_names(listing.alerts().with_handling())
        alerts = listing.in_order(found.defer("payload"))
    counters = listing.counters
    page: Page[Any] = Paginator(range(counters["total"]), filters.page_size).get_page(filters.page)
    people = presentation.people_around(alerts, reader=request.user)
    page.object_list = presentation.rows(
        alerts, reader=request.user, list_url=filters.url(), names=names_of(people)
    )
    return render(
        request,
        "integrity/list/live.html" if is_refresh(request) else "integrity/list/list.html",
        {
            "title": presentation.list_title(counters["total"]),
            "form": form,
            "chips": filters.chips(form),
            "reset_url": Filters({}).url(),
            "counters": counters,
            "counters_urls": filters.severity_urls(),
            "page": page,
            "page_urls": page_urls(page, lambda number: filters.url(page=number)),
            "next": filters.url(),
            "export_urls": filters.export_urls(),
            "visit": visit_sentence(since),
            "news": listing.news,
            "empty": "" if alerts else ("filtered" if counters["everything"] else "none"),
            "can_handle": request.user.can_handle_alerts,
            "selection": SelectionForm.offering(people) if request.user.can_handle_alerts else None,
            **evaluation_context(),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def alert_detail(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    with db_identity(request.user):
        found = with_antecedents(with_entity_names(Alert.objects.with_handling()))
        alert = get_object_or_404(found.annotate(events=_events()), pk=alert_id)
        presence, live_message = _presence(alert)
    events = instances_of(AlertEvent, alert.events)  # type: ignore[attr-defined]
    antecedents = Antecedents.of(alert)
    named = {*people_in(events), *antecedents.people}
    people = presentation.people_around([alert], reader=request.user, others=named)
    names = names_of(people)
    back_url = safe_return_url(request, request.GET.get("retour", ""), default="integrity:list")
    (row,) = presentation.rows([alert], reader=request.user, list_url=back_url, names=names)
    payload_json = presentation.pretty_json(alert.payload)
    evaluation = last_evaluation()
    failing = evaluation.failing_source(alert.check_code)
    return render(
        request,
        "integrity/alert/detail.html",
        {
            "row": row,
            "columns": presentation.columns(alert),
            "payload_json": payload_json[: presentation.PAYLOAD_SHOWN],
            "payload_truncated": len(payload_json) > presentation.PAYLOAD_SHOWN,
            "payload_url": reverse("integrity:payload", args=[alert.id]),
            "presence": presence,
            "live_message": live_message,
            "live_sql": presentation.live_sql(alert),
            "history": timeline(events, names),
            "history_truncated": len(events) == HISTORY_SHOWN,
            "can_handle": request.user.can_handle_alerts,
            "note_form": NoteForm(),
            "assignment_form": AssignmentForm.offering(people, holder=alert.assignee),
            "check": catalogue().get(alert.check_code) or OTHER_SOURCES.get(alert.check_code),
            "antecedents": antecedents,
            "endings": antecedents.endings(names),
            "back_url": back_url,
            "next": request.get_full_path(),
            "failing": check_state(failing) if failing else None,
            **evaluation_context(evaluation),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def alert_payload(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    """The whole payload as JSON, for what is too long to show."""
    with db_identity(request.user):
        alert = get_object_or_404(Alert.objects.with_handling(), pk=alert_id)
    return HttpResponse(presentation.pretty_json(alert.payload), content_type="application/json")


def _events() -> ArraySubquery:
    """The last events of an alert, within its own query."""
    events = AlertEvent.objects.filter(alert=OuterRef("pk")).order_by("-id")[:HISTORY_SHOWN]
    return embedded(events, "period", "kind", "source", "actor", "details", "at")


def _presence(alert: Alert) -> tuple[str, str]:
    """Whether the anomaly is in the live view now: present, absent, or unknown when it can't be read."""
    try:
        with transaction.atomic():
            message = _live_message(alert)
    except DatabaseError:
        logger.exception("live anomaly unreadable for alert %s", alert.id)
        return "unknown", ""
    return ("absent", "") if message is None else ("present", message)


def _live_message(alert: Alert) -> str | None:
    """What the live view says of the anomaly now; None when it is gone."""
    if other := OTHER_SOURCES.get(alert.check_code):
        return next((row["message"] for row in fetch(other.query)), None)
    live = IntegrityCheck.objects.filter(
        check_code=alert.check_code,
        entity_type=alert.entity_type,
        entity_id=alert.entity_id,
    ).first()
    return live.message if live else None
