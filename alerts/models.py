"""Alerts as ML_PP's contract defines them (contract, section 3), and the runs that keep them."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Case, Count, Exists, Q, Subquery, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Severity(models.TextChoices):
    CRITICAL = "CRITICAL", "CRITICAL"
    WARN = "WARN", "WARN"


class Status(models.TextChoices):
    OPEN = "OPEN", _("Ouverte")
    ACK = "ACK", _("Acquittée")
    RESOLVED = "RESOLVED", _("Résolue")


ACTIVE = (Status.OPEN, Status.ACK)

# An alert is unstable from this many periods started within this time.
UNSTABLE_FROM = 3
UNSTABLE_WITHIN = timedelta(days=7)

# The start of an identifier as pages show it, or more: fewer characters are in many of them by chance, and
# what else a search would be for is in none, so that those of all alerts need not be written out.
PART_OF_A_UUID = re.compile("[0-9a-fA-F-]{8,}")
# A whole one is looked up as it is: no message holds one.
UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

ENTITY_LABELS = {
    "CITERNE_STOCK": _("Citerne"),
    "CDR": _("Camion (CDR)"),
    "RECEPTION": _("Réception"),
    "SORTIE": _("Sortie"),
    "PROFIL": _("Profil"),
    "ACCES": _("Accès"),
}


class AlertQuerySet(models.QuerySet["Alert"]):
    def with_handling(self) -> Self:
        """Beside the columns: `version`, `outcome`, `accepted_until`, `assignee`, `recent_periods`,
        `open_since`, `due_at`; no query of its own.

        `version` is the last event a person decides on; `outcome` is how the last period ended;
        `recent_periods` counts those started within UNSTABLE_WITHIN; `open_since` and `due_at` are
        the current period's start and when it is late, None when the alert is closed.
        """
        this = models.OuterRef("pk")
        events = AlertEvent.objects.filter(alert=this).exclude(kind__in=AlertEvent.REMARKS)
        periods = AlertPeriod.objects.of(this)
        recent = periods.started_within(UNSTABLE_WITHIN).order_by().values("alert")
        current = periods.current()
        return self.annotate(
            version=Subquery(events.order_by("-id").values("id")[:1]),
            outcome=Subquery(periods.values("outcome")[:1]),
            accepted_until=Subquery(Acceptance.objects.current(this).values("until")[:1]),
            assignee=Subquery(Assignment.objects.filter(alert=this).values("assignee")[:1]),
            recent_periods=Coalesce(Subquery(recent.values(started=Count("number"))), 0),
            open_since=Subquery(current.values("started_at")[:1]),
            due_at=Subquery(current.values(due=due_at(models.OuterRef("check_code")))[:1]),
        )

    def of_tank_or_plate(self, tank: models.OuterRef, plate: models.OuterRef) -> Self:
        """Alerts whose entity or payload names the tank, or whose payload names the plate; both as
        text, NULL for none."""
        named = self.alias(
            its_tank=KT("payload__citerne_id"),
            its_entity=Cast("entity_id", models.TextField()),
            its_plate=KT("payload__plaque_camion"),
        )
        return named.filter(
            Q(its_tank=tank) | Q(entity_type="CITERNE_STOCK", its_entity=tank) | Q(its_plate=plate)
        )

    def active_first(self) -> Self:
        """Those to handle, then those that are over; the latest detected first."""
        return self.order_by(
            Case(When(status__in=ACTIVE, then=Value(0)), default=Value(1)),
            "-last_detected_at",
            "id",
        )

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

    def chunk_after(self, last: "Alert | None", size: int) -> list["Alert"]:
        """The next rows in the order of their detection, which no evaluation changes, read now."""
        rows = self.order_by("first_detected_at", "id")
        if last:
            at = last.first_detected_at
            rows = rows.filter(
                Q(first_detected_at__gt=at) | Q(first_detected_at=at, id__gt=last.pk)
            )
        return list(rows[:size])


def due_at(check_code: models.Expression | models.F | models.OuterRef) -> models.Func:
    """When a period, whose columns are at hand, is late: `gouvernance.due_at` in the depot's zone."""
    return models.Func(
        check_code,
        models.F("severity"),
        models.F("started_at"),
        Value(timezone.get_current_timezone_name()),
        function="gouvernance.due_at",
        output_field=models.DateTimeField(),
    )


def is_late() -> Q:
    """Condition: active, and its current period is past due."""
    current = AlertPeriod.objects.of(models.OuterRef("pk")).current()
    late = current.alias(due=due_at(models.OuterRef("check_code"))).filter(due__lte=timezone.now())
    return Q(status__in=ACTIVE) & Q(Exists(late))


def is_unassigned() -> Q:
    """Condition: active, and nobody has it."""
    assigned = Assignment.objects.filter(alert=models.OuterRef("pk"))
    return Q(status__in=ACTIVE) & ~Q(Exists(assigned))


def is_accepted() -> Q:
    """Condition: a person accepted the cause, and nothing has ended that."""
    return Q(Exists(Acceptance.objects.current(models.OuterRef("pk"))))


def mentions(text: str) -> Q:
    """Condition: message, code or identifiers contain each word of the text, letter case apart."""
    condition = Q()
    for word in dict.fromkeys(text.split()):
        named = Q(message__icontains=word) | Q(check_code__icontains=word)
        if UUID.fullmatch(word):
            named = Q(entity_id=word) | Q(id=word)
        elif PART_OF_A_UUID.fullmatch(word):
            named |= Q(entity_id__icontains=word) | Q(id__icontains=word)
        condition &= named
    return condition


class Alert(models.Model):
    """A row of `public.system_alerts`; change it through alerts.transitions only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    check_code = models.TextField(_("check"))
    severity = models.TextField(_("sévérité"), choices=Severity.choices)
    entity_type = models.TextField(_("type d’entité"))
    entity_id = models.UUIDField(_("entité"))
    message = models.TextField(_("message"))
    payload = models.JSONField("payload", default=dict)
    status = models.TextField(_("état"), choices=Status.choices, default=Status.OPEN)
    first_detected_at = models.DateTimeField(_("première détection"))
    last_detected_at = models.DateTimeField(_("dernière détection"))
    acknowledged_by = models.UUIDField(_("acquittée par"), null=True)
    acknowledged_at = models.DateTimeField(_("acquittée le"), null=True)
    resolved_by = models.UUIDField(_("résolue par"), null=True)
    resolved_at = models.DateTimeField(_("résolue le"), null=True)
    created_at = models.DateTimeField(_("créée le"))
    updated_at = models.DateTimeField(_("modifiée le"))

    # What with_handling() adds.
    version: int | None
    outcome: str | None
    accepted_until: datetime | None
    assignee: uuid.UUID | None
    recent_periods: int
    open_since: datetime | None
    due_at: datetime | None

    objects: ClassVar = AlertQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "system_alerts"
        verbose_name = pgettext_lazy("model", "alerte")

    def __str__(self) -> str:
        return f"{self.check_code} · {self.message}"

    @property
    def can_be_acknowledged(self) -> bool:
        return self.status == Status.OPEN

    @property
    def can_be_resolved(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_unstable(self) -> bool:
        """Whether it comes and goes: its cause is not treated."""
        return self.recent_periods >= UNSTABLE_FROM


class SyncPath(models.TextChoices):
    """What starts an evaluation."""

    WORKER = "worker", "worker"
    COMMAND = "command", _("commande sync_alerts")
    SQL = "sql", _("appel SQL")


class SyncRun(models.Model):
    """One committed evaluation, written by `gouvernance.sync_alerts()`."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    opened = models.IntegerField()
    refreshed = models.IntegerField()
    reopened = models.IntegerField()
    resolved = models.IntegerField()
    path = models.TextField(choices=SyncPath.choices, null=True)

    class Meta:
        managed = False
        db_table = "sync_runs"


class SyncFailure(models.Model):
    """One evaluation that failed as a whole and changed nothing."""

    started_at = models.DateTimeField()
    failed_at = models.DateTimeField()
    path = models.TextField(choices=SyncPath.choices)
    failure = models.TextField()

    class Meta:
        managed = False
        db_table = "sync_failures"


class CheckRun(models.Model):
    """What one check gave in one evaluation; `anomalies` is None when it failed."""

    pk = models.CompositePrimaryKey("check_code", "run")
    run = models.BigIntegerField()
    check_code = models.TextField()
    at = models.DateTimeField()
    duration_ms = models.FloatField()
    anomalies = models.IntegerField(null=True)
    opened = models.IntegerField()
    refreshed = models.IntegerField()
    reopened = models.IntegerField()
    resolved = models.IntegerField()
    failure = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "check_runs"


class JournalEntry(models.Model):
    """What the database writes of an alert (alerts/sql/journal); nothing here writes it."""

    alert = models.ForeignKey(Alert, models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        abstract = True
        managed = False


class AlertEvent(JournalEntry):
    """One thing that happened to an alert; append-only."""

    REMARKS = ("note", "assigned")  # they change nothing that a person decides on

    period = models.IntegerField()
    kind = models.TextField()
    source = models.TextField()
    actor = models.UUIDField(null=True)
    sync_run = models.BigIntegerField(null=True)
    details = models.JSONField()
    at = models.DateTimeField()

    class Meta(JournalEntry.Meta):
        db_table = "alert_events"


class AlertPeriodQuerySet(models.QuerySet["AlertPeriod"]):
    def of(self, alert: Any) -> Self:
        """Periods of an alert, the latest first."""
        return self.filter(alert=alert).order_by("-number")

    def current(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def started_within(self, span: timedelta) -> Self:
        return self.filter(started_at__gte=timezone.now() - span)


class AlertPeriod(JournalEntry):
    """From a detection to its resolution; the periods of one alert never overlap."""

    pk = models.CompositePrimaryKey("alert_id", "number")
    number = models.IntegerField()
    severity = models.TextField()
    occurred_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    outcome = models.TextField(null=True)

    objects: ClassVar = AlertPeriodQuerySet.as_manager()

    class Meta(JournalEntry.Meta):
        db_table = "alert_periods"


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def current(self, alert: Any) -> Self:
        return self.filter(alert=alert, ended_at=None)


class Reason(models.TextChoices):
    """Why a cause that is still there is accepted."""

    MEASURE = "erreur_mesure", _("Erreur de mesure")
    LATE = "saisie_tardive", _("Saisie tardive")
    LOSS = "perte_reelle", _("Perte réelle")
    FALSE_ALARM = "faux_positif", _("Faux positif")
    MAINTENANCE = "maintenance_prevue", _("Maintenance prévue")
    OTHER = "autre", _("Autre")


class Acceptance(JournalEntry):
    """A cause that stays closed until its date, until it disappears, or until it gets worse."""

    period = models.IntegerField()
    accepted_by = models.UUIDField()
    accepted_at = models.DateTimeField()
    reason = models.TextField(choices=Reason.choices)
    comment = models.TextField()
    until = models.DateTimeField()
    margin = models.DecimalField(max_digits=7, decimal_places=3)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(null=True)

    objects: ClassVar = AcceptanceQuerySet.as_manager()

    class Meta(JournalEntry.Meta):
        db_table = "alert_acceptances"


class Assignment(models.Model):
    """Who has an alert now."""

    alert = models.OneToOneField(
        Alert, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    assignee = models.UUIDField()
    assigned_by = models.UUIDField()
    assigned_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "alert_assignments"
