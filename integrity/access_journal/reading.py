"""The access journal as a person reads it. What reads is to be called inside db_identity()."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integrity.access_journal.chart import AccessChart, Bucket
from integrity.access_journal.forms import JournalFilters
from integrity.queries import fetch
from mlpp_gov.access.events import Event
from mlpp_gov.models import User
from mlpp_gov.roles import Role, SpokenRefusal

TOP = 10
HOURLY_UP_TO = 7  # days; beyond, a bar is a day
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
SHOWN_OF_A_HASH = 10
NOT_ADMITTED = gettext_noop(
    "La base refuse de vous montrer le journal des accès : votre profil ML_PP n’est ni administrateur, "
    "ni directeur."
)

Row = dict[str, Any]
Names = dict[int, str]


@dataclass(frozen=True)
class Totals:
    """`lines` of the journal, which count `events`, of which `refusals` (401 and 403)."""

    lines: int
    events: int
    refusals: int


@dataclass(frozen=True)
class Summary:
    """What the filters keep, counted; `rows` by kind: all, bucket, address, account."""

    rows: dict[str, list[Row]]
    step: timedelta

    @property
    def totals(self) -> Totals:
        (row,) = self.rows["all"]
        return Totals(row["lines"], row["events"], row["refusals"])

    def chart(self, spikes: Sequence[Row]) -> AccessChart:
        buckets = [
            Bucket(row["at"], row["refusals"], row["events"] - row["refusals"])
            for row in self.rows["bucket"]
        ]
        return AccessChart(buckets, self.step, [spike["started_at"] for spike in spikes])


def read_summary(filters: JournalFilters, parameters: dict[str, Any]) -> Summary:
    """One query. Raises SpokenRefusal when the person's profile may not read the journal."""
    step = HOUR if len(filters.span.days) <= HOURLY_UP_TO else DAY
    rows: dict[str, list[Row]] = {"all": [], "bucket": [], "address": [], "account": []}
    for row in fetch("access_summary", **parameters, step=step, most=TOP):
        rows[row["kind"]].append(row)
    if not rows["all"][0]["admitted"]:
        raise SpokenRefusal(_(NOT_ADMITTED))
    return Summary(rows, step)


def read_recent_refusals() -> Row | None:
    """`refusals` of the last 24 hours, for the cockpit; None when they can't be read."""
    try:
        with transaction.atomic():
            (row,) = fetch("access_recent")
    except DatabaseError:
        return None
    return row if row.pop("admitted") else None


def names_of(rows: Iterable[Row]) -> Names:
    """Names of the accounts, at most one query, of the application's own."""
    ids = {row["user_id"] for row in rows if row["user_id"] is not None}
    return {person.pk: person.username for person in User.objects.filter(pk__in=ids)} if ids else {}


@dataclass(frozen=True)
class Line:
    """A row of gouvernance.access_events in words; `url` gives the same filters, one of them changed."""

    values: Row
    names: Names
    filters: JournalFilters

    @property
    def label(self) -> str:
        event = Event.of(self.values["event"], self.values["reason"])
        return str(event.label) if event else self.code

    @property
    def code(self) -> str:
        reason = self.values["reason"]
        return f"{self.values['event']}:{reason}" if reason else self.values["event"]

    @property
    def account(self) -> str:
        return account_text(self.values, self.names)

    @property
    def account_url(self) -> str:
        name = self.names.get(self.values["user_id"])
        return self.filters.url(account=name) if name else ""

    @property
    def role(self) -> str:
        role: str = self.values["role"]
        return str(Role(role).label) if role in Role else role

    @property
    def address_url(self) -> str:
        return self.filters.url(address=self.values["address"]) if self.values["address"] else ""

    @property
    def route_url(self) -> str:
        return self.filters.url(route=self.values["route"])

    @property
    def session(self) -> str:
        return self.values["session"][:SHOWN_OF_A_HASH]


def account_text(row: Row, names: Names) -> str:
    """Who it was, as far as it is known: a name that was typed is only told apart, never shown."""
    if row["user_id"] is not None:
        return names.get(row["user_id"]) or _("compte n° {id}").format(id=row["user_id"])
    if row["typed_name"]:
        return _("nom essayé {name}").format(name=row["typed_name"][:SHOWN_OF_A_HASH])
    return ""


@dataclass(frozen=True)
class Top:
    """An address, or an account, and what came from it."""

    label: str
    url: str
    events: int
    refusals: int
    last_at: datetime


def tops(summary: Summary, names: Names, filters: JournalFilters) -> dict[str, list[Top]]:
    """`address` and `account`: those with the most refusals first."""

    def top(row: Row) -> Top:
        if row["kind"] == "address":
            label, url = row["address"], filters.url(address=row["address"])
        else:
            label, name = account_text(row, names), names.get(row["user_id"])
            url = filters.url(account=name) if name else ""
        return Top(label, url, row["events"], row["refusals"], row["at"])

    return {kind: [top(row) for row in summary.rows[kind]] for kind in ("address", "account")}
