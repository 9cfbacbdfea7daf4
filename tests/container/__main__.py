"""`python -m tests.container`: the image and the trial of compose.yaml, without a container engine.

Runs the Dockerfile's own instructions in an empty directory and a virtual environment of its own, then
the processes of compose.yaml in what came out, as an unprivileged account that can write nothing of
it. Takes the tests' PostgreSQL (embedded, or TEST_DATABASE_URL), and half a minute, most of it pip's.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests import database
from tests.container import dockerfile
from tests.container.dockerfile import Instruction, Stage
from tests.processes import free_port, interpreter_for, say, stop, wait_until

RELEASE = "v0.0.0+0000000"
NAME = "mlpp_container"
SECONDS_TO_STOP = 10  # what a container runtime leaves between SIGTERM and SIGKILL


def account_without_rights() -> dict[str, Any]:
    """For subprocess. As root, the account of the server, which opens its socket to itself alone."""
    if os.geteuid() != 0:
        return {}
    host = psycopg.conninfo.conninfo_to_dict(database.SERVER_URL)["host"]
    number = Path(str(host)).stat().st_uid
    assert number != 0
    return {"user": number, "group": number, "extra_groups": []}


class Image:
    """Directories that stand for a file system: /app is <folder>/app, whatever names it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory = folder
        self.stage_before = folder
        self.log = (folder.parent / "log").open("w+")
        self.account: dict[str, Any] = {}
        self.python = interpreter_for(account_without_rights())
        (base := folder.parent / "base").mkdir()
        (base / "python").symlink_to(self.python)
        (base / "pip").symlink_to(Path(sys.executable).with_name("pip"))
        self.env = {"PATH": f"{base}:{os.environ['PATH']}"}
        self.arguments = {"APP_RELEASE": RELEASE}
        self.command: list[str] = []
        self.probe: list[str] = []

    def here(self, text: str) -> str:
        """The text with the image's own directories moved under `folder`."""
        return re.sub(r"(?<![\w./-])/(venv|app|build)\b", rf"{self.folder}/\1", text)

    def expand(self, text: str) -> str:
        return re.sub(r"\$(\w+)", lambda name: self.env.get(name[1], ""), text)

    def follow(self, stage: Stage) -> None:
        for instruction in stage:
            getattr(self, f"do_{instruction.name.lower()}")(instruction)

    def do_from(self, instruction: Instruction) -> None:
        """Begin with nothing: of the stage before, only what COPY --from takes comes back."""
        self.stage_before = Path(tempfile.mkdtemp(dir=self.folder.parent))
        for path in self.folder.iterdir():
            path.rename(self.stage_before / path.name)
        say(f"FROM {instruction.text}: {self.python} stands for it")

    def do_workdir(self, instruction: Instruction) -> None:
        self.directory = Path(self.here(instruction.text))
        self.directory.mkdir(exist_ok=True)

    def do_arg(self, instruction: Instruction) -> None:
        self.env[instruction.text] = self.arguments[instruction.text]

    def do_env(self, instruction: Instruction) -> None:
        for pair in instruction.words():
            name, _, value = pair.partition("=")
            self.env[name] = self.expand(self.here(value))

    def do_copy(self, instruction: Instruction) -> None:
        *options, source, target = instruction.words()
        if options:
            (self.stage_before / source.lstrip("/")).rename(self.here(target))
            return
        for path in dockerfile.build_context():
            if source in (".", path.as_posix()):
                to = self.directory / (path if source == "." else path.name)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(dockerfile.ROOT / path, to)

    def do_run(self, instruction: Instruction) -> None:
        if instruction.text.startswith("useradd "):
            say(f"RUN {instruction.text}: not on this machine, whose accounts it would change")
            return
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.run(["sh", "-c", self.here(instruction.text)], **pip, PIP_QUIET="2")
        say(f"RUN {instruction.text}")

    def do_user(self, instruction: Instruction) -> None:
        self.account = account_without_rights()
        number = self.account.get("user", os.geteuid())
        say(f"USER {instruction.text}: account {number} stands for it")

    def do_expose(self, instruction: Instruction) -> None:
        """Says something to people only."""

    def do_healthcheck(self, instruction: Instruction) -> None:
        self.probe = instruction.words()

    def do_cmd(self, instruction: Instruction) -> None:
        self.command = instruction.words()

    def start(self, command: list[str], **env: str) -> subprocess.Popen[bytes]:
        program = shutil.which(command[0], path=self.env["PATH"])
        assert program, command
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.directory,
            env={**self.env, **env},
            stdout=self.log,
            stderr=self.log,
            **self.account,
        )

    def run(self, command: list[str], **env: str) -> None:
        """Raises AssertionError unless the command succeeds."""
        assert self.start(command, **env).wait(timeout=300) == 0, command

    def content(self) -> dict[str, tuple[float, int]]:
        """Everything that is there, with when it was changed and its mode."""
        found = {}
        for path in self.folder.rglob("*"):
            status = path.lstat()
            found[str(path)] = (status.st_mtime, status.st_mode)
        return found

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """As with `docker run --read-only`. Raises AssertionError when something changed all the same."""
        subprocess.run(["chmod", "-R", "a-w,a+rX", self.folder], check=True)
        before = self.content()
        try:
            yield
            changed = before.items() ^ self.content().items()
            assert not changed, changed
        finally:
            subprocess.run(["chmod", "-R", "u+w", self.folder], check=True)


def worker_has_worked() -> bool:
    """Whether it did this period's job: a look at whether the installation has evaluated it already."""
    with psycopg.connect(database.url_of(NAME)) as owner:
        done = owner.execute(
            "SELECT FROM gouvernance.procrastinate_jobs"
            " WHERE task_name = 'sync_alerts' AND status = 'succeeded'"
        )
        return done.rowcount > 0


def try_out(image: Image, tmp: Path) -> None:
    """Install, serve and work as compose.yaml says; the port is the image's own, 8000."""
    services = dockerfile.compose()["services"]
    port = free_port()
    command, probe = (
        [word.replace("8000", port) for word in words] for words in (image.command, image.probe)
    )
    common = {"TMPDIR": str(tmp), "HOME": "/nonexistent"}
    trial = {
        **common,
        "APP_ENV": "staging",
        "SECRET_KEY": "k" * 50,
        "ALLOWED_HOSTS": "localhost",
        "PUBLIC_URL": "https://localhost",
        "SYNC_PERIOD_MINUTES": "60",
        "DATABASE_URL": database.url_of(NAME, user=database.APP_LOGIN),
    }

    assert image.start(command, **common).wait(timeout=30) != 0
    say("web: refused without its variables")

    install = {**trial, **services["install"]["environment"]}
    for _ in range(2):
        image.run(
            services["install"]["command"],
            **{**install, "DATABASE_OWNER_URL": database.url_of(NAME)},
        )
    say("install: the stand-in, the contract, the migrations, the demonstration; and again")

    web = image.start(command, **{**trial, **services["web"]["environment"]})
    worker = image.start(services["worker"]["command"], **trial)
    try:
        wait_until(lambda: image.start(probe).wait() == 0, "a healthy site")
        say("web: HEALTHCHECK succeeds")
        look_at(f"127.0.0.1:{port}")
        wait_until(worker_has_worked, "a job that the worker did")
        say("worker: did this period's job")
        stop("worker", worker, 120)
        stop("web", web, SECONDS_TO_STOP)
        assert image.start(probe).wait() != 0
        say("web: HEALTHCHECK fails when nothing answers")
    finally:
        for process in (web, worker):
            process.kill()


def look_at(address: str) -> None:
    """A page and its style sheet, as a proxy on another machine asks for them."""
    host, _, port = address.partition(":")

    def get(path: str) -> str:
        # Not one of the addresses from which gunicorn itself believes a proxy.
        with socket.create_connection((host, int(port)), 30, ("127.0.0.2", 0)) as line:
            line.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n"
                "X-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n".encode()
            )
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:400]
        return answer.decode()

    page = get("/login/")
    assert RELEASE in page
    sheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert sheet, page
    get(sheet[1])
    assert f'"release": "{RELEASE}"' in get("/health")
    say("web: /login/ behind a TLS proxy, its style sheet, /health with the release")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mlpp-container-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        (tmp := folder / "tmp").mkdir()
        tmp.chmod(0o1777)
        (root := folder / "root").mkdir()
        image = Image(root)
        try:
            prove(image, tmp)
        except BaseException:
            image.log.seek(0)
            sys.stdout.write(image.log.read())
            raise
    say("All is well; no file of the image was changed.")


def prove(image: Image, tmp: Path) -> None:
    for stage in dockerfile.stages():
        image.follow(stage)
    megabytes = sum(path.lstat().st_size for path in image.folder.rglob("*")) / 1e6
    say(f"what is laid over the base image: {megabytes:.0f} MB")
    with contextlib.suppress(psycopg.errors.DuplicateObject):  # on a server that tests had before
        login = (dockerfile.ROOT / "deploy/login.sql").read_text()
        login = re.sub(r"^\\.*\n", "", login, flags=re.MULTILINE)  # psql's own command
        database.run_on_server(login.replace(":'password'", "'essai'"))
    database.create_database(NAME)
    try:
        with image.read_only():
            try_out(image, tmp)
    finally:
        database.drop_database(NAME)


if __name__ == "__main__":
    main()
