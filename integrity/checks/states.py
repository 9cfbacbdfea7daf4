"""The state of the checks: what each one found, whether it works, and how we know."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from alerts.models import ENTITY_LABELS
from integrity.checks.catalogue import Check, Threshold, catalogue
from integrity.checks.evaluation import ML_PP_VIEW, label_of
from integrity.queries import fetch
from integrity.sparkline import Day, Sparkline
from mlpp_gov.queries import Rows
from mlpp_gov.sentences import spoken

DAYS = 30
SEVERITIES = ("CRITICAL", "WARN", "INFO")


class Outcome(StrEnum):
    """What the last evaluation made of a check."""

    FAILING = "failing"
    IMPOSSIBLE = "impossible"  # a table or a column is missing on this installation
    ANOMALIES = "anomalies"
    OK = "ok"
    IN_VIEW = "in_view"
    OFF = "off"
    NEVER = "never"
    ABSENT = "absent"  # the file is there, the contract was not deployed since


WORDS = {
    Outcome.FAILING: gettext_noop("Échec"),
    Outcome.IMPOSSIBLE: gettext_noop("Impossible ici"),
    Outcome.OK: gettext_noop("Aucune anomalie"),
    Outcome.IN_VIEW: gettext_noop("Lu dans la vue de ML_PP"),
    Outcome.OFF: gettext_noop("Éteint"),
    Outcome.NEVER: gettext_noop("Jamais évalué"),
    Outcome.ABSENT: gettext_noop("À installer (manage.py contract deploy)"),
}


@dataclass(frozen=True)
class CheckState:
    """One check as the database knows it; `enabled` is None for what is not in its catalogue.

    `read_in_view`: ML_PP's own view was read for it, `at`, `duration_ms` and `failure` are that
    view's, and its anomalies are not counted apart.
    """

    code: str
    enabled: bool | None = None
    time_limit_ms: int | None = None
    install_error: str | None = None
    read_in_view: bool | None = None
    at: datetime | None = None
    duration_ms: float | None = None
    anomalies: int | None = None
    failure: str | None = None
    failing_since: datetime | None = None
    proven_at: datetime | None = None
    tried_at: datetime | None = None
    proof_failure: str | None = None
    days: str | None = None
    reopened: int = 0

    @property
    def check(self) -> Check | None:
        return catalogue().get(self.code)

    @property
    def label(self) -> str:
        return label_of(self.code)

    @property
    def severity(self) -> str:
        return self.check.severity if self.check else ""

    @property
    def entity(self) -> str:
        kinds = self.check.entity.split(", ") if self.check else []
        return ", ".join(str(ENTITY_LABELS.get(kind, kind)) for kind in kinds)

    @property
    def outcome(self) -> Outcome:
        if self.enabled is None and self.code != ML_PP_VIEW:
            return Outcome.ABSENT
        if self.enabled is False:
            return Outcome.OFF
        if self.install_error and not self.read_in_view:
            return Outcome.IMPOSSIBLE
        if self.failure:
            return Outcome.FAILING
        if self.at is None:
            return Outcome.NEVER
        if self.read_in_view:
            return Outcome.IN_VIEW
        return Outcome.ANOMALIES if self.anomalies else Outcome.OK

    @property
    def is_failing(self) -> bool:
        return self.outcome in (Outcome.FAILING, Outcome.IMPOSSIBLE)

    @property
    def outcome_text(self) -> str:
        if self.outcome is Outcome.ANOMALIES:
            count = number_format(self.anomalies or 0, force_grouping=True)
            return ngettext(
                "{count}\u00a0anomalie", "{count}\u00a0anomalies", self.anomalies or 0
            ).format(count=count)
        return _(WORDS[self.outcome])

    @property
    def reason(self) -> str:
        """PostgreSQL's message, why the check says nothing."""
        return (self.install_error or self.failure or "") if self.is_failing else ""

    @property
    def time_limit(self) -> str:
        """« 10 s », as the administrator set it."""
        return "" if self.time_limit_ms is None else seconds_text(self.time_limit_ms)

    @property
    def duration(self) -> str:
        """« 3,5 ms », « 1,2 s »."""
        if self.duration_ms is None:
            return ""
        seconds = self.duration_ms >= 1000
        value = self.duration_ms / 1000 if seconds else self.duration_ms
        return f"{number_format(value, 1)}\u00a0{'s' if seconds else 'ms'}"

    @cached_property
    def sparkline(self) -> Sparkline:
        found = {int(day): counts for day, counts in json.loads(self.days or "{}").items()}
        return Sparkline(
            [Day(day, *found.get(n, ())) for n, day in enumerate(last_days(), start=1)]
        )

    @property
    def alerts_url(self) -> str:
        return f"{reverse('integrity:list')}?{urlencode({'check': self.code})}"

    @property
    def rank(self) -> tuple[bool, int, str]:
        """What fails first, then the most severe."""
        known = self.severity in SEVERITIES
        return (
            not self.is_failing,
            SEVERITIES.index(self.severity) if known else len(SEVERITIES),
            self.label,
        )


def last_days() -> list[date]:
    """The last 30 local days, today included and last."""
    today = timezone.localdate()
    return [today - timedelta(days=n) for n in reversed(range(DAYS))]


def _midnights() -> list[datetime]:
    return [timezone.make_aware(datetime.combine(day, time.min)) for day in last_days()]


def reopened_by_check() -> dict[str, int]:
    """How many alerts of each check closed and came back in 30 days; call it inside db_identity()."""
    rows = fetch("check_noise", since=_midnights()[0])
    return {row["check_code"]: row["reopened"] for row in rows}


def check_states(reopened: dict[str, int]) -> list[CheckState]:
    """Every check of the catalogue, and ML_PP's view when it was read: what fails first."""
    name, parameters = states_query()
    states = {row["code"]: _state(row, reopened) for row in fetch(name, **parameters)}
    absent = [CheckState(code) for code in catalogue() if code not in states]
    return sorted([*states.values(), *absent], key=lambda state: state.rank)


def check_state(code: str) -> CheckState:
    """What is known of one check, but how often its alerts came back."""
    name, parameters = states_query(code)
    return state_of(code, fetch(name, **parameters), {})


def states_query(code: str | None = None) -> tuple[str, dict[str, Any]]:
    """What to ask the database, of every check or of one."""
    return "check_states", {"code": code, "midnights": _midnights()}


def state_of(code: str, rows: Rows, reopened: dict[str, int]) -> CheckState:
    return next((_state(row, reopened) for row in rows), CheckState(code))


def _state(row: dict[str, Any], reopened: dict[str, int]) -> CheckState:
    return CheckState(**row, reopened=reopened.get(row["code"], 0))


@dataclass(frozen=True)
class TunedThreshold:
    """A threshold as the administrator left it; the bounds are the database's."""

    threshold: Threshold
    value: Decimal
    initial: Decimal
    lowest: Decimal
    highest: Decimal

    @property
    def label(self) -> str:
        return spoken(self.threshold.label)

    @property
    def unit(self) -> str:
        return spoken(self.threshold.unit)

    def written(self, value: Any) -> str:
        return f"{decimal_text(value)}\u00a0{self.unit}"

    @property
    def value_text(self) -> str:
        return self.written(self.value)

    @property
    def bounds_text(self) -> str:
        return _("Entre {lowest} et {highest}").format(
            lowest=decimal_text(self.lowest), highest=self.written(self.highest)
        )

    @property
    def hint(self) -> str:
        """What may be typed, and what it was at first."""
        return _("{bounds}. À l’installation\u00a0: {initial}.").format(
            bounds=self.bounds_text, initial=self.written(self.initial)
        )


def tuned_thresholds(check: Check, rows: Rows) -> list[TunedThreshold]:
    """The thresholds of a check in the order of its file; one that is not deployed yet is left out."""
    tuned = {row.pop("name"): row for row in rows}
    return [TunedThreshold(t, **tuned[t.name]) for t in check.thresholds if t.name in tuned]


def decimal_text(value: Any) -> str:
    """A number in French without needless zeros: « 10 000 », « 0,5 »."""
    plain = Decimal(str(value)).normalize()
    return number_format(f"{plain:f}", use_l10n=True, force_grouping=True)


def seconds_text(milliseconds: int) -> str:
    return f"{decimal_text(Decimal(milliseconds) / 1000)}\u00a0s"


def litres_text(value: Any) -> str:
    """« 10 000 L »; a dash when nothing is known."""
    return "—" if value is None else f"{decimal_text(value)}\u00a0L"
