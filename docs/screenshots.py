"""Take the documents' screenshots of a running server: `python -m docs.screenshots [URL]`.

The server is `make run` with its demonstration data (8000 by default), under the same
MLPP_DEMO_PASSWORD. CHROMIUM names a browser elsewhere than Debian's.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
PASSWORD = os.environ.get("MLPP_DEMO_PASSWORD") or "mlpp-demo"
DESKTOP, PHONE = (1440, 900), (390, 844)  # CSS pixels
LIST = "governance/integrity/"


@dataclass(frozen=True)
class Shot:
    """What the window shows at an address; `click` names the link that leads on from there."""

    path: str
    size: tuple[int, int] = DESKTOP
    person: str = "directeur"
    click: str = ""


SHOTS = {
    "integrity": Shot(LIST),
    "integrity-phone": Shot(LIST, PHONE),
    "alert": Shot(f"{LIST}?check=STOCK_NEGATIF", click=".alert-fact a"),
    "alert-phone": Shot(f"{LIST}?check=STOCK_NEGATIF", PHONE, click=".alert-fact a"),
    "cockpit": Shot("governance/"),
    "cockpit-phone": Shot("governance/", PHONE),
    "checks": Shot(f"{LIST}checks/"),
    "simulation": Shot(f"{LIST}astm53b/"),
    "notifications": Shot("governance/notifications/", person="admin"),
    "access": Shot("governance/journal/", person="admin"),
    "rls": Shot("governance/rls/"),
    "release": Shot("governance/releases/v1.3.0/"),
    "deployments": Shot("governance/deployments/"),
    "operation": Shot("governance/operations/ASTM53B/"),
    "phase2": Shot("governance/phase2/"),
    "login-phone": Shot("login/", PHONE, person=""),
}


@contextmanager
def window(browser: Browser, url: str, person: str, size: tuple[int, int]) -> Iterator[Page]:
    """A page of that size, that person signed in; nobody for an empty name."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    page = context.new_page()
    if person:
        page.goto(f"{url}login/")
        page.get_by_label("Nom d’utilisateur").fill(person)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(lambda address: "/login/" not in address)
        french = page.locator("button[value=fr]")
        if french.count():  # that account chose English
            french.click()
    yield page
    context.close()


def take(browser: Browser, url: str, name: str, shot: Shot) -> None:
    """Write what the window shows to images/`name`.png. Raises Error for an error page."""
    with window(browser, url, shot.person, shot.size) as page:
        answer = page.goto(url + shot.path)
        if answer is None or not answer.ok:
            raise Error(f"{shot.path}: {answer and answer.status}")
        if shot.click:
            page.locator(shot.click).first.click()
            page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name, shot in SHOTS.items():
            take(chromium, url, name, shot)
        chromium.close()
