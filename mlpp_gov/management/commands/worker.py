"""`manage.py worker`: work the job queue until told to stop.

Exits with 0 after SIGTERM, SIGINT or SIGHUP, the job at hand finished; with 1 when it can't start. A
database that goes away later is waited for.
"""

import asyncio
import logging
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import psycopg_pool
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

from mlpp_gov.failing_jobs import report_first_failure

logger = logging.getLogger(__name__)

SECONDS_FOR_A_CONNECTION = 10
SECONDS_BEFORE_RETRY = 3


class Command(BaseCommand):
    help = "Exécute les tâches : l’évaluation des contrôles, l’envoi des messages, l’entretien de la file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency",
            type=int,
            choices=[1, 2],
            default=2,
            help="tâches à la fois ; 2 (par défaut) : l’entretien n’attend pas l’évaluation",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not app.check_connection():
                raise CommandError(
                    "La file des tâches n’est pas installée : lancez d’abord "
                    "« manage.py migrate --database owner »."
                )
        except ConnectorException as error:
            raise CommandError(
                f"La base de données ne répond pas : {error.__cause__ or error}"
            ) from error
        connection.close()
        asyncio.run(_work_until_told(options["concurrency"]))


async def _work_until_told(concurrency: int) -> None:
    """Work until a signal comes, again and again where the database goes away."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Ours stay in place to the end, so that a second Ctrl-C does not cut the job at hand off.
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    while not told.is_set():
        try:
            await _work(concurrency, told)
        except (ConnectorException, psycopg_pool.PoolTimeout) as error:
            logger.warning("Le worker a perdu la base de données : %s", error.__cause__ or error)
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), SECONDS_BEFORE_RETRY)


async def _work(concurrency: int, told: asyncio.Event) -> None:
    """Work until told to stop, then finish the jobs at hand; end sooner when the worker can't go on.

    Raises ConnectorException and PoolTimeout when the database is away.
    """
    # As few connections as will do: hosted databases count them.
    connector = PsycopgConnector(
        kwargs=connector_params(),
        min_size=1,
        max_size=concurrency + 1,
        timeout=SECONDS_FOR_A_CONNECTION,
    )
    try:
        with app.replace_connector(connector):
            await app.open_async()
            worker = asyncio.create_task(
                app.run_worker_async(
                    concurrency=concurrency,
                    listen_notify=settings.WORKER_LISTENS,
                    install_signal_handlers=False,
                    worker_middleware=[report_first_failure],
                )
            )
            stopping = asyncio.create_task(told.wait())
            await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            worker.cancel()  # gracefully, says procrastinate; nothing when it has ended
            with suppress(asyncio.CancelledError):
                await worker
    finally:
        await connector.close_async()
