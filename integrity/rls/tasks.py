"""The audit of every day, which the workers share out."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import connection
from procrastinate.contrib.django import app

from integrity.queries import fetch
from integrity.rls import accepted, audit, history
from integrity.rls.catalogue import Level
from mlpp_gov.observability import report

logger = logging.getLogger(__name__)

NAME = "audit_rls"
PERIOD = timedelta(hours=23, minutes=30)


@app.periodic(cron="41 * * * *")
@app.task(name=NAME, lock=NAME, queueing_lock=NAME)
def audit_every_day(timestamp: int) -> None:
    """Record an audit unless one was, by any path, in the 23 h 30 before `timestamp` (Unix).

    Asked every hour, so that a night without workers delays it instead of losing the day.
    Raises django.db.DatabaseError, and AcceptedFileError when the file can't be read.
    """
    last = next(iter(fetch("rls_summary")), None)
    if last and last["at"] > datetime.fromtimestamp(timestamp, UTC) - PERIOD:
        return
    found = audit.run(connection, accepted.read())
    drift = history.drift(found)
    history.record(connection, found, path=history.Path.WORKER)
    logger.info(
        "Audit RLS : policies {public} %d, bloquants %d, avertissements %d, acceptés %d",
        found.public_policies,
        len(found.failing),
        found.count(Level.WARN),
        len(found.accepted),
    )
    appeared = drift.new if drift else found.open
    if codes := {f.rule.code for f in appeared if f in found.failing}:
        report(f"Audit RLS, constats bloquants apparus : {', '.join(sorted(codes))}.")
