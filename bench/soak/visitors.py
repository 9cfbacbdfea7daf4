"""Directeurs who handle alerts, or only read, without pause, and remember what they saw."""

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event

from tests.faults.conftest import Browser, Page

LIST = "/governance/integrity/"
PAGES = (
    LIST,
    f"{LIST}?q=P1&page_size=200",
    f"{LIST}?status=late&sort=due",
    "/governance/",
    "/governance/periods/",
    "/governance/report/",
    "/governance/notifications/",
    "/admin/alerts/alert/",
    "/health",
)
ALERT = re.compile(rf'href="{LIST}([0-9a-f-]{{36}})/')
# What a page says of an act that was done, and what the journal calls it.
DONE = {
    "Alerte acquittée.": "acknowledged",
    "Alerte déclarée corrigée": "resolved",
    "Alerte résolue.": "resolved",
}
REFUSED = ("Rien n’a été modifié", "La cause est toujours là")
SECONDS_AFTER_AN_OUTAGE = 0.2

Act = tuple[str, str]  # the alert's id, and the journal's word for what was done


@dataclass
class Memory:
    """What one visitor saw; `unsure` are acts whose answer did not say what came of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    unexpected: list[str] = field(default_factory=list)
    done: Counter[Act] = field(default_factory=Counter)
    unsure: Counter[Act] = field(default_factory=Counter)
    notes: dict[str, bool] = field(default_factory=dict)  # by text: whether it was seen to be kept


class Visitor:
    def __init__(self, browser: Browser, seed: int) -> None:
        self.memory = Memory()
        self._browser = browser
        self._random = random.Random(seed)  # noqa: S311

    def read(self, over: Event) -> None:
        """Open page after page, and now and then an alert of the list."""
        while not over.is_set():
            for path in self._random.sample(PAGES, len(PAGES)):
                page = self._get(path)
                for alert in self._some_alerts(page) if page else ():
                    self._get(f"{LIST}{alert}/")

    def handle(self, over: Event) -> None:
        """Acknowledge, claim as corrected, or note, on whichever alert of the list comes."""
        while not over.is_set():
            page = self._get(LIST)
            for alert in self._some_alerts(page) if page else ():
                if detail := self._get(f"{LIST}{alert}/"):
                    self._act(alert, detail)

    def _some_alerts(self, page: Page) -> list[str]:
        found = ALERT.findall(page.text)
        return self._random.sample(found, k=min(2, len(found)))

    def _act(self, alert: str, detail: Page) -> None:
        choice = self._random.choice(("ack", "resolve", "note", "note"))
        if choice == "note":
            self._note(alert, detail)
            return
        kind, fields = {
            "ack": ("acknowledged", {}),
            "resolve": ("resolved", {"intent": "claim"}),
        }[choice]
        answer = self._get(f"/governance/alerts/{alert}/{choice}/", detail, **fields)
        text = answer.text if answer else ""
        if said := next((word for sentence, word in DONE.items() if sentence in text), None):
            self.memory.done[alert, said] += 1
        elif not any(sentence in text for sentence in REFUSED):
            self.memory.unsure[alert, kind] += 1

    def _note(self, alert: str, detail: Page) -> None:
        text = f"note {self._random.getrandbits(64):x}"
        answer = self._get(f"/governance/alerts/{alert}/note/", detail, text=text)
        self.memory.notes[text] = bool(answer and "Note ajoutée." in answer.text)

    def _get(self, path: str, form: Page | None = None, **fields: str) -> Page | None:
        """The page, or None when there was an outage; with `form`, its fields are posted there."""
        try:
            page = self._browser.submit(form, path, **fields) if form else self._browser.get(path)
        except (OSError, HTTPException):  # the process that had the request was killed
            self.memory.cut += 1
            time.sleep(SECONDS_AFTER_AN_OUTAGE)
            return None
        self.memory.statuses[page.status] += 1
        if page.status == 200:
            if "/login/" in page.url:
                self.memory.unexpected.append(f"{path}: signed out")
                return None
            return page
        if page.status != 503:
            self.memory.unexpected.append(f"{path}: {page.status}")
        time.sleep(SECONDS_AFTER_AN_OUTAGE)
        return None
