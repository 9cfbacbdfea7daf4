"""`manage.py worker`: work the job queue until told to stop.

Exits with 0 after SIGTERM, SIGINT or SIGHUP, the job at hand finished; with 1 when it can't go on, for
whatever supervises it to start another.
"""

import asyncio
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

DATABASE_AWAY = "Le worker s’arrête : la base de données ne répond pas."


class Command(BaseCommand):
    help = "Exécute les tâches périodiques : l’évaluation des contrôles et l’entretien de la file."

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
            connection.close()
            asyncio.run(_work(options["concurrency"]))
        except (ConnectorException, psycopg_pool.PoolTimeout) as error:
            raise CommandError(DATABASE_AWAY) from error


async def _work(concurrency: int) -> None:
    """Work until a signal comes, then finish the jobs at hand.

    Raises CommandError when the worker ends by itself, and what procrastinate raises.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Ours stay in place to the end, so that a second Ctrl-C does not cut the job at hand off.
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    # As few connections as will do: hosted databases count them.
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=concurrency + 1)
    with app.replace_connector(connector):
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    concurrency=concurrency,
                    listen_notify=settings.WORKER_LISTEN,
                    install_signal_handlers=False,
                )
            )
            told = asyncio.create_task(stopping.wait())
            await asyncio.wait({worker, told}, return_when=asyncio.FIRST_COMPLETED)
            if worker.done():
                told.cancel()
                worker.result()
                raise CommandError(DATABASE_AWAY)
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
