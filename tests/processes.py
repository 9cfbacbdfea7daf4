"""What `python -m tests.container` and `python -m tests.server` share: processes of an installation."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

STARTED = time.monotonic()


def say(what: str) -> None:
    sys.stdout.write(f"{time.monotonic() - STARTED:5.1f} s  {what}\n")
    sys.stdout.flush()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"not seen in 60 s: {what}"
        time.sleep(0.05)


def free_port() -> str:
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def interpreter_for(account: dict[str, Any]) -> str:
    """This Python, or Debian's where this one is in a home directory that the account can't enter."""
    for candidate in (sys._base_executable, "/usr/bin/python3"):  # type: ignore[attr-defined]
        with contextlib.suppress(PermissionError):
            subprocess.run([candidate, "-c", ""], check=True, **account)
            return str(candidate)
    raise AssertionError("no Python that an account without rights may start")


def stop(
    name: str,
    process: subprocess.Popen[bytes],
    seconds: float,
    number: signal.Signals = signal.SIGTERM,
) -> None:
    """Raises AssertionError unless the process exits with 0, TimeoutExpired when it stays."""
    since = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=seconds) == 0, name
    say(f"{name}: {number.name}, exit 0 after {time.monotonic() - since:.1f} s")
