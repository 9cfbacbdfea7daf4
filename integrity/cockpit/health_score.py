"""One number for the state of the books, worked out on the page from what is open now."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from alerts.kpis import Now
from integrity.checks.evaluation import Evaluation

BEST = 100


@dataclass(frozen=True)
class Penalty:
    """`each` points are taken for each of `count`, `most` in all when there is a ceiling."""

    label: str
    count: int
    each: int
    most: int | None = None

    @property
    def points(self) -> int:
        points = self.count * self.each
        return points if self.most is None else min(points, self.most)


@dataclass(frozen=True)
class HealthScore:
    """From 0 to 100; `value` is None when nothing was ever evaluated."""

    value: int | None
    penalties: list[Penalty]


def health_score(now: Now, evaluation: Evaluation) -> HealthScore:
    """The worst takes the most, and no number of WARN weighs as much as two late CRITICAL.

    docs/indicateurs.md explains the weights.
    """
    penalties = [
        Penalty(_("CRITICAL en retard"), now.late_critical, 25),
        Penalty(_("CRITICAL dans les délais"), now.critical - now.late_critical, 10),
        Penalty(_("WARN en retard"), now.late_warn, 3, 30),
        Penalty(_("WARN dans les délais"), now.warn - now.late_warn, 1, 10),
        Penalty(_("Contrôles en échec"), len(evaluation.failing), 5, 20),
        Penalty(_("Évaluation dépassée"), int(evaluation.is_stale), 30),
    ]
    score = max(0, BEST - sum(penalty.points for penalty in penalties))
    return HealthScore(score if evaluation.finished_at else None, penalties)
