"""What happened since the last visit, alert by alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts.models import Alert, AlertEvent
from alerts.news import COUNTED, NewsPage, read_news
from alerts.wording import TimelineEntry, people_in, timeline
from integrity.checks.evaluation import evaluation_context
from integrity.entities import entity_label, entity_name
from integrity.since.wording import visit_sentence
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.models import names_by_supabase_id
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, require_permission

PAGE_SIZE = 25  # alerts


class PageForm(forms.Form):
    page = forms.IntegerField(required=False, min_value=1)


@dataclass(frozen=True)
class MovedAlert:
    """An alert, what happened to it, the latest first, and how many older events are not shown."""

    alert: Alert
    entity_label: str
    url: str
    entries: list[TimelineEntry]
    left_out: int


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def since(request: PersonRequest) -> HttpResponse:
    form = PageForm(request.GET)
    number = (form.is_valid() and form.cleaned_data["page"]) or 1
    ended_at = request.user.previous_visit_ended_at
    context: dict[str, Any] = {
        "parents": [(_("Intégrité"), reverse("integrity:list"))],
        "visit": visit_sentence(ended_at),
    }
    if ended_at:
        with db_identity(request.user):
            found = read_news(ended_at, page=number, size=PAGE_SIZE)
            events = _events_of(found)
        page: Page[Any] = Paginator(range(found.total), PAGE_SIZE).get_page(number)
        page.object_list = _moved_alerts(found, events, back=request.get_full_path())
        context |= {
            "news": found.news,
            "counted": COUNTED,
            "page": page,
            "page_urls": page_urls(page, _url),
        }
    context |= evaluation_context()
    return render(request, "integrity/since/since.html", context)


def _url(page: int | None) -> str:
    return reverse("integrity:since") + (f"?page={page}" if page else "")


def _events_of(found: NewsPage) -> Sequence[AlertEvent]:
    """The events of a page with their alerts, the latest first; one query."""
    shown = [event for moved in found.moved for event in moved.last]
    events = AlertEvent.objects.filter(pk__in=shown).select_related("alert").defer("alert__payload")
    read = list(events.annotate(entity_name=entity_name()).order_by("-at", "-id"))
    for event in read:
        event.alert.entity_name = event.entity_name  # type: ignore[attr-defined]  # as with_entity_names()
    return read


def _moved_alerts(found: NewsPage, events: Sequence[AlertEvent], *, back: str) -> list[MovedAlert]:
    """In the order of the page; at most one query, for names."""
    alerts = {event.alert_id: event.alert for event in events}
    entries: dict[UUID, list[TimelineEntry]] = {alert: [] for alert in alerts}
    names = names_by_supabase_id(set(people_in(events)))
    for event, entry in zip(events, timeline(events, names), strict=True):
        entries[event.alert_id].append(entry)
    return [
        MovedAlert(
            alert=alerts[moved.alert],
            entity_label=entity_label(alerts[moved.alert]),
            url=_detail_url(moved.alert, back),
            entries=entries[moved.alert],
            left_out=moved.events - len(moved.last),
        )
        for moved in found.moved
        if moved.alert in alerts
    ]


def _detail_url(alert: UUID, back: str) -> str:
    return f"{reverse('integrity:detail', args=[alert])}?{urlencode({'retour': back})}"
