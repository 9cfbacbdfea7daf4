"""`python -m tests.server`: docs/serveur.md, played from an empty directory to a site that works.

Types its `sh` blocks into one shell of an unprivileged account and its `sql` block as the superuser of a
throw-away PostgreSQL from Debian, then does for its units what systemd would: the socket, ExecStart with
EnvironmentFile, KillSignal; and kills the database under it all, once. /srv, /etc/mlpp-gouvernance and the
three ports are moved; nothing else is. Takes the PostgreSQL 15 to 18 of /usr/lib/postgresql, oldest first,
and PgBouncer; a minute, most of it pip's.
"""

import contextlib
import json
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from configparser import RawConfigParser
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.docs.blocks import Block, blocks
from tests.processes import free_port, interpreter_for, say, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/serveur.md"
PROGRAMS = min(Path("/usr/lib/postgresql").glob("1[5-8]/bin/initdb")).parent
PORTS = {"5432": free_port(), "6432": free_port(), "8000": free_port()}
ACCOUNT: dict[str, Any] = {}
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    ACCOUNT = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Machine:
    """Stands for the one that the page prepares; its /srv and /etc are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "log").open("w+")
        self.units: dict[str, RawConfigParser] = {}
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("bin", "srv/mlpp-gouvernance", "etc/mlpp-gouvernance", "scratch"):
            (folder / name).mkdir(parents=True)
        (folder / "bin/python3").symlink_to(interpreter_for(ACCOUNT))
        self.scratch = folder / "scratch"
        self.env = {
            "PATH": f"{folder}/bin:{PROGRAMS}:/usr/bin:/bin",
            "TMPDIR": str(self.scratch),
            "HOME": str(self.scratch),
        }

    def here(self, text: str) -> str:
        text = re.sub(
            r"(?<![\w./-])/(srv|etc)/mlpp-gouvernance", rf"{self.folder}/\1/mlpp-gouvernance", text
        )
        return re.sub(rf"\b({'|'.join(PORTS)})\b", lambda port: PORTS[port[0]], text)

    def clone(self) -> None:
        """Every file that git has or would take: what a clone of the commit to come brings."""
        listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        git = ["git", "-c", "safe.directory=*", *listed]
        names = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            to = self.folder / "srv/mlpp-gouvernance" / name
            to.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, to)

    def psql(self, sql: str, database: str = "postgres") -> str:
        """As the superuser, by the socket that only this machine's account opens."""
        return subprocess.run(
            [
                *(PROGRAMS / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
                *("--set=ON_ERROR_STOP=1", "--username=postgres", f"--dbname={database}"),
                *(f"--host={self.scratch}", f"--port={PORTS['5432']}"),
            ],
            input=sql,
            check=True,
            capture_output=True,
            text=True,
            **ACCOUNT,
        ).stdout.strip()

    def cluster(self, program: str, *arguments: str) -> None:
        command = [PROGRAMS / program, f"--pgdata={self.scratch}/cluster", *arguments]
        subprocess.run(command, check=True, stdout=self.log, stderr=self.log, cwd="/", **ACCOUNT)

    def start_postgresql(self) -> None:
        options = f"-k {self.scratch} -p {PORTS['5432']} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = f"{self.scratch}/postgresql.log"
        self.cluster("pg_ctl", "start", "--wait", f"--options={options}", f"--log={log}")

    def stop_postgresql(self) -> None:
        self.cluster("pg_ctl", "stop", "--wait", "--mode=immediate")

    @contextlib.contextmanager
    def postgresql(self) -> Iterator[None]:
        """As Debian sets one up: passwords on TCP, the superuser by the socket."""
        self.cluster(
            *("initdb", "--username=postgres", "--no-sync"),
            *("--auth-host=scram-sha-256", "--auth-local=trust"),
        )
        self.start_postgresql()
        try:
            yield
        finally:
            self.stop_postgresql()

    def install(self, unit: str) -> None:
        name = re.match(r"# /etc/systemd/system/(\S+)\n", unit)
        assert name, unit
        parser = RawConfigParser()
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(self.here(unit))
        self.units[name[1]] = parser

    def start(self, name: str) -> None:
        """What systemd would do: the environment of the file and nothing else, the socket as number 3."""
        service = self.units[f"{name}.service"]["Service"]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        if file := service.get("EnvironmentFile"):
            lines = Path(file).read_text().splitlines()
            env |= dict(line.split("=", 1) for line in lines if line and line[0] != "#")
        command, handed = shlex.split(service["ExecStart"]), []
        if f"{name}.socket" in self.units:
            host, _, port = self.units[f"{name}.socket"]["Socket"]["ListenStream"].partition(":")
            listener = socket.create_server((host, int(port)))
            handed = [listener.fileno()]
            taken = f'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@" 3<&{handed[0]}'
            command = ["bash", "-c", taken, "systemd", *command]
        self.services[name] = subprocess.Popen(
            command,
            cwd=service.get("WorkingDirectory", "/"),
            env=env,
            pass_fds=handed,
            stdout=self.log,
            stderr=self.log,
            **ACCOUNT,
        )

    def stop(self) -> None:
        for name in reversed(self.services):
            service = self.units[f"{name}.service"]["Service"]
            number = signal.Signals[service.get("KillSignal", "SIGTERM")]
            stop(name, self.services[name], float(service.get("TimeoutStopSec", 90)), number)


class Shell:
    """The reader's one session; a command that fails ends it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.process = subprocess.Popen(
            ["bash", "-euo", "pipefail"],
            cwd="/",
            env={name: value for name, value in os.environ.items() if name.startswith("PIP_")}
            | machine.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **ACCOUNT,
        )

    def type(self, block: Block) -> str:
        """What it printed. Raises AssertionError when a command failed."""
        assert self.process.stdin
        assert self.process.stdout
        script = self.machine.scratch / "block"
        script.write_text(self.machine.here(block.text))
        script.chmod(0o644)
        self.process.stdin.write(f". {script} < /dev/null\necho; echo played\n")
        self.process.stdin.flush()
        printed = ""
        while not printed.endswith("\nplayed\n"):
            line = self.process.stdout.readline()
            assert line, f"line {block.line} of {PAGE.name}:\n{printed}"
            printed += line
        return printed.removesuffix("\nplayed\n")


def ask(path: str) -> tuple[int, str]:
    """Status and text of what the site says to a TLS proxy on this machine."""
    connection = HTTPConnection("127.0.0.1", int(PORTS["8000"]), timeout=30)
    headers = {"Host": "gouvernance.example.org", "X-Forwarded-Proto": "https"}
    connection.request("GET", path, headers=headers)
    with contextlib.closing(connection.getresponse()) as response:
        return response.status, response.read().decode()


def answer(path: str) -> str:
    """Its text. Raises AssertionError unless with 200."""
    status, text = ask(path)
    assert status == 200, (path, status, text[:400])
    return text


def passes() -> bool:
    return json.loads(ask("/health")[1])["status"] == "pass"


def evaluated(machine: Machine) -> bool:
    return machine.psql("SELECT count(*) FROM gouvernance.sync_runs", "mlpp") != "0"


def play(machine: Machine) -> None:
    """The page from its first block to its last."""
    shell = Shell(machine)
    for block in blocks(PAGE):
        first = block.text.partition("\n")[0]
        if block.language == "ini":
            machine.install(block.text)
        elif block.language == "sql":
            machine.psql(block.text)
        elif block.tried:
            if "manage.py doctor" in block.text:
                wait_until(lambda: evaluated(machine), "the worker's first evaluation")
            printed = shell.type(block)
            if "manage.py doctor" in block.text:
                say(f"what doctor and /health said:\n{printed}")
                look_at_the_verdict(printed)
        elif enabled := re.search(r"systemctl enable --now (.+)", block.text):
            for name in enabled[1].split():
                if not name.endswith(".socket"):
                    machine.start(name)
            answer("/health/live")  # the socket is open before gunicorn is
        how = "played" if block.tried else "not played, as the page says"
        say(f"line {block.line}, {block.language}: {first} … {how}")
    assert shell.process.stdin
    shell.process.stdin.close()
    assert shell.process.wait(timeout=30) == 0


def look_at_the_verdict(printed: str) -> None:
    """The page names every line of `doctor` that is not well on a new installation, and no other."""
    assert "ÉCHEC" not in printed
    warned = set(re.findall(r"^\s*attention\s+(.+?)(?: :|\s{2}|$)", printed, re.MULTILINE))
    announces = re.search(r"deux lignes en attention.*?\n\n", PAGE.read_text("utf-8"), re.DOTALL)
    assert announces
    announced = {" ".join(name.split()) for name in re.findall(r"«(.+?)»", announces[0], re.DOTALL)}
    assert warned == announced, warned


def look_at_the_site(machine: Machine) -> None:
    assert passes()
    page = answer("/login/")
    sheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert sheet, page
    answer(sheet[1])
    assert "v1.4.0+0c5c2b7" in page
    say("site: /health passes, the sign-in page and its style sheet")
    owner = machine.psql(
        "SELECT rolname, rolsuper FROM pg_roles WHERE oid ="
        " (SELECT relowner FROM pg_class WHERE oid = 'gouvernance.sync_runs'::regclass)",
        "mlpp",
    )
    assert owner == "mlpp_owner|f", owner
    seen = machine.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'mlpp_gov_app'"
        " AND client_addr IS NOT NULL"
    )
    assert 1 <= int(seen) <= 10, f"connections that PgBouncer opened: {seen}"


def lose_the_database_for_a_while(machine: Machine) -> None:
    """Nobody is there at night to start anything again."""
    machine.stop_postgresql()
    wait_until(lambda: ask("/health")[0] == 503, "/health without a database")
    machine.start_postgresql()
    wait_until(passes, "/health with the database again")
    answer("/login/")
    ended = [name for name, process in machine.services.items() if process.poll() is not None]
    assert not ended, ended
    say("PostgreSQL killed and started again: 503, then all is served by the same processes")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mlpp-server-") as temporary:
        folder = Path(temporary)
        machine = Machine(folder)
        try:
            machine.clone()
            folder.chmod(0o755)
            subprocess.run(["chmod", "-R", "go+rX", folder], check=True)
            if ACCOUNT:
                owner = f"{ACCOUNT['user']}:{ACCOUNT['group']}"
                subprocess.run(["chown", "-R", owner, folder], check=True)
            with machine.postgresql():
                try:
                    play(machine)
                    look_at_the_site(machine)
                    lose_the_database_for_a_while(machine)
                    machine.stop()
                finally:
                    for process in machine.services.values():
                        process.kill()
        except BaseException:
            machine.log.seek(0)
            sys.stdout.write(machine.log.read())
            raise
    say("All is well.")


if __name__ == "__main__":
    main()
