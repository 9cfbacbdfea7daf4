"""How evidence reads, and what runs where, for any page."""

import re
from typing import Any

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from releases.readings import fetch

register = template.Library()

LINK = re.compile(r"https://[^\s<>\"']+[^\s<>\"'.,;:!?)\]»]", re.ASCII)


@register.filter
def evidence(text: str | None) -> SafeString:
    """Text whose https addresses are links; nothing else of it is."""
    parts: list[SafeString] = []
    position = 0
    for link in LINK.finditer(text or ""):
        parts.append(escape(link.string[position : link.start()]))
        parts.append(
            format_html('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>', link.group())
        )
        position = link.end()
    parts.append(escape((text or "")[position:]))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.inclusion_tag("releases/tile.html")
def what_runs() -> dict[str, Any]:
    """What runs in production and in staging, and whether releases are frozen; one query."""
    (found,) = fetch("tile")
    return {
        "environments": [
            ("Production", found["production"], found["production_since"]),
            ("Staging", found["staging"], found["staging_since"]),
        ],
        "frozen_since": found["frozen_since"],
    }
