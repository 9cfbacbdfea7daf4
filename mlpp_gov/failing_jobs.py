"""What is told of jobs that fail: the first of a row, since a periodic one fails again each period."""

import logging
from typing import Any

from procrastinate import JobContext
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

from mlpp_gov.observability import report_error

logger = logging.getLogger(__name__)

FAILED_BEFORE = """
    SELECT coalesce((
        SELECT status = 'failed' FROM procrastinate_jobs
        WHERE task_name = %(task)s AND id < %(job)s AND status IN ('succeeded', 'failed')
        ORDER BY id DESC LIMIT 1
    ), false) AS failed
"""


async def report_first_failure(process: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Worker middleware: report the error of a job unless the job of that task before it failed too.

    An error whose `told` is true is none of ours: its task has reported it, or a screen shows it.
    """
    try:
        return await process()
    except Exception as error:
        if not getattr(error, "told", False) and await _is_news(context):
            report_error(error)
        raise


async def _is_news(context: JobContext) -> bool:
    job = context.job
    if job.attempts:  # it was told at the first
        return False
    try:
        row = await context.app.connector.execute_query_one_async(
            FAILED_BEFORE, task=job.task_name, job=job.id
        )
    except Exception:  # the database may be why the job failed
        logger.warning("Le sort de la tâche précédente est inconnu.", exc_info=True)
        return True
    return not row["failed"]
