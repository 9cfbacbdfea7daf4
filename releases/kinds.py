"""Values as they come in JSON, or as words of a command line: each kind says how it reads both.

A reader raises ValueError whose text, in French, says what is expected.
"""

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

# What PostgreSQL can hold, Python can read back, and a calendar of releases has.
YEARS = range(2000, 2200)
HIGHEST_FIGURE = 10_000


@dataclass(frozen=True)
class Kind:
    """`read` takes a JSON value, `parse` a word; `option` is how argparse is told of it."""

    read: Callable[[Any], Any]
    parse: Callable[[str], Any]
    option: Mapping[str, Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("un texte est attendu")
    if "\0" in value:
        raise ValueError("contient un caractère interdit (NUL)")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("n’est pas un texte Unicode valide") from None
    return value


def choice(*values: str) -> Kind:
    """One of those texts."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(f"une de ces valeurs est attendue : {', '.join(values)}")
        return value

    return Kind(read, read, {"metavar": "|".join(values)})


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true ou false est attendu")
    return value


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError(
            "une heure ISO 8601 avec son fuseau est attendue, par exemple 2026-01-23T13:42:00Z"
        )
    return moment


def _day(value: Any) -> date:
    text = _text(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != len("2026-01-23") or day.year not in YEARS:
        raise ValueError("une date est attendue, par exemple 2026-01-23")
    return day


def _figure(value: Any) -> Decimal:
    """A number, to the thousandth."""
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= HIGHEST_FIGURE:
        raise ValueError(f"un nombre de 0 à {HIGHEST_FIGURE} est attendu")
    return round(Decimal(value), 3)


def _parse_figure(word: str) -> Decimal:
    try:
        return _figure(Decimal(word))
    except InvalidOperation:
        return _figure(None)


def _identifier(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise ValueError("un numéro est attendu")
    return value


def _parse_identifier(word: str) -> int:
    return _identifier(int(word) if re.fullmatch("[0-9]{1,18}", word) else None)


def _fingerprints(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise ValueError('un objet est attendu : {"staging": "…", "production": "…"}')
    return {_text(environment): _text(found) for environment, found in value.items()}


def _parse_fingerprints(word: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in word.split(",")]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError("la forme est staging=EMPREINTE,production=EMPREINTE")
    return {environment: found for environment, _, found in pairs}


TEXT = Kind(_text, _text, {"metavar": "TEXTE"})
FLAG = Kind(_flag, str, {"action": argparse.BooleanOptionalAction})
MOMENT = Kind(_moment, _moment, {"metavar": "HEURE"})
DAY = Kind(_day, _day, {"metavar": "DATE"})
FIGURE = Kind(_figure, _parse_figure, {"metavar": "NOMBRE"})
IDENTIFIER = Kind(_identifier, _parse_identifier, {"metavar": "NUMÉRO"})
FINGERPRINTS = Kind(
    _fingerprints, _parse_fingerprints, {"metavar": "staging=EMPREINTE,production=EMPREINTE"}
)
ENVIRONMENT = choice("staging", "production")
