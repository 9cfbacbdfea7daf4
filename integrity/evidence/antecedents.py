"""What went before an alert: its own earlier periods, and the other alerts of its tank or truck."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Subquery, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf

from alerts.models import Alert, AlertPeriod, AlertQuerySet
from alerts.wording import Names, ending_sentence
from integrity.embedding import embedded, instances_of
from integrity.evidence.gathering import Subject
from integrity.filters import Filters

EARLIER_SHOWN = 5  # periods
OTHERS_SHOWN = 5  # alerts
COUNTED_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Antecedents:
    """`earlier` are the periods before the last one, the latest first; `recent` counts detections."""

    subject: Subject
    earlier: list[AlertPeriod]
    recent: int
    others: list[Alert]
    days: int = COUNTED_WITHIN.days

    @classmethod
    def of(cls, alert: Alert) -> "Antecedents":
        """Of an alert read with_antecedents()."""
        return cls(
            subject=Subject.of(alert),
            earlier=instances_of(AlertPeriod, alert.earlier),  # type: ignore[attr-defined]
            recent=alert.recent,  # type: ignore[attr-defined]
            others=instances_of(Alert, alert.others),  # type: ignore[attr-defined]
        )

    @property
    def people(self) -> set[UUID]:
        """Who ended the earlier periods."""
        return {period.ended_by for period in self.earlier if period.ended_by}

    def endings(self, names: Names) -> list[str]:
        """How the earlier periods ended, in words."""
        return [ending_sentence(period, names) for period in self.earlier]

    @property
    def plate_search_url(self) -> str:
        """The list searched for the plate; it has no filter for a tank."""
        return Filters({"q": self.subject.plate, "status": "all"}).url()


def with_antecedents(alerts: AlertQuerySet) -> AlertQuerySet:
    """Beside the columns: `earlier`, `recent`, `others`, for Antecedents.of(); no query of its own.

    Evaluate it inside db_identity().
    """
    periods = AlertPeriod.objects.of(OuterRef("pk"))
    recent = periods.started_within(COUNTED_WITHIN).order_by().values("alert")
    tank = Case(
        When(entity_type="CITERNE_STOCK", then=Cast("entity_id", TextField())),
        default=KT("payload__citerne_id"),
    )
    plate = NullIf(KT("payload__plaque_camion"), Value(""))
    others = Alert.objects.of_tank_or_plate(OuterRef("tank"), OuterRef("plate"))
    return alerts.alias(tank=tank, plate=plate).annotate(
        earlier=embedded(
            periods[1 : 1 + EARLIER_SHOWN], "alert_id", "number", "ended_at", "ended_by", "outcome"
        ),
        recent=Coalesce(Subquery(recent.values(started=Count("number"))), 0),
        others=embedded(
            others.exclude(pk=OuterRef("pk")).active_first()[:OTHERS_SHOWN],
            "id",
            "message",
            "severity",
            "status",
            "last_detected_at",
        ),
    )
