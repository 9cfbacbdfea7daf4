"""The upkeep of the job queue itself, done by its workers."""

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from mlpp_gov.signin import tasks  # noqa: F401  # found from here

logger = logging.getLogger(__name__)

HOURS_KEPT = 72


@app.periodic(cron="* * * * *")
@app.task(name="take_over", queueing_lock="take_over", pass_context=True)
async def take_over(context: JobContext, timestamp: int) -> None:
    """Put back in the queue the jobs of workers that gave no sign of life for 30 seconds."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await _release(context, job)
        logger.warning("Tâche reprise à un worker disparu : %s", job.call_string)


async def _release(context: JobContext, job: Job) -> None:
    jobs = context.app.job_manager
    try:
        await jobs.retry_job(job)
    except UniqueViolation:  # the same already waits, for a later period: it stands for both
        await jobs.finish_job(job, status=Status.ABORTED, delete_job=False)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_old_jobs", queueing_lock="forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete the jobs that ended HOURS_KEPT ago, whatever came of them."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=HOURS_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )
