"""What the workers share out: the periodic evaluation, one per period and one at a time, and messages."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, JobDeferrer
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from alerts.models import CheckRun, SyncFailure, SyncPath, SyncRun
from alerts.notifications.delivery import Undelivered, deliver
from alerts.notifications.queue import queue_notifications
from alerts.sync import sync_alerts
from mlpp_gov.observability import report

logger = logging.getLogger(__name__)

NAME = "sync_alerts"
ACCESSES = "evaluate_accesses"
BEHIND_THE_EVALUATION = -1  # priority: a service that is slow to answer delays messages only


def cron_of(period: timedelta) -> str:
    """The minutes of each hour at which a period of 1 to 60 minutes starts, as cron writes them."""
    minutes = period // timedelta(minutes=1)
    return "0 * * * *" if minutes == 60 else f"*/{minutes} * * * *"


@app.periodic(cron=cron_of(settings.SYNC_PERIOD))
@app.task(name=NAME, lock=NAME, queueing_lock=NAME)
def evaluate(timestamp: int) -> None:
    """Evaluate, unless it was done by any path since `timestamp` (Unix), when the period started.

    So a period that was missed, or a job that was taken over or deferred twice, costs nothing.
    Raises django.db.DatabaseError when the evaluation failed: the job fails, the next period tries again.
    """
    if SyncRun.objects.filter(started_at__gte=datetime.fromtimestamp(timestamp, UTC)).exists():
        logger.info("Période déjà évaluée.")
        return
    try:
        outcome = sync_alerts(path=SyncPath.WORKER)
    except DatabaseError as error:
        logger.warning("Évaluation échouée, aucune alerte n’a été modifiée. PostgreSQL : %s", error)
        if _is_news():
            report("L’évaluation des contrôles a échoué ; voir gouvernance.sync_failures.")
        error.told = True  # type: ignore[attr-defined]
        raise
    logger.info(
        "Évaluation : ouvertes %d, rafraîchies %d, rouvertes %d, résolues %d, en échec : %s",
        *outcome[:4],
        ", ".join(outcome.failing) or "aucun",
    )
    if broken := set(outcome.failing) - _failing_before():
        report(f"Contrôles en échec : {', '.join(sorted(broken))}.")
    with suppress(AlreadyEnqueued), transaction.atomic():  # what it found need not wait a minute
        _deferring("notify", queueing_lock="notify").defer(timestamp=timestamp)


@app.periodic(cron="*/5 * * * *")
@app.task(name=ACCESSES, lock=ACCESSES, queueing_lock=ACCESSES)
def evaluate_accesses(timestamp: int) -> None:
    """Open, refresh or close the alert of a spike of refused accesses (docs/journal-acces.md)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT gouvernance.evaluate_accesses()")
        (outcome,) = cursor.fetchone()
    if outcome:
        logger.info("Accès suspects : alerte %s", outcome)


def _is_news() -> bool:
    """Whether the failure just recorded is not what the evaluation before it ended with."""
    latest, *before = SyncFailure.objects.order_by("-id")[:2]
    return not any(
        failure.failure == latest.failure
        and not SyncRun.objects.filter(finished_at__gt=failure.failed_at).exists()
        for failure in before
    )


def _failing_before() -> set[str]:
    """Codes of the checks that had failed in the run before the latest."""
    before = SyncRun.objects.order_by("-id").values("id")[1:2]
    return set(
        CheckRun.objects.filter(run__in=before, failure__isnull=False).values_list(
            "check_code", flat=True
        )
    )


@app.periodic(cron="* * * * *")
@app.task(name="notify", queueing_lock="notify")
def notify(timestamp: int) -> None:
    """Queue what is news, and a job for each message that is due, in one transaction."""
    with transaction.atomic():
        for message in queue_notifications():
            _deferring(
                "send", queueing_lock=f"send:{message}", priority=BEHIND_THE_EVALUATION
            ).defer(message=message)


def _deferring(task: str, **options: Any) -> JobDeferrer:
    """To defer a job in this transaction: the worker's own connector has connections of its own."""
    return app.with_connector(DjangoConnector()).configure_task(task, **options)


class WhenTheMessageIsDue(BaseRetryStrategy):
    """The database says when, so that `manage.py notify` and the workers wait alike."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, Undelivered) and exception.retry_at:
            return RetryDecision(retry_at=exception.retry_at)
        return None


@app.task(name="send", retry=WhenTheMessageIsDue())
def send(message: int) -> None:
    """Send one message. Raises Undelivered: the job is retried while the message is to be."""
    deliver(message)
