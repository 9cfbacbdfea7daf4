"""Telling French from English."""

import re

FRENCH = re.compile(
    r"[àâçéèêëîïôùûœ«]"
    r"|\b(?:le|la|les|des|du|une|sont|pas|avec|sur|dans|aucune?|que|qui|depuis|sans|cette|et|au|aux|vous|votre)\b",
    re.IGNORECASE,
)
# ML_PP's own words, and its roles.
DOMAIN = re.compile(r"\b(?:réceptions?|gérants?|français)\b", re.IGNORECASE)


def is_french(text: str) -> bool:
    """Whether a word or a letter of it is French, and not one of ML_PP's own."""
    return bool(FRENCH.search(DOMAIN.sub("", text)))
