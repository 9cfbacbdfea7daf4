"""The first contentful paint of the alert list on a phone with a slow link, against an empty page's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from bench.installed import installed
from bench.measure import Result, alternate
from tests.faults.conftest import serving

ALERTS = 100_000
PAIRS = 7
LIST = "/governance/integrity/"
LINK = 400_000  # bits per second
LATENCY = 40  # milliseconds, of each answer
SLOWER = 4  # than this machine's processor
PHONE = {"width": 360, "height": 740}
MOST = 1500  # milliseconds
SETTINGS = "bench.compressed_settings"
PAINTED = """
  new Promise((painted) => new PerformanceObserver((seen) => {
    for (const paint of seen.getEntriesByName("first-contentful-paint")) painted(paint.startTime);
  }).observe({ type: "paint", buffered: true }))
"""


def first_contentful() -> list[Result]:
    """Milliseconds of a first visit, nothing cached, from the click to the first word."""
    with (
        installed("bench_paint", alerts=ALERTS) as database,
        TemporaryDirectory(prefix="mlpp-paint-") as folder,
    ):
        variables = {
            "BENCH_STATIC_ROOT": f"{folder}/static",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            cwd=settings.BASE_DIR,
            env={**os.environ, **variables},
            check=True,
        )
        with (
            serving(database.url, Path(folder) / "ours.log", **variables) as ours,
            serving(
                database.url,
                Path(folder) / "empty.log",
                application="bench.empty_project:application",
            ) as empty,
            chromium() as browser,
        ):
            cookies = [
                {"name": cookie.name, "value": cookie.value or "", "url": ours.url}
                for cookie in ours.browser("directeur 1").cookies
            ]
            contenders = {
                "ours": partial(_paint, browser, ours.url + LIST, cookies),
                "empty": partial(_paint, browser, empty.url + "/page", []),
            }
            alternate(contenders, samples=2)  # each of gunicorn's processes has what it keeps
            times = alternate(contenders, samples=PAIRS)
    conditions = (
        f"50 of {ALERTS} alerts on a phone's screen, {LINK // 1000} kbit/s, {LATENCY} ms, a processor"
        f" {SLOWER} times slower, nothing cached; medians of {PAIRS} alternating pairs"
    )
    listed, blank = median(times["ours"]), median(times["empty"])
    return [
        _result("paint.list", listed, MOST, f"{conditions}; the reference is the most allowed"),
        _result(
            "paint.over_empty",
            listed,
            blank,
            f"{conditions}; the reference is a page of one word, without styles, under the same gunicorn",
        ),
    ]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own. Raises RuntimeError where there is none."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise RuntimeError("no browser on this machine: install chromium")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"]
        ) as browser,
    ):
        yield browser


def _paint(browser: Browser, url: str, cookies: list[dict[str, str]]) -> float:
    with browser.new_context(viewport=PHONE, locale="fr-FR") as context:  # type: ignore[arg-type]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY,
                "downloadThroughput": LINK / 8,
                "uploadThroughput": LINK / 8,
            },
        )
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url)
        return float(page.evaluate(PAINTED))


def _result(name: str, paint: float, reference: float, conditions: str) -> Result:
    return Result(
        name,
        "ms",
        value=round(paint),
        reference=round(reference),
        ratio=round(reference / paint, 2),
        conditions=conditions,
    )
