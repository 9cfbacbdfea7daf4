"""Every command of the guides works as written, or says that it was not tried and why.

A block of `sh` or `sql` is run, document by document, on a database without data, installed and evaluated.
It is not when a quoted line just above it says « Non essayé ici » and why (the README: "Not tried here"),
nor is a command whose comment says so, nor one with « … » in it, which waits for a value that only its
reader has. serveur.md, which begins with an empty machine, is played by `python -m tests.server`.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import ManagementUtility
from django.db import connections

from tests.database import Database
from tests.docs.blocks import blocks
from tests.sql.conftest import PG_DUMP

ROOT = Path(__file__).resolve().parents[2]
ITSELF_NOT_TRIED = re.compile(r"# .*(?:non essayé ici|not tried here)")
# Those that may not end, and the one that looks at the login, which in the tests' own process is another.
ON_THEIR_OWN = {"dev", "worker", "doctor"}
MANAGE = {"python manage.py", ".venv/bin/python manage.py"}
SHELL = re.compile(r"[|<>&;$`]")
NAMED_IN_EXAMPLES = """
    WITH depot AS (INSERT INTO public.depots (nom) VALUES ('Dépôt Daipn') RETURNING id),
         produit AS (INSERT INTO public.produits (nom) VALUES ('Gasoil/AGO') RETURNING id)
    INSERT INTO public.citernes (depot_id, nom, capacite_totale, produit_id)
    SELECT depot.id, 'TANK1', 500000, produit.id FROM depot, produit
"""


def commands(script: str) -> Iterator[str]:
    """The commands of a block, each whole however many lines it takes."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        try:
            words = shlex.split(pending, comments=True)
        except ValueError:  # a quote is still open
            continue
        if not pending.endswith("\\\n"):
            if words and "…" not in shlex.join(words) and not ITSELF_NOT_TRIED.search(pending):
                yield pending.strip()
            pending = ""
    assert not pending


ALL_DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PLAYED_FROM_AN_EMPTY_MACHINE = ROOT / "docs/serveur.md"
DOCUMENTS = [
    path
    for path in ALL_DOCUMENTS
    if path != PLAYED_FROM_AN_EMPTY_MACHINE
    and any(block.tried and block.language != "ini" for block in blocks(path))
]


class Reader:
    """Somebody who types what a document says, on a database of their own."""

    def __init__(self, database: Database, folder: Path, capture: pytest.CaptureFixture) -> None:
        self.database = database
        self.folder = folder
        self.capture = capture

    def run(self, command: str) -> str | None:
        """Why it failed; None when it worked."""
        words = shlex.split(command, comments=True)
        in_one_process = " ".join(words[:2]) in MANAGE and words[2] not in ON_THEIR_OWN
        if in_one_process and not SHELL.search("".join(words)):
            return self.manage(words[2:])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.database.env
            | {"MLPP_DATA_DIR": str(self.folder)}
            | {"PATH": f"{PG_DUMP.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"},
            input="retirer\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout + done.stderr if done.returncode else None

    def manage(self, arguments: list[str]) -> str | None:
        """In this process: another takes a second to start."""
        try:
            ManagementUtility(["manage.py", *arguments]).execute()
        except SystemExit as ending:
            return self.capture.readouterr().err if ending.code else None
        return None

    def query(self, sql: str) -> str | None:
        with self.database.owner() as connection:
            connection.execute(sql)
        return None


@pytest.fixture
def reader(
    fresh_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[Reader]:
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", StringIO("retirer\n"))
    with fresh_database.owner() as connection:
        connection.execute(NAMED_IN_EXAMPLES)
        connection.execute("SELECT gouvernance.sync_alerts()")
    for alias in ("default", "owner"):
        connections[alias].close()
        monkeypatch.setitem(connections[alias].settings_dict, "NAME", fresh_database.name)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield Reader(fresh_database, tmp_path, capsys)
        connections.close_all()


def test_every_link_leads_somewhere() -> None:
    for document in ALL_DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_rules_of_sentry_are_about_messages_that_are_sent() -> None:
    begins = re.findall(r"commence par « (.+?) »", (ROOT / "docs/sentry.md").read_text("utf-8"))
    sources = "".join(
        path.read_text("utf-8")
        for app in ("alerts", "integrity")
        for path in (ROOT / app).rglob("tasks.py")
    )
    assert len(begins) == 3
    assert [text for text in begins if text not in sources] == []


def test_no_command_hides_in_a_fence_that_nobody_reads() -> None:
    hidden = re.compile(
        r"^ *(?:```|~~~)(?:bash|console|shell|sh\b.|sql\b.)"
        r"|^```\n(?:(?!```).*\n)*?(?:\$ |python |psql |curl |docker |git |make )",
        re.MULTILINE,
    )
    for document in ALL_DOCUMENTS:
        text = "".join(re.split(r"(?m)^```\w+\n(?:(?!```).*\n)*```$", document.read_text("utf-8")))
        assert not hidden.search(text), document.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_of_a_document_work(reader: Reader, document: Path) -> None:
    failures = []
    for block in blocks(document):
        if block.tried and block.language != "ini":
            todo = [block.text] if block.language == "sql" else commands(block.text)
            attempt = reader.query if block.language == "sql" else reader.run
            failures += [
                f"line {block.line}: {command}\n{why}"
                for command in todo
                if (why := attempt(command)) is not None
            ]
    assert not failures, "\n".join(failures)
