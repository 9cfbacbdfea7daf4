"""Who chose English reads English on every page; only what people wrote themselves stays as they wrote it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mlpp_gov.models import Language
from tests.database import as_owner
from tests.pages import addresses, fill
from tests.wording import is_french

ADDRESS = re.compile(r"https?://\S+")
ENGLISH = Path(__file__).resolve().parents[1] / "locale/en/LC_MESSAGES/django.po"
READ_ATTRIBUTES = ("alt", "aria-description", "aria-label", "data-label", "placeholder", "title")
# Written by PostgreSQL, not by people: to be read in English too.
COMPOSED = """
    ('system_alerts', 'message'), ('alert_periods', 'message')
"""


class Reader(HTMLParser):
    """The texts of a page, but those in code and in elements that say their own language."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.own: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attributes if value and name in READ_ATTRIBUTES]
        if (
            self.own
            or tag in ("code", "pre", "textarea")
            or (tag != "html" and "lang" in dict(attributes))
        ):
            self.own.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.own and self.own.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.own:
            self.texts.append(" ".join(data.split()))


def composed_by_postgresql() -> set[str]:
    """Sentences that are seeded in tables, and have their English."""
    with ENGLISH.open("rb") as source:
        return {m.id for m in read_po(source, locale="en") if m.id and m.context == "sql"}


@pytest.fixture
def written(db) -> list[str]:
    """What people wrote in the demonstration, the longest first."""
    fill()
    with as_owner() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema IN ('public', 'gouvernance') AND table_type = 'BASE TABLE'"
            " AND data_type IN ('text', 'character varying')"
            f" AND (table_name::text, column_name::text) NOT IN ({COMPOSED})"
        )
        found = set()
        for schema, table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}" FROM "{schema}"."{table}"')
            for (value,) in cursor.fetchall():
                # A page makes a link of an address in it.
                found |= {" ".join(part.split()) for part in ADDRESS.split(value or "")}
    found -= composed_by_postgresql()
    return sorted((text for text in found if is_french(text)), key=len, reverse=True)


def left_in_french(page: str, written: list[str]) -> list[str]:
    reader = Reader()
    reader.feed(page)
    reader.close()
    left = []
    for text in reader.texts:
        rest = text
        for value in written:
            rest = rest.replace(value, "")
        if is_french(rest):
            left.append(text)
    return left


def test_who_chose_english_reads_english_on_every_page(db, admin, client_of, written) -> None:
    admin.language = Language.ENGLISH
    admin.save()
    client = client_of(admin)
    french = {}
    for name, path in addresses().items():
        response = client.get(path)
        if not response.streaming and (left := left_in_french(response.content.decode(), written)):
            french[name] = left

    assert french == {}
