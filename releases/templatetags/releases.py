"""How evidence reads, and what runs where, for any page."""

import re

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

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
