"""The weekly report as an e-mail: the figures in text and the link, once per recipient and ISO week.

It is French whoever reads it: one text for many readers.
"""

import json
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from alerts.kpis import Metric, Span
from alerts.notifications.queue import people
from integrity.cockpit.indicators import LABELS, TIMES
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import duration, moment, number

MONDAY_AT = time(7)  # local
ASKED_FOR = """
    SELECT EXISTS (
        SELECT FROM gouvernance.notification_rules WHERE topic = 'weekly_report' AND enabled
    )
"""
Figures = dict[bool, dict[str, tuple[int, float | None]]]  # of the week or not → metric → figures


@translation.override(settings.LANGUAGE_CODE)
def queue_weekly_report(now: datetime) -> int:
    """Queue last week's report for those who are to have it and have it not, from Monday 07:00 on.

    Returns how many messages it queued. Raises django.db.DatabaseError; nothing is queued then.
    """
    local = timezone.localtime(now)
    monday = local.date() - timedelta(days=local.weekday())
    since = timezone.make_aware(datetime.combine(monday, MONDAY_AT))
    if now < since:
        return 0
    before = (monday - timedelta(days=7)).isocalendar()
    name, span = f"{before.year}-W{before.week:02}", Span.week(before.year, before.week)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ASKED_FOR)
        if cursor.fetchone() == (False,):
            return 0
        cursor.execute(
            "SELECT gouvernance.queue_report(%s, %s, %s, %s, %s)",
            [
                json.dumps(people()),
                since,
                name,
                f"Rapport hebdomadaire {name} de la gouvernance des stocks",
                _body(name, span, now),
            ],
        )
        (queued,) = cursor.fetchone()
        return queued


def _figures(span: Span) -> Figures:
    found: Figures = {True: {}, False: {}}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM gouvernance.report_figures(%s, %s, %s, %s)",
            [
                span.previous.starts,
                span.starts,
                span.ends,
                timezone.get_current_timezone_name(),
            ],
        )
        for is_current, metric, count, median in cursor.fetchall():
            found[is_current][metric] = count, median
    return found


def _body(name: str, span: Span, now: datetime) -> str:
    figures = _figures(span)
    lines = [_line(metric, figures) for metric in LABELS]
    return "\n".join(
        [
            f"Semaine {name}, du {span.first:%d/%m/%Y} au {span.last:%d/%m/%Y}, toutes les alertes.",
            "Entre parenthèses, la semaine d’avant.",
            "",
            *lines,
            "",
            f"{settings.PUBLIC_URL}{reverse('cockpit:report')}?week={name}",
            "",
            f"Produit automatiquement le {moment(now)}.",
            producer.line(),
        ]
    )


def _line(metric: Metric, figures: Figures) -> str:
    """« Ouvertes : 12 (9) », or the median of what is a time."""

    def said(is_current: bool) -> str:
        count, median = figures[is_current].get(metric, (0, None))
        return f"{duration(median)} en médiane" if metric in TIMES else number(count)

    if metric is Metric.REMAINING:  # of the week before, today's state would be counted
        return f"{LABELS[metric]}\u00a0: {said(True)}"
    return f"{LABELS[metric]}\u00a0: {said(True)} ({said(False)})"
