"""Alerts as ML_PP's contract defines them (contract, section 3), and the runs that keep them."""

import uuid
from typing import Any, ClassVar, Self

from django.core.paginator import Page
from django.db import models
from django.db.models import Case, Count, Q, Value, When


class Severity(models.TextChoices):
    CRITICAL = "CRITICAL", "CRITICAL"
    WARN = "WARN", "WARN"


class Status(models.TextChoices):
    OPEN = "OPEN", "Ouverte"
    ACK = "ACK", "Acquittée"
    RESOLVED = "RESOLVED", "Résolue"


ACTIVE = (Status.OPEN, Status.ACK)

ENTITY_LABELS = {
    "CITERNE_STOCK": "Citerne",
    "CDR": "Camion (CDR)",
    "RECEPTION": "Réception",
    "SORTIE": "Sortie",
}


class AlertQuerySet(models.QuerySet["Alert"]):
    def worst_first(self) -> Self:
        """CRITICAL, WARN, others; then the latest detected. In SQL, so that no page hides a CRITICAL."""
        return self.order_by(
            Case(
                When(severity=Severity.CRITICAL, then=Value(0)),
                When(severity=Severity.WARN, then=Value(1)),
                default=Value(2),
            ),
            "-last_detected_at",
            "id",
        )

    def on_page(self, page: Page[Any]) -> list["Alert"]:
        """The rows of one page, read now."""
        return list(self[max(page.start_index() - 1, 0) : page.end_index()])

    def counters(self, condition: Q) -> dict[str, int]:
        """`everything`, and of the rows that meet the condition `total`, `critical`, `warn`; one query."""
        return self.aggregate(
            everything=Count("pk"),
            total=Count("pk", filter=condition),
            critical=Count("pk", filter=condition & Q(severity=Severity.CRITICAL)),
            warn=Count("pk", filter=condition & Q(severity=Severity.WARN)),
        )


def mentions(text: str) -> Q:
    """Condition: message, code or identifiers contain the text, letter case apart."""
    return (
        Q(message__icontains=text)
        | Q(check_code__icontains=text)
        | Q(entity_id__icontains=text)
        | Q(id__icontains=text)
    )


class Alert(models.Model):
    """A row of `public.system_alerts`; change it through alerts.transitions only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    check_code = models.TextField("check")
    severity = models.TextField("sévérité", choices=Severity.choices)
    entity_type = models.TextField("type d’entité")
    entity_id = models.UUIDField("entité")
    message = models.TextField("message")
    payload = models.JSONField("payload", default=dict)
    status = models.TextField("état", choices=Status.choices, default=Status.OPEN)
    first_detected_at = models.DateTimeField("première détection")
    last_detected_at = models.DateTimeField("dernière détection")
    acknowledged_by = models.UUIDField("acquittée par", null=True)
    acknowledged_at = models.DateTimeField("acquittée le", null=True)
    resolved_by = models.UUIDField("résolue par", null=True)
    resolved_at = models.DateTimeField("résolue le", null=True)
    created_at = models.DateTimeField("créée le")
    updated_at = models.DateTimeField("modifiée le")

    objects: ClassVar = AlertQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "system_alerts"
        verbose_name = "alerte"

    def __str__(self) -> str:
        return f"{self.check_code} · {self.message}"

    @property
    def can_be_acknowledged(self) -> bool:
        return self.status == Status.OPEN

    @property
    def can_be_resolved(self) -> bool:
        return self.status in ACTIVE


class SyncRun(models.Model):
    """One committed evaluation, written by `gouvernance.sync_alerts()`."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    opened = models.IntegerField()
    refreshed = models.IntegerField()
    reopened = models.IntegerField()
    resolved = models.IntegerField()

    class Meta:
        managed = False
        db_table = "sync_runs"
        get_latest_by = "finished_at"
