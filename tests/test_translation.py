"""Everything that a person reads is marked for translation, and has its English."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = ROOT / "locale/en/LC_MESSAGES/django.po"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

PLACEHOLDER = re.compile(r"%\(\w+\)s|%(?=[sLI]|\d\$)|\{\w*\}|</?[a-z]+")
# Names, units and acronyms, the same in both languages.
SAME_IN_BOTH = re.compile(r"ML_PP|[A-Z0-9]{2,}|\b[LhCx]\b|\bmin\b|\bms\b|UTC|…")
VOID = ("br", "hr", "img", "input", "link", "meta", "path", "use")
READ_ATTRIBUTES = ("alt", "aria-description", "aria-label", "data-label", "placeholder", "title")


@pytest.fixture(scope="module")
def english() -> list[Message]:
    with ENGLISH.open("rb") as source:
        return [message for message in read_po(source, locale="en") if message.id]


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """(French, English) of a message, and of its plural."""
    if message.pluralizable:
        yield from zip(message.id, message.string, strict=True)
    else:
        yield message.id, message.string


def test_every_sentence_has_its_english(english: list[Message]) -> None:
    missing = [
        message.id for message in english if message.fuzzy or not all(dict(texts(message)).values())
    ]

    assert missing == []


def test_a_translation_fills_in_what_the_sentence_does(english: list[Message]) -> None:
    unlike = [
        (french, translated)
        for message in english
        for french, translated in texts(message)
        if sorted(PLACEHOLDER.findall(french)) != sorted(PLACEHOLDER.findall(translated))
    ]

    assert unlike == []


def test_what_is_compiled_is_what_was_translated(english: list[Message]) -> None:
    compiled = read_mo(BytesIO(ENGLISH.with_suffix(".mo").read_bytes()))

    def by_sentence(messages: Iterable[Message]) -> set[tuple[str, ...]]:
        return {(m.context or "", *pair) for m in messages if m.id for pair in texts(m)}

    assert by_sentence(compiled) == by_sentence(english), "run: make messages"


class Reader(HTMLParser):
    """What a person reads of a template in which every tag and variable of Django's became a NUL."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.within: list[
            tuple[str, bool]
        ] = []  # (tag, whether what it holds says its own language)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.read += [value for name, value in attributes if value and name in READ_ATTRIBUTES]
        if tag not in VOID:
            self.within.append(
                (tag, tag == "code" or (tag != "html" and "lang" in dict(attributes)))
            )

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop()[0] != tag:
            pass  # closed by what follows, as a <p> may be

    def handle_data(self, data: str) -> None:
        if not any(own for _, own in self.within):
            self.read.append(data)


def said_without_mark(template: Path) -> list[str]:
    """Texts of a template outside {% translate %} and {% blocktranslate %}."""
    kept, marked = [], False
    for token in Lexer(template.read_text(encoding="utf-8")).tokenize():
        command = token.contents.split(" ", 1)[0] if token.token_type is TokenType.BLOCK else ""
        if command in ("blocktranslate", "comment"):
            marked = True
        elif command in ("endblocktranslate", "endcomment"):
            marked = False
        elif not marked:
            kept.append(token.contents if token.token_type is TokenType.TEXT else "\0")
    reader = Reader()
    reader.feed("".join(kept))
    reader.close()
    words = (SAME_IN_BOTH.sub("", text) for text in reader.read)
    return [text.strip() for text in words if re.search(r"[A-Za-zÀ-ÿ]{2}", text)]


def test_no_template_says_anything_unmarked() -> None:
    unmarked = {
        str(path.relative_to(ROOT)): said for path in TEMPLATES if (said := said_without_mark(path))
    }

    assert unmarked == {}
