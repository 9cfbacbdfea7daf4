"""The last evaluation: how old it is, and which checks failed in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrity.checks.catalogue import catalogue
from integrity.checks.other_sources import OTHER_SOURCES
from integrity.queries import fetch
from mlpp_gov.queries import Rows
from mlpp_gov.sentences import spoken

ML_PP_VIEW = "v_integrity_checks"  # what a run calls the rows that it read in ML_PP's own view


@dataclass(frozen=True)
class Evaluation:
    """`evaluated` and `failing` are codes; a check that is switched off does not count as failing.

    `sending_fails`: what it finds may not reach those whom it should.
    """

    finished_at: datetime | None = None
    evaluated: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    sending_fails: bool = False

    @classmethod
    def of(cls, rows: Rows) -> Self:
        """As the query last_evaluation gives it."""
        return next((cls(**row) for row in rows), cls())

    @property
    def is_stale(self) -> bool:
        """Whether it is too long ago to be trusted."""
        return (
            self.finished_at is None
            or timezone.now() - self.finished_at > settings.SYNC_STALE_AFTER
        )

    def failing_source(self, code: str) -> str | None:
        """What failed where this check's anomalies are read: the check, or ML_PP's view; else None."""
        if code in OTHER_SOURCES:
            return None
        source = code if code in self.evaluated else ML_PP_VIEW
        return source if source in self.failing else None


def last_evaluation() -> Evaluation:
    return Evaluation.of(fetch("last_evaluation"))


def evaluation_context(evaluation: Evaluation | None = None) -> dict[str, object]:
    """What every page says of the last evaluation; one query unless it is given."""
    evaluation = evaluation or last_evaluation()
    return {
        "last_sync_at": evaluation.finished_at,
        "sync_is_stale": evaluation.is_stale,
        "sending_fails": evaluation.sending_fails,
        "failing_labels": [label_of(code) for code in evaluation.failing],
    }


def label_of(code: str) -> str:
    """What people call a check; its code when no file describes it."""
    if code == ML_PP_VIEW:
        return _("Vue v_integrity_checks de ML_PP")
    check = catalogue().get(code) or OTHER_SOURCES.get(code)
    return spoken(check.label) if check else code
