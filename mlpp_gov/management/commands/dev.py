"""`manage.py dev`, behind `make run`: prepare the development database, then serve it."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mlpp_gov.database import owner_connection
from mlpp_gov.demo import accounts
from mlpp_gov.models import User

# The database is prepared whatever its state, and each step does nothing when it is already done.
HAS_ML_PP = "SELECT to_regclass('public.depots') IS NOT NULL"
IS_STAND_IN = """
    SELECT obj_description(to_regnamespace('auth'), 'pg_namespace') IS NOT DISTINCT FROM 'stand-in ML_PP'
"""
HAS_DEPOTS = "SELECT EXISTS (SELECT FROM public.depots)"
SOME_CHECKS_FAIL = 2  # exit status of sync_alerts


class Command(BaseCommand):
    help = (
        "Prépare la base de développement, sert l’application sur 127.0.0.1:PORT (8000) et évalue "
        "les contrôles périodiquement."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare-only",
            action="store_true",
            help="préparer la base, puis s’arrêter : d’autres processus servent (compose.yaml)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until Ctrl-C, SIGTERM or SIGHUP, then stop everything and succeed.

        Raises CommandError outside development, beside another run on the same data, and when the
        port is taken or the server or the worker fails.
        """
        if not settings.DEVELOPMENT:
            raise CommandError(
                "« make run » ne sert qu’en développement (ici APP_ENV="
                f"{settings.APP_ENV}) : ailleurs, lancez gunicorn mlpp_gov.wsgi et "
                "« manage.py worker »."
            )
        _stop_on(signal.default_int_handler)
        if options["prepare_only"]:
            self._prepare()
            return
        try:
            with _only_run(settings.DATA_DIR) as lock, _listen(_port()) as listener:
                url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
                lock.write(url)
                lock.flush()
                self._prepare()
                self._greet(url)
                os.environ.setdefault("PUBLIC_URL", url)
                _serve(listener)
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may be gone
                self.stdout.write("\nArrêté.")

    def _prepare(self) -> None:
        """Bring the database to where the application can start; data already there stays."""
        if not _holds(HAS_ML_PP):
            self.stdout.write("Première installation de la base de développement…")
            _quietly("standin")
        _quietly("contract", "deploy")
        _quietly("migrate", database="owner", verbosity=0, interactive=False)
        if _holds(IS_STAND_IN):
            if not _holds(HAS_DEPOTS):
                self.stdout.write("Chargement de la démonstration (scénario incident)…")
                _quietly("demo", "--scenario", "incident")
                _quietly("checks", "selftest")
            _keep_the_announced_password()
        try:
            _quietly("sync_alerts")
        except CommandError as error:
            if error.returncode != SOME_CHECKS_FAIL:  # the screens say which
                raise

    def _greet(self, url: str) -> None:
        self.stdout.write(f"\nCockpit de gouvernance : {url}")
        if _holds(IS_STAND_IN):
            names = ", ".join(account.username for account in accounts.ACCOUNTS)
            self.stdout.write(f"Comptes de démonstration : {names}")
            self.stdout.write(f"Mot de passe : {accounts.password()}")
        self.stdout.write("Ctrl-C pour arrêter.")
        self.stdout.flush()
        owner_connection().close()


def _quietly(command: str, *args: str, **options: Any) -> None:
    call_command(command, *args, stdout=StringIO(), **options)


def _holds(question: str) -> bool:
    with owner_connection().cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone() == (True,)


def _keep_the_announced_password() -> None:
    """MLPP_DEMO_PASSWORD may have changed since the demonstration was loaded."""
    admin = User.objects.using("owner").filter(username=accounts.ADMIN.username).first()
    if admin is None or not admin.check_password(accounts.password()):
        accounts.create_users("owner")


@contextmanager
def _only_run(directory: Path) -> Iterator[TextIO]:
    """Hold `directory`/run.lock, in which the run says its URL; the kernel frees it if we are killed.

    Raises CommandError when another run holds it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "run.lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = lock.read() or "il démarre"
            raise CommandError(
                f"« make run » tourne déjà avec ces données : {where}. Arrêtez-le (Ctrl-C), ou "
                "donnez à celui-ci un autre MLPP_DATA_DIR et un autre PORT."
            ) from None
        lock.truncate(0)
        try:
            yield lock
        finally:
            path.unlink()


def _port() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or int(value) > 65535:
        raise CommandError(f"PORT={value} : un nombre de 0 à 65535 est attendu.")
    return int(value)


def _listen(port: int) -> socket.socket:
    """Take the port at once: a browser that comes during the preparation waits for its end."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "déjà pris par un autre programme" if error.errno == errno.EADDRINUSE else "réservé"
        raise CommandError(
            f"Le port {port} est {why}. Choisissez-en un autre : PORT=8001 make run."
        ) from error


def _serve(listener: socket.socket) -> None:
    """Run gunicorn on the listener, and a worker, until one ends; whatever interrupts us stops both.

    Raises CommandError when one ends by itself.
    """
    base = settings.BASE_DIR
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        processes["serveur"] = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "mlpp_gov.wsgi"),
                *("--config", base / "gunicorn.conf.py", "--log-level", "error"),
                *("--bind", f"fd://{listener.fileno()}"),
            ],
            cwd=base,
            pass_fds=[listener.fileno()],
        )
        listener.close()
        processes["worker"] = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=base,
            env={"LOG_LEVEL": "WARNING", **os.environ},
        )
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        ended = next(name for name, process in processes.items() if process.poll() is not None)
    finally:
        _stop_on(signal.SIG_IGN)  # impatience must not leave half of it running
        for process in processes.values():
            process.send_signal(signal.SIGINT)
        for process in processes.values():
            process.wait()
    raise CommandError(f"Le {ended} s’est arrêté de lui-même (code {processes[ended].returncode}).")


def _stop_on(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, handler)
