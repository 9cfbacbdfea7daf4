"""Names instead of UUIDs for what an alert is about."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.db import connection

from alerts.models import ENTITY_LABELS, Alert

LABELS_SQL = (Path(__file__).parent / "sql/queries/entity_labels.sql").read_text(encoding="utf-8")


def entity_labels(alerts: Iterable[Alert]) -> dict[UUID, str]:
    """Label of each alert's entity by alert id, one query; call it inside db_identity().

    An entity that is gone, or of an unknown type, is shown by the start of its UUID.
    """
    alerts = list(alerts)
    with connection.cursor() as cursor:
        cursor.execute(LABELS_SQL, {"ids": [alert.entity_id for alert in alerts]})
        names = {(kind, entity_id): name for kind, entity_id, name in cursor.fetchall()}
    return {
        alert.id: _label(alert, names.get((alert.entity_type, alert.entity_id))) for alert in alerts
    }


def _label(alert: Alert, name: str | None) -> str:
    kind = ENTITY_LABELS.get(alert.entity_type, alert.entity_type)
    return f"{kind} {name}" if name else f"{kind} {str(alert.entity_id)[:8]}… (introuvable)"
