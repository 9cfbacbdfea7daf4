"""Where a person is in the cockpit, and where they can go from there."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """A part of the cockpit: its first page, and how the routes of all its pages begin."""

    label: str
    url_name: str
    routes: tuple[str, ...]
    permission: str = "can_view_integrity"  # an attribute of the person


ENTRIES = (
    Entry(gettext_noop("Cockpit"), "cockpit:cockpit", ("governance/",)),
    Entry(  # to everybody: it is where a person without rights is told so
        gettext_noop("Intégrité"),
        "integrity:list",
        ("governance/integrity/", "governance/alerts/", "governance/search/"),
        permission="is_authenticated",
    ),
    Entry(gettext_noop("Contrôles"), "integrity:checks", ("governance/integrity/checks/",)),
    Entry(gettext_noop("Notifications"), "notifications:overview", ("governance/notifications/",)),
    Entry(
        gettext_noop("Releases"),
        "releases:overview",
        (
            "governance/releases/",
            "governance/deployments/",
            "governance/operations/",
            "governance/phase2/",
        ),
    ),
    Entry(
        gettext_noop("Accès"),
        "access:journal",
        ("governance/journal/",),
        permission="can_view_access_journal",
    ),
    Entry(gettext_noop("Administration"), "admin:index", (), permission="is_staff"),
)


def part_of(route: str) -> Entry | None:
    """The part of the cockpit that a route belongs to: the one that says most of its beginning."""
    beginnings = [
        (len(beginning), entry)
        for entry in ENTRIES
        for beginning in entry.routes
        if route.startswith(beginning)
    ]
    return max(beginnings, key=lambda found: found[0])[1] if beginnings else None


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation(context: Any) -> dict[str, Any]:
    """The parts that this person may see, the present one marked; asks the database nothing."""
    request: HttpRequest = context["request"]
    user = context["user"]
    match = request.resolver_match
    here = part_of(match.route) if match else None
    return {
        "entries": [
            {
                "label": _(entry.label),
                "url": reverse(entry.url_name),
                "is_here": entry is here,
                "needs_care": entry.url_name == "notifications:overview"
                and context.get("sending_fails")
                and user.can_manage_notifications,
            }
            for entry in ENTRIES
            if getattr(user, entry.permission)
        ],
        "here": _(here.label) if here else "",
        "user": user,
        "request": request,
        "is_account": match is not None and match.url_name == "account",
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def trail(*parts: str) -> list[tuple[str, str]]:
    """Labels and addresses in turn, from the farthest parent, for components/breadcrumbs.html."""
    return list(zip(parts[::2], parts[1::2], strict=True))
