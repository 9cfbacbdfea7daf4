"""What the workers do for the cockpit."""

from django.utils import timezone
from procrastinate.contrib.django import app

from integrity.cockpit.report_mail import queue_weekly_report


@app.periodic(cron="*/30 * * * *")
@app.task(name="weekly_report", queueing_lock="weekly_report")
def weekly_report(timestamp: int) -> None:
    """Queue the report of the week before, from Monday morning on: a worker that was away makes up for it."""
    queue_weekly_report(timezone.now())
