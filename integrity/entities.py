"""Names instead of UUIDs for what an alert is about."""

from collections.abc import Iterable
from uuid import UUID

from alerts.models import ENTITY_LABELS, Alert
from integrity.queries import fetch


def entity_labels(alerts: Iterable[Alert]) -> dict[UUID, str]:
    """Label of each alert's entity by alert id, one query; call it inside db_identity().

    An entity that is gone, or of an unknown type, is shown by the start of its UUID.
    """
    alerts = list(alerts)
    rows = fetch("entity_labels", ids=[alert.entity_id for alert in alerts])
    names = {(row["kind"], row["id"]): row["name"] for row in rows}
    return {
        alert.id: _label(alert, names.get((alert.entity_type, alert.entity_id))) for alert in alerts
    }


def _label(alert: Alert, name: str | None) -> str:
    kind = ENTITY_LABELS.get(alert.entity_type, alert.entity_type)
    return f"{kind} {name}" if name else f"{kind} {str(alert.entity_id)[:8]}… (introuvable)"
