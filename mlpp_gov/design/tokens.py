"""static/css/tokens.css as data: what the living page shows and what the tests measure."""

import re
from dataclasses import dataclass

from django.conf import settings

TOKENS = settings.BASE_DIR / "static/css/tokens.css"
DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")

# WCAG 2.2, 1.4.3 (text) and 1.4.11 (what shows where a control is).
TEXT, SHAPE = 4.5, 3.0


@dataclass(frozen=True)
class Pair:
    """Two colours that meet: `ink` on `ground`, and the contrast that they owe their reader."""

    ink: str
    ground: str
    least: float = TEXT


PAIRS = (
    *(Pair(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("bg", "surface")),
    *(Pair(ink, "accent-soft") for ink in ("ink", "muted", "accent")),
    Pair("on-accent", "accent"),
    Pair("on-critical", "critical"),
    Pair("critical-ink", "surface"),
    *(Pair("warn", ground) for ground in ("bg", "surface", "warn-soft")),
    Pair("control", "bg", SHAPE),
    Pair("control", "surface", SHAPE),
)


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Values by name, in the light and in the dark."""
    light, _, rest = TOKENS.read_text(encoding="utf-8").partition("@media screen")
    dark, _, _ = rest.partition("@media print")
    found = dict(DECLARATION.findall(light))
    return found, found | dict(DECLARATION.findall(dark))


def contrast(one: str, other: str) -> float:
    """Ratio from 1 to 21 of two colours written #rgb or #rrggbb (WCAG 2.2, « contrast ratio »)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
