"""The filtered alert list as a file, streamed."""

from collections.abc import Iterator

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrity.alert_export import Export
from integrity.filters import FilterForm, Filters
from mlpp_gov.http import PersonRequest
from mlpp_gov.language import said_in
from mlpp_gov.roles import Permission, require_permission
from mlpp_gov.views import SpokenBadRequest


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def alerts_csv(request: PersonRequest) -> StreamingHttpResponse:
    """For a French Excel, in the language of the person."""
    parts = said_in(translation.get_language(), _export(request, "csv").csv())
    return _file(parts, "csv", "text/csv; charset=utf-8")


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def alerts_json(request: PersonRequest) -> StreamingHttpResponse:
    """For a program: in French, whoever asks."""
    with translation.override(settings.LANGUAGE_CODE):
        export = _export(request, "json")
    return _file(said_in(settings.LANGUAGE_CODE, export.json()), "json", "application/json")


def _export(request: PersonRequest, format: str) -> Export:
    """Raises SpokenBadRequest naming what no filter knows."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        raise SpokenBadRequest(
            " ".join(
                f"{form.fields[name].label}\u00a0: {error}"
                for name, errors in form.errors.items()
                for error in errors
            )
        )
    filters = Filters.of(form)
    said = ", ".join(filters.said(form).values()) or _("alertes actives")
    return Export.of(filters.condition(), filters=said, reader=request.user, format=format)


def _file(parts: Iterator[str], extension: str, content_type: str) -> StreamingHttpResponse:
    name = f"alertes-{timezone.localtime():%Y-%m-%d-%H%M}.{extension}"
    return StreamingHttpResponse(
        parts,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
