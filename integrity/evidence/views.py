"""The evidence behind an alert, on a page and as a spreadsheet."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from alerts.models import Alert
from alerts.wording import Names
from integrity import presentation
from integrity.entities import entity_label, with_entity_names
from integrity.evidence import facts
from integrity.evidence.antecedents import Antecedents, with_antecedents
from integrity.evidence.export import movements_csv
from integrity.evidence.gathering import MOVEMENTS_EXPORTED, Evidence, gather
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.models import names_by_supabase_id
from mlpp_gov.redirects import safe_return_url
from mlpp_gov.roles import Permission, require_permission


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def evidence(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    with db_identity(request.user):
        alerts = with_antecedents(with_entity_names(Alert.objects.with_handling()))
        alert = get_object_or_404(alerts, pk=alert_id)
        found = gather(alert)
    antecedents = Antecedents.of(alert)
    named = presentation.people_of([alert]) | found.people | antecedents.people
    names = names_by_supabase_id(named) if named else {}
    back_url = safe_return_url(request, request.GET.get("retour", ""), default="integrity:list")
    (row,) = presentation.rows([alert], reader=request.user, list_url=back_url, names=names)
    return render(
        request,
        "integrity/evidence/evidence.html",
        {
            "row": row,
            "found": found,
            "antecedents": antecedents,
            "endings": antecedents.endings(names),
            **_in_words(found, names),
        },
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def evidence_csv(request: PersonRequest, alert_id: UUID) -> HttpResponse:
    """The tank's movements around the alert, for a French Excel."""
    with db_identity(request.user):
        alert = get_object_or_404(with_entity_names(Alert.objects.with_handling()), pk=alert_id)
        found = gather(alert, limit=MOVEMENTS_EXPORTED)
    name = f"mouvements-{alert.id}.csv"
    return HttpResponse(
        movements_csv(alert, found, label=entity_label(alert), reader=request.user),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _in_words(found: Evidence, names: Names) -> dict[str, object]:
    """The parts that could be read, as facts."""
    tank = found.tank
    return {
        "reception": found.reception and facts.reception_facts(found.reception, names),
        "sortie": found.sortie and facts.sortie_facts(found.sortie, names),
        "truck": found.truck and facts.truck_facts(found.truck),
        "tank": tank and tank.card and facts.tank_facts(tank.card),
        "chart": tank and facts.stock_chart(tank),
        "stock": tank and facts.stock_lines(tank),
        "adjustments": facts.adjustment_rows(found.adjustments or [], names),
    }
