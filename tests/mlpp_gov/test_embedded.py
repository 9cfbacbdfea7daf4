"""The embedded PostgreSQL: wherever its folder is, and never longer than whoever uses it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from mlpp_gov import embedded

USE_UNTIL_TOLD = """
import os, sys
from pathlib import Path
from mlpp_gov import embedded
embedded.start(Path(sys.argv[1]))
print(os.environ["DATABASE_URL"], flush=True)
sys.stdin.read()
"""
HARD_FOLDERS = ("Un Été, d’été", "long" * 40)


class User:
    """A process that uses the server of a folder until it is told to end."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_UNTIL_TOLD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()

    def ends(self, *, by: signal.Signals | None = None) -> None:
        if by:
            self.process.send_signal(by)
        self.process.communicate(timeout=30)


@contextmanager
def using(folder: Path) -> Iterator[User]:
    user = User(folder)
    try:
        yield user
    finally:
        user.ends()


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which any pytest that starts as root closes to the server."""
    with TemporaryDirectory(prefix="mlpp-embedded-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose cluster the tests below share: creating one takes a second."""
    with new_folder() as path:
        yield path


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    with new_folder() as path:
        yield path


@pytest.mark.parametrize("name", HARD_FOLDERS, ids=["spaces and a comma", "longer than a socket"])
def test_any_folder_can_hold_the_server(empty_folder: Path, name: str) -> None:
    with using(empty_folder / name) as user, psycopg.connect(user.url) as connection:
        who = connection.execute("SELECT current_user, current_database()").fetchone()
    assert who == ("mlpp_gov_app", "mlpp")


def test_the_application_login_inherits_nothing_and_bypasses_nothing(folder: Path) -> None:
    with using(folder) as user, psycopg.connect(user.url) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolinherit, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert rights == (False, False, False, False)


def test_it_listens_on_no_network(folder: Path) -> None:
    with using(folder) as user, psycopg.connect(user.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_it_stops_with_its_last_user(folder: Path) -> None:
    first, second = User(folder), User(folder)
    first.ends()
    assert answers(second.url)
    second.ends()
    assert not answers(second.url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_its_user_stops_it_too(folder: Path, number: signal.Signals) -> None:
    user = User(folder)
    user.ends(by=number)
    assert user.process.returncode == 128 + number
    assert not answers(user.url)


def test_what_a_killed_user_left_is_taken_over_and_stopped(folder: Path) -> None:
    killed = User(folder)
    killed.ends(by=signal.SIGKILL)
    assert answers(killed.url)
    with using(folder):
        pass
    assert not answers(killed.url)


def test_reset_refuses_while_somebody_uses_it(folder: Path) -> None:
    with using(folder) as user:
        with pytest.raises(embedded.EmbeddedError, match="arrêtez d’abord"):
            embedded.reset(folder)
        assert answers(user.url)


def test_reset_deletes_the_cluster_and_nobody_elses_file(empty_folder: Path) -> None:
    with using(empty_folder):
        pass
    (empty_folder / "notes.txt").write_text("à garder")
    embedded.reset(empty_folder)
    assert [path.name for path in empty_folder.iterdir()] == ["notes.txt"]


def test_reset_leaves_a_folder_that_is_no_cluster(empty_folder: Path) -> None:
    theirs = empty_folder / "postgres" / "theirs.txt"
    theirs.parent.mkdir()
    theirs.write_text("à garder")
    embedded.reset(empty_folder)
    assert theirs.exists()


def test_without_the_wheel_it_asks_for_a_database_url(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(embedded.EmbeddedError, match="DATABASE_URL est obligatoire"):
        embedded.start(empty_folder / "data")
    assert not (empty_folder / "data").exists()
