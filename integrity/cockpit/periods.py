"""A period of an alert as an operator reads it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alerts.kpis import Metric
from integrity.checks.evaluation import label_of

OUTCOMES = {
    "gone": gettext_noop("cause disparue"),
    "fixed": gettext_noop("résolue, vérifiée"),
    "claimed": gettext_noop("déclarée corrigée"),
    "accepted": gettext_noop("acceptée"),
}
MEASURED = {  # the column of what a metric times
    Metric.DETECTION: "detection",
    Metric.ACKNOWLEDGEMENT: "acknowledgement",
    Metric.RESOLVED: "resolution",
    Metric.HUMAN: "resolution",
    Metric.AUTOMATIC: "resolution",
    Metric.ACCEPTED: "resolution",
}


@dataclass(frozen=True)
class PeriodRow:
    """`values` are the columns of gouvernance.measured_periods, and the alert's message."""

    values: dict[str, Any]
    metric: Metric
    list_url: str

    @property
    def check_label(self) -> str:
        return label_of(self.values["check_code"])

    @property
    def detail_url(self) -> str:
        """The alert's page, which leads back here."""
        url = reverse("integrity:detail", args=[self.values["alert_id"]])
        return f"{url}?{urlencode({'retour': self.list_url})}"

    @property
    def outcome(self) -> str:
        outcome = OUTCOMES.get(self.values["outcome"] or "")
        return _(outcome) if outcome else ""

    @property
    def seconds(self) -> float | None:
        column = MEASURED.get(self.metric)
        return self.values[column] if column else None

    @property
    def due_text(self) -> str:
        match self.values["kept"]:
            case True:
                return _("tenue")
            case False:
                return _("dépassée")
        return _("à venir")
