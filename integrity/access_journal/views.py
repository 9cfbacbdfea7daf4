"""The access journal: who came, who was refused, from where, and when it was more than usual."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from integrity.access_journal.forms import JournalFilters, JournalForm
from integrity.access_journal.reading import Line, names_of, read_summary, tops
from integrity.queries import fetch
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.paging import page_urls
from mlpp_gov.roles import Permission, require_permission

PAGE_SIZE = 50
SPIKES_SHOWN = 20


@require_safe
@require_permission(Permission.VIEW_ACCESS_JOURNAL)
def journal(request: PersonRequest) -> HttpResponse:
    form = JournalForm(request.GET)
    reset_url = reverse("access:journal")
    if not form.is_valid():
        context = {"form": form, "page": None, "reset_url": reset_url}
        return render(request, "integrity/access/journal.html", context, status=400)
    filters = JournalFilters(form)
    parameters = filters.parameters()
    with db_identity(request.user):
        summary = read_summary(filters, parameters)
        totals = summary.totals
        page: Page[Any] = Paginator(range(totals.lines), PAGE_SIZE).get_page(filters.page)
        offset = max(page.start_index() - 1, 0)
        rows = fetch("access_lines", **parameters, size=PAGE_SIZE, offset=offset)
        spikes = fetch("access_spikes", **{name: parameters[name] for name in ("from", "to")})
    names = filters.people or names_of([*rows, *summary.rows["account"]])
    page.object_list = [Line(row, names, filters) for row in rows]
    return render(
        request,
        "integrity/access/journal.html",
        {
            "form": form,
            "chips": filters.chips(),
            "reset_url": reset_url,
            "span": filters.span,
            "totals": totals,
            "page": page,
            "page_urls": page_urls(page, lambda number: filters.url(page=number)),
            "chart": summary.chart(spikes),
            "spikes": spikes[:SPIKES_SHOWN],
            "spikes_left_out": max(len(spikes) - SPIKES_SHOWN, 0),
            "tops": tops(summary, names, filters),
        },
    )
