"""Triage in the Django admin: the same transitions, the same identity, nothing else to change."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from alerts import bulk
from alerts.forms import AssignmentForm
from alerts.models import ENTITY_LABELS, Alert
from mlpp_gov.identity import db_identity
from mlpp_gov.sentences import spoken


class EntityTypeFilter(admin.SimpleListFilter):
    """The kinds of entity in words, known without a query."""

    title = Alert._meta.get_field("entity_type").verbose_name
    parameter_name = "entity_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(kind, str(label)) for kind, label in ENTITY_LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        return queryset.filter(entity_type=self.value()) if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(admin.ModelAdmin):
    list_display = (
        "fact",
        "severity",
        "status",
        "entity_type",
        "first_detected_at",
        "last_detected_at",
    )
    list_display_links = None
    list_filter = ("severity", "status", "check_code", EntityTypeFilter)
    search_fields = ("message", "check_code", "entity_id")
    date_hierarchy = "first_detected_at"
    list_per_page = 50
    show_full_result_count = False
    list_max_show_all = bulk.MOST_AT_ONCE
    actions = ("acknowledge_selected", "resolve_selected", "assign_selected")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Alert | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Alert | None = None) -> bool:
        return False

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return request.user.can_handle_alerts  # type: ignore[union-attr]  # staff only

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return Alert.objects.worst_first()

    def get_urls(self) -> list[URLPattern]:
        """The list; an alert's page is the integrity screen's."""
        return [
            path(
                "", self.admin_site.admin_view(self.changelist_view), name="alerts_alert_changelist"
            ),
            path(
                "<uuid:alert_id>/change/",
                self.admin_site.admin_view(self.to_detail),
                name="alerts_alert_change",
            ),
        ]

    def to_detail(self, request: HttpRequest, alert_id: UUID) -> HttpResponse:
        return redirect("integrity:detail", alert_id)

    @admin.display(description=pgettext_lazy("model", "alerte"), ordering="message")
    def fact(self, alert: Alert) -> SafeString:
        url = reverse("integrity:detail", args=[alert.id])
        return format_html(
            '<a href="{}">{}</a> <small>{}</small>', url, spoken(alert.message), alert.check_code
        )

    @admin.action(
        description=gettext_lazy("Acquitter les alertes choisies"), permissions=["handle"]
    )
    def acknowledge_selected(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        self._choose(request, bulk.Action.ACKNOWLEDGE, queryset)

    @admin.action(description=gettext_lazy("Résoudre les alertes choisies"), permissions=["handle"])
    def resolve_selected(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        self._choose(request, bulk.Action.RESOLVE, queryset)

    @admin.action(description=gettext_lazy("Confier les alertes choisies"), permissions=["handle"])
    def assign_selected(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        self._choose(request, bulk.Action.ASSIGN, queryset)

    def _choose(self, request: HttpRequest, action: str, queryset: QuerySet[Alert]) -> None:
        """Note what to do: a transition opens its own transaction, after the list's."""
        chosen = list(queryset.values_list("pk", flat=True)[: bulk.MOST_AT_ONCE + 1])
        request.chosen_action = (action, chosen)  # type: ignore[attr-defined]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, read as the signed-in person; then the action they chose, if any."""
        try:
            with db_identity(request.user):  # type: ignore[arg-type]  # staff only
                response = super().changelist_view(request, extra_context)
                if isinstance(response, TemplateResponse):
                    response.render()
        except ValidationError:
            messages.error(request, _("Sélection ou filtre invalide : rien n’a été modifié."))
            return HttpResponseRedirect(request.path)
        if hasattr(request, "chosen_action"):
            return self._apply(request, *request.chosen_action) or response
        return response

    def _apply(self, request: HttpRequest, action: str, chosen: list[UUID]) -> HttpResponse | None:
        """Do it and say so, or answer with the page that asks whom to assign to."""
        if len(chosen) > bulk.MOST_AT_ONCE:
            messages.error(
                request,
                _(
                    "Au plus {most} alertes à la fois : rien n’a été modifié. Affinez le filtre."
                ).format(most=bulk.MOST_AT_ONCE),
            )
            return None
        if action == bulk.Action.ASSIGN:
            context = {"form": AssignmentForm(), "alerts": chosen, "next": request.get_full_path()}
            return render(request, "alerts/assign_selection.html", context)
        results = bulk.apply(
            action,
            [(alert_id, None) for alert_id in chosen],
            actor=request.user,  # type: ignore[arg-type]  # staff only
            source="admin",
        )
        for result in results:
            if result.verdict is not bulk.Verdict.DONE:
                said = _("{message} : {sentence}").format(
                    message=spoken(result.message), sentence=result.sentence
                )
                messages.warning(request, said)
        done = sum(result.verdict is bulk.Verdict.DONE for result in results)
        said = _("Alertes modifiées : {done} sur {all}.").format(done=done, all=len(results))
        messages.info(request, said)
        return None
