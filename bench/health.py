"""/health against an empty Django view, under the same gunicorn."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.installed import installed
from bench.measure import Result, alternate
from tests.faults.conftest import serving

CLIENTS = 8
SECONDS = 2.0
PAIRS = 9


def throughput() -> list[Result]:
    """Requests per second over connections that are kept."""
    with (
        installed("bench_health", alerts=100) as database,
        TemporaryDirectory(prefix="mlpp-health-") as folder,
        serving(database.url, Path(folder) / "ours.log") as ours,
        serving(
            database.url, Path(folder) / "empty.log", application="bench.empty_project:application"
        ) as empty,
    ):
        rates = alternate(
            {"ours": partial(_rate, ours.url), "empty": partial(_rate, empty.url)}, samples=PAIRS
        )
    pairs = zip(rates["ours"], rates["empty"], strict=True)
    return [
        Result(
            "health",
            "requests/s",
            value=round(median(rates["ours"])),
            reference=round(median(rates["empty"])),
            ratio=round(median(mine / theirs for mine, theirs in pairs), 2),
            conditions=f"{CLIENTS} clients for {SECONDS:.0f} s on connections that are kept, medians of"
            f" {PAIRS} alternating runs; the reference is a Django view that returns an empty answer,"
            " without middleware, under the same gunicorn",
        )
    ]


def _rate(site: str) -> float:
    """Answers per second of `site`/health, every one a 200."""
    end = time.monotonic() + SECONDS
    start = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = sum(clients.map(lambda _: _ask_until(site, end), range(CLIENTS)))
    return answers / (time.monotonic() - start)


def _ask_until(site: str, end: float) -> int:
    """Bare sockets: a client that works more than the server would measure itself."""
    address = urlsplit(site)
    request = f"GET /health HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
    answers = 0
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        while time.monotonic() < end:
            connection.sendall(request)
            _read_answer(connection)
            answers += 1
    return answers


def _read_answer(connection: socket.socket) -> None:
    """Raises RuntimeError when it is not a 200."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    _, _, rest = head.lower().partition(b"content-length:")
    missing = int(rest.split(b"\r\n")[0]) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
