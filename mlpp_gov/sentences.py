"""What PostgreSQL says in French, in the reader's language.

It composes its sentences, and some are stored: they are found again in the catalogue of translations, where
`make messages` puts them with their holes (mlpp_gov/sql_sentences.py says what counts as a sentence).
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext, trans_real

CONTEXT = "sql"  # of PostgreSQL's sentences in the catalogue
DEEPEST = 4  # a sentence, a list in it, one of the list, a word of that
FEW = 3  # letters of « sur »
HOLES = re.compile(r"((?:%(?:\d+\$)?[sIL])+)")
HOLE = re.compile(r"%(?:(?P<number>\d+)\$)?[sIL]|%%")
LISTED = re.compile("(?<=.)[ \u00a0]; (?=.)")
QUOTED = re.compile("«\u00a0([^«»]*)\u00a0»")
ALL_QUOTED = re.compile("«[^«»]*»(?:, «[^«»]*»)*")


def pgettext_noop(context: str, sentence: str) -> str:
    """Mark, with CONTEXT, a sentence of Python's that is stored, and shown by spoken()."""
    return sentence


def spoken(text: str) -> str:
    """Say in the reader's language a sentence that PostgreSQL composed, or that the code kept in French.

    It stays as it is when nobody knows it.
    """
    language = get_language() or "fr"
    if not text or language.startswith("fr"):
        return text
    return _known(language, str(text), 0) or gettext(str(text))


@dataclass(frozen=True)
class Template:
    """A sentence with holes; without, one constant."""

    constants: tuple[str, ...]
    runs: tuple[int, ...]  # how many holes stand side by side between two constants
    translation: str

    @classmethod
    def of(cls, french: str, translation: str) -> "Template":
        pieces = HOLES.split(french)
        if len(pieces) == 1:
            return cls((french,), (), translation.replace("%", "%%"))
        return cls(
            tuple(constant.replace("%%", "%") for constant in pieces[::2]),
            tuple(len(HOLE.findall(run)) for run in pieces[1::2]),
            translation,
        )

    @property
    def letters(self) -> int:
        """How many there are in the constants."""
        return sum(letter.isalpha() for constant in self.constants for letter in constant)

    def fillings(self, text: str) -> list[str] | None:
        """What fills the holes in that text, or None when it is another sentence; in one pass over the text.

        Of holes side by side, the first takes it all.
        """
        first, last = self.constants[0], self.constants[-1]
        if not self.runs:
            return [] if text == first else None
        at, end = len(first), len(text) - len(last)
        if at > end or not (text.startswith(first) and text.endswith(last)):
            return None
        found = []
        for constant, run in zip((*self.constants[1:-1], None), self.runs, strict=True):
            until = end if constant is None else text.find(constant, at, end)
            if until < 0:
                return None
            found += [text[at:until], *[""] * (run - 1)]
            at = until + len(constant or "")
        return found

    def filled(self, fillings: list[str]) -> str:
        waiting = iter(fillings)

        def filling(hole: re.Match[str]) -> str:
            if hole[0] == "%%":
                return "%"
            return fillings[int(hole["number"]) - 1] if hole["number"] else next(waiting, "")

        return HOLE.sub(filling, self.translation)


@dataclass(frozen=True)
class Catalogue:
    whole: dict[str, str]
    templates: list[tuple[str, Template]]  # by its longest constant, the most telling first
    endings: list[Template]  # « , camion %s »: what goes on, or nothing


@cache
def catalogue(language: str) -> Catalogue:
    """PostgreSQL's sentences in that language."""
    context = f"{CONTEXT}\x04"
    messages = trans_real.translation(language)._catalog  # type: ignore[attr-defined]  # as JavaScriptCatalog
    whole = {
        msgid.removeprefix(context): translation
        for msgid, translation in messages.items()
        if isinstance(msgid, str) and msgid.startswith(context)
    }
    templates = [Template.of(french, translation) for french, translation in whole.items()]
    templates.sort(key=lambda template: template.letters, reverse=True)
    return Catalogue(
        whole,
        [(max(template.constants, key=len), template) for template in templates if template.runs],
        [template for template in templates if template.constants[0][:1] in {" ", ","}],
    )


@lru_cache(maxsize=512)
def _known(language: str, text: str, depth: int) -> str | None:
    sentences = catalogue(language)
    if text in sentences.whole:
        return sentences.whole[text]
    if depth == DEEPEST:
        return None

    def known(part: str) -> str | None:
        return _known(language, part, depth + 1)

    def said(part: str) -> str:
        return known(part) or part

    listed = LISTED.split(text)
    if len(listed) > 1 and all(map(known, listed)):
        return "; ".join(map(said, listed))

    def is_told_by(template: Template, fillings: list[str]) -> bool:
        """Whether it is more than a likeness: « : », « du » and « sur » are in everybody's texts."""
        if template.letters == 0:
            return any(map(known, fillings))
        if template.letters > FEW:
            return True
        stranger = "[^\\W\\d_]" if depth else " "
        return all(known(filling) or not re.search(stranger, filling) for filling in fillings)

    for longest, template in sentences.templates:
        fillings = template.fillings(text) if longest in text else None
        if fillings is not None and is_told_by(template, fillings):
            return template.filled(list(map(said, fillings)))
    for ending in sentences.endings:
        at = text.rfind(ending.constants[0])
        if at > 0 and (fillings := ending.fillings(text[at:])) is not None:
            return said(text[:at]) + ending.filled(list(map(said, fillings)))
    if ALL_QUOTED.fullmatch(text):
        return QUOTED.sub(lambda quoted: f"“{said(quoted[1])}”", text)
    return None
