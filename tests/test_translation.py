"""Everything that a person reads is marked for translation, and has its English."""

import ast
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
FOR_DEVELOPERS = ROOT / "templates/design.html"
TEMPLATES = sorted(set((ROOT / "templates").rglob("*.html")) - {FOR_DEVELOPERS})

# What a terminal, a file, a channel or a log says, and what is found again as PostgreSQL's sentences are.
STAYS_FRENCH = re.compile(
    r"/(management|migrations|demo|doctor|design)/|/(doctor|demo)\.py$"
    r"|^mlpp_gov/(backup|contract|database|embedded|environment|health|logs|messaging|observability"
    r"|release_identity|sentences|settings|sql_sentences)\.py$"
    r"|^mlpp_gov/access/(accounts|journal)\.py$"
    r"|^alerts/(tasks|notifications/(channels|delivery|queue|wording))\.py$"
    r"|^integrity/(apps|checks/(catalogue|documentation|selftest)|cockpit/report_mail)\.py$"
    r"|^integrity/rls/(accepted|audit|catalogue|export|matrix)\.py$"
    r"|^releases/(api/\w+|asks|kinds|outline|rehearsal|timetravel|walk)\.py$"
)
MARKS = {
    f"{kind}gettext{ending}" for kind in ("", "n", "p", "np") for ending in ("", "_lazy", "_noop")
} | {"_"}
FRENCH = re.compile(
    r"[àâçéèêëîïôùûœ«’]|\b(?:le|la|les|des?|du|une|sont|est|pas|pour|par|avec|sur|dans|aucune?|qui|sans|et|aux?)\b"
)

PLACEHOLDER = re.compile(r"%\(\w+\)s|%(?=[sLI]|\d\$)|\{\w*\}|</?[a-z]+")
# Names, units and acronyms, the same in both languages.
SAME_IN_BOTH = re.compile(
    r"ML_PP|\{public\}|Gouvernance|[A-Z0-9]{2,}|\b[LhCx]\b|\bmin\b|\bms\b|UTC|…"
)
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

    def context(message: Message) -> str:
        said: str | bytes = message.context or ""  # which read_mo leaves as it was written
        return said.decode() if isinstance(said, bytes) else said

    def by_sentence(messages: Iterable[Message]) -> set[tuple[str, ...]]:
        return {(context(m), *pair) for m in messages if m.id for pair in texts(m)}

    assert by_sentence(compiled) == by_sentence(english), "run: make messages"


class Reader(HTMLParser):
    """What a person reads of a template without Django's tags and variables."""

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
    """Texts of a template outside {% translate %}, {% blocktranslate %} and the name of a class."""
    kept, silent = "", False
    for token in Lexer(template.read_text(encoding="utf-8")).tokenize():
        command = token.contents if token.token_type is TokenType.BLOCK else ""
        if command.startswith(("blocktranslate", "comment", "block main_class")):
            silent = True
        elif command.startswith(("endblocktranslate", "endcomment", "endblock")):
            silent = False
        elif token.token_type is TokenType.TEXT and not silent:
            kept += token.contents
    reader = Reader()
    reader.feed(kept)
    reader.close()
    words = (SAME_IN_BOTH.sub("", text) for text in reader.read)
    return [text.strip() for text in words if re.search(r"[A-Za-zÀ-ÿ]{2}", text)]


def test_no_template_says_anything_unmarked() -> None:
    unmarked = {
        str(path.relative_to(ROOT)): said for path in TEMPLATES if (said := said_without_mark(path))
    }

    assert unmarked == {}


def said_in_python(node: ast.AST) -> Iterator[str]:
    """French of a module outside the functions that mark it, docstrings and what a log is told."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in MARKS:
            return
        case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"))):
            return
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Constant(value=str(text)) if FRENCH.search(text):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from said_in_python(child)


def test_no_module_says_anything_unmarked() -> None:
    unmarked = {}
    for app in ("mlpp_gov", "alerts", "integrity", "releases"):
        for path in sorted((ROOT / app).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not STAYS_FRENCH.search(name):
                unmarked[name] = list(said_in_python(ast.parse(path.read_text(encoding="utf-8"))))

    assert {name: said for name, said in unmarked.items() if said} == {}
