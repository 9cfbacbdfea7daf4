"""Take the README's screenshots of a running server: `python docs/screenshots.py [URL]`.

The server is `make run` with its demonstration data (8000 by default), under the same
MLPP_DEMO_PASSWORD. CHROMIUM names a browser elsewhere than Debian's.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parent / "images"
PASSWORD = os.environ.get("MLPP_DEMO_PASSWORD") or "mlpp-demo"
SIZES = {"integrity.png": (1440, 900), "integrity-phone.png": (390, 844)}  # CSS pixels


def take(browser: Browser, url: str, name: str, width: int, height: int) -> None:
    """Sign in as the directeur and write the alert list, as the window shows it, to images/`name`."""
    page = browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR")
    page.goto(url)
    page.get_by_label("Nom d’utilisateur").fill("directeur")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("heading", name="Intégrité").wait_for()
    page.screenshot(path=IMAGES / name)
    page.close()


if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name, (width, height) in SIZES.items():
            take(chromium, url, name, width, height)
        chromium.close()
