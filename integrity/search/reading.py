"""What a few typed letters stand for: tanks, trucks, movements, checks, alerts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alerts.listing import read_listing
from alerts.models import Alert, mentions
from integrity.checks.catalogue import catalogue
from integrity.checks.other_sources import OTHER_SOURCES
from integrity.entities import with_entity_names
from integrity.queries import fetch

SHOWN = 20  # of each group
LOOKED_AT = 1_000  # journeys, and sorties, the last ones: a part of a plate can be in all of them
NOT_SAID = re.compile(r"[\s-]+")  # what people leave out of a plate, or put in

GROUPS = (
    ("tank", gettext_noop("Citernes")),
    ("truck", gettext_noop("Camions")),
    ("reception", gettext_noop("Réceptions")),
    ("sortie", gettext_noop("Sorties")),
)


@dataclass(frozen=True)
class Thing:
    """A tank, a truck, a movement or a check; `url` is empty when no alert was ever about it."""

    name: str
    url: str
    state: str = ""
    alerts: int | None = None
    active: int = 0


@dataclass(frozen=True)
class Group:
    """The first things of one kind, those with the most open alerts before the others; `is_cut` when
    there may be more than the total."""

    title: str
    total: int
    things: Sequence[Thing]
    is_cut: bool = False


@dataclass(frozen=True)
class FoundAlerts:
    """The first alerts, those to handle before those that are over; `url` lists them all."""

    total: int
    alerts: Sequence[Alert]
    url: str


def as_uuid(text: str) -> UUID | None:
    """The UUID that a text is, however it is written."""
    try:
        return UUID(text)
    except ValueError:
        return None


def find_things(text: str) -> list[Group]:
    """Tanks and trucks whose name has the text, or what has that UUID; one query, in db_identity()."""
    squeezed = NOT_SAID.sub("", text).upper()
    rows = fetch("search", text=squeezed or None, id=as_uuid(text), most=SHOWN, bound=LOOKED_AT)
    groups = []
    for kind, title in GROUPS:
        found = [row for row in rows if row["kind"] == kind]
        if found:
            things = [_thing(row, text) for row in found]
            groups.append(Group(_(title), found[0]["total"], things, is_cut=found[0]["cut"]))
    return groups


def _thing(row: dict[str, Any], text: str) -> Thing:
    by_name = row["kind"] == "truck" and as_uuid(text) is None  # one truck, many journeys
    asked = row["name"] if by_name else row["id"]
    return Thing(
        name=row["name"],
        url=_list_url(asked) if row["alerts"] else "",
        state=row["state"] or "",
        alerts=row["alerts"],
        active=row["active"],
    )


def find_checks(text: str) -> list[Group]:
    """Checks whose code or label has the text, letter case apart."""
    found = list(_checks(text.casefold()))
    return [Group(_("Contrôles"), len(found), found[:SHOWN])] if found else []


def _checks(text: str) -> Iterator[Thing]:
    for check in catalogue().values():
        if text in check.code.casefold() or text in check.label.casefold():
            yield Thing(
                f"{check.label} · {check.code}", reverse("integrity:check", args=[check.code])
            )
    for other in OTHER_SOURCES.values():
        if text in other.code.casefold() or text in other.label.casefold():
            yield Thing(f"{other.label} · {other.code}", _list_url(other.code))


def find_alerts(text: str) -> FoundAlerts:
    """Alerts that the list's own search finds in every state; two queries, in db_identity()."""
    text = str(as_uuid(text) or text)
    listing = read_listing(mentions(text), page=1, size=SHOWN, open_first=True, is_costly=True)
    alerts = listing.in_order(with_entity_names(listing.alerts()).defer("payload"))
    return FoundAlerts(listing.counters["total"], alerts, _list_url(text))


def _list_url(text: object) -> str:
    return f"{reverse('integrity:list')}?{urlencode({'q': text, 'status': 'all'})}"
