"""Names instead of UUIDs for what an alert is about."""

from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alerts.models import ENTITY_LABELS, Alert, AlertQuerySet
from integrity.queries import queries

COCKPIT = gettext_noop(
    "au cockpit de gouvernance"
)  # sql/queries/entity_name.sql's, the only one not a name


def with_entity_names(alerts: AlertQuerySet) -> AlertQuerySet:
    """Beside the columns: `entity_name`, for entity_label(); no query of its own.

    Evaluate it inside db_identity(): whose entity a person may not read has no name.
    """
    return alerts.annotate(entity_name=entity_name())


def entity_name() -> RawSQL:
    """The same for another query that joins the alerts."""
    sql = queries.text("entity_name")
    return RawSQL(sql, [], output_field=TextField(null=True))  # noqa: S611  # a constant of ours


def entity_label(alert: Alert) -> str:
    """What the alert is about, after with_entity_names().

    An entity that is gone, or of an unknown type, is shown by the start of its UUID.
    """
    kind = ENTITY_LABELS.get(alert.entity_type, alert.entity_type)
    name = alert.entity_name  # type: ignore[attr-defined]  # an annotation of ours
    if name:
        return f"{kind} {_(name) if name == COCKPIT else name}"
    return _("{kind} {id}… (introuvable)").format(kind=kind, id=str(alert.entity_id)[:8])
