"""`manage.py notify`: tell what is to be told, for cron or a systemd timer in place of the worker.

Exits with 1 when nothing could be queued, with 2 when some messages did not leave.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from alerts.notifications.delivery import Undelivered, deliver
from alerts.notifications.queue import queue_notifications


class Command(BaseCommand):
    help = "Prépare les messages à envoyer et envoie ceux qui sont dus."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            due = queue_notifications()
        except DatabaseError as error:
            raise CommandError(f"Rien n’a été envoyé. PostgreSQL : {error}") from error
        sent, failures = 0, []
        for message in due:
            try:
                sent += deliver(message)
            except Undelivered as failure:
                failures.append(str(failure))
        self.stdout.write(f"envoyés {sent}, en échec {len(failures)}")
        if failures:
            raise CommandError("\n".join(failures), returncode=2)
