"""What went before an alert: its own earlier periods, and the other alerts of its tank or truck."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from alerts.models import Alert, AlertPeriod
from alerts.wording import ending_sentence
from integrity.evidence.gathering import Subject
from integrity.filters import Filters
from mlpp_gov.models import names_by_supabase_id

EARLIER_SHOWN = 5  # periods
OTHERS_SHOWN = 5  # alerts
COUNTED_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Antecedents:
    """`earlier` are the periods before the last one, the latest first; `recent` counts detections."""

    alert: Alert
    subject: Subject
    earlier: list[AlertPeriod]
    recent: int
    others: list[Alert]
    days: int = COUNTED_WITHIN.days

    @property
    def endings(self) -> list[str]:
        """How the earlier periods ended, in words; at most one query, of the application's own."""
        people: set[UUID] = {period.ended_by for period in self.earlier if period.ended_by}
        names = names_by_supabase_id(people) if people else {}
        return [ending_sentence(period, names) for period in self.earlier]

    @property
    def plate_search_url(self) -> str:
        """The list searched for the plate; it has no filter for a tank."""
        return Filters({"q": self.subject.plate, "status": "all"}).url()


def read_antecedents(alert: Alert) -> Antecedents:
    """Three queries; call it inside db_identity()."""
    subject = Subject.of(alert)
    periods = AlertPeriod.objects.of(alert)
    others = Alert.objects.of_tank_or_plate(subject.tank, subject.plate).exclude(pk=alert.pk)
    return Antecedents(
        alert=alert,
        subject=subject,
        earlier=list(periods[1 : 1 + EARLIER_SHOWN]),
        recent=periods.started_within(COUNTED_WITHIN).count(),
        others=list(others.active_first()[:OTHERS_SHOWN]),
    )
