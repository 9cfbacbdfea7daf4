"""The facts behind an alert: its tank, truck, reception or sortie, as the signed-in person may read them."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from alerts.models import Alert
from integrity.queries import fetch_together

logger = logging.getLogger(__name__)

AROUND = timedelta(days=7)  # before and after the moment of the alert
MOVEMENTS_SHOWN = 200
MOVEMENTS_EXPORTED = 10_000
BALANCE_TOLERANCE = Decimal(1)  # litre: what float8 columns lose over years of sums

KINDS = {  # of movements
    "RECEPTION": gettext_lazy("Réception"),
    "SORTIE": gettext_lazy("Sortie"),
    "RECEPTION_ADJUSTED": gettext_lazy("Ajustement de réception"),
    "SORTIE_ADJUSTED": gettext_lazy("Ajustement de sortie"),
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What an alert is about, as far as its entity and its payload name it."""

    tank: UUID | None
    truck: UUID | None
    reception: UUID | None
    sortie: UUID | None
    plate: str
    moment: datetime

    @classmethod
    def of(cls, alert: Alert) -> "Subject":
        """Never raises: what is not an identifier or a moment in the payload counts as absent."""
        payload = alert.payload if isinstance(alert.payload, dict) else {}

        def named(entity_type: str, key: str) -> UUID | None:
            if alert.entity_type == entity_type:
                return alert.entity_id
            return _uuid(payload.get(key))

        plate = payload.get("plaque_camion")
        return cls(
            tank=named("CITERNE_STOCK", "citerne_id"),
            truck=named("CDR", "cours_de_route_id"),
            reception=named("RECEPTION", "reception_id"),
            sortie=named("SORTIE", "sortie_id"),
            plate=plate if isinstance(plate, str) else "",
            moment=_moment(payload.get("occurred_at")) or alert.first_detected_at,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look up."""
        return not (self.tank or self.truck or self.reception or self.sortie)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """A moment that leaves room for a period around it; without a zone it is local."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        if moment and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        if moment:
            Period.around(moment)
    except (ValueError, OverflowError):
        return None
    return moment


@dataclass(frozen=True)
class Period:
    """Whole local days; `until` is excluded."""

    since: datetime
    until: datetime

    @classmethod
    def around(cls, moment: datetime) -> "Period":
        """Raises OverflowError at the ends of the calendar."""
        day = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(day - AROUND, day + AROUND + timedelta(days=1))

    @property
    def first_day(self) -> date:
        return timezone.localtime(self.since).date()

    @property
    def last_day(self) -> date:
        return timezone.localtime(self.until).date() - timedelta(days=1)


@dataclass(frozen=True)
class Movements:
    """Movements of a tank in a period, the latest typed first; `rows` is None when unreadable."""

    period: Period
    rows: list[Row] | None
    stock: Decimal | None  # litres in the tank now, all owners; None when unknown

    @property
    def total(self) -> int:
        return self.rows[0]["total"] if self.rows else 0

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows or ())

    @property
    def books(self) -> Decimal | None:
        """Where the readable movements, added up since the first, end today; litres."""
        return self.rows[0]["books"] if self.rows else None

    @property
    def has_balance(self) -> bool:
        """Whether the movements explain the stock: otherwise a running balance would be a guess."""
        if self.books is None or self.stock is None:
            return False
        return abs(self.books - self.stock) <= BALANCE_TOLERANCE


@dataclass(frozen=True)
class Tank:
    """`card` and `stock` are None when they are gone or not readable."""

    id: UUID
    card: Row | None
    stock: list[Row] | None
    movements: Movements

    def total(self, column: str) -> Decimal | None:
        return total_of(self.stock, column)


def total_of(stock: list[Row] | None, column: str) -> Decimal | None:
    """Litres of all owners together; unknown as soon as one is."""
    values = [row[column] for row in stock or ()]
    return sum(values, Decimal(0)) if values and None not in values else None


@dataclass(frozen=True)
class Evidence:
    """Each part is None when it is gone or not readable; `subject` says which parts there should be."""

    subject: Subject
    reception: Row | None = None
    sortie: Row | None = None
    adjustments: list[Row] | None = None
    truck: Row | None = None
    tank: Tank | None = None

    @property
    def people(self) -> set[UUID]:
        """Who typed, validated or corrected the movement."""
        rows = (self.reception or {}, self.sortie or {}, *(self.adjustments or ()))
        people = {row.get(column) for row in rows for column in ("created_by", "validated_by")}
        return {person for person in people if person}


def gather(alert: Alert, *, limit: int = MOVEMENTS_SHOWN) -> Evidence:
    """Everything readable behind an alert; call it inside db_identity(), whose person's rights decide.

    `limit` is the number of movements read at most.
    """
    subject = Subject.of(alert)
    reception = _one("reception", subject.reception)
    sortie = _one("sortie", subject.sortie)
    if movement := reception or sortie:
        subject = replace(
            subject,
            tank=movement["citerne_id"] or subject.tank,
            truck=movement.get("cours_de_route_id") or subject.truck,
        )
    rest: dict[str, Row] = {}
    if movement:
        kind = "RECEPTION" if reception else "SORTIE"
        rest["adjustments"] = {
            "id": subject.reception if reception else subject.sortie,
            "kind": kind,
        }
    if subject.truck:
        rest["truck"] = {"id": subject.truck}
    if subject.tank:
        rest |= _of_tank(subject.tank, Period.around(subject.moment), limit)
    read = _read(rest)
    return Evidence(
        subject=subject,
        reception=reception,
        sortie=sortie,
        adjustments=read.get("adjustments"),
        truck=_first(read.get("truck")),
        tank=_tank(subject.tank, subject.moment, read) if subject.tank else None,
    )


def _of_tank(tank: UUID, period: Period, limit: int) -> dict[str, Row]:
    """What to read of a tank, and the parameters of each."""
    around = {
        "since": period.since,
        "until": period.until,
        "first_day": period.first_day,
        "last_day": period.last_day,
        "zone": timezone.get_current_timezone_name(),
    }
    return {
        "stock": {"id": tank},
        "movements": {"id": tank, "limit": limit, **around},
        "tank": {"id": tank},
    }


def _tank(tank: UUID, moment: datetime, read: dict[str, list[Row] | None]) -> Tank:
    rows, stock = read["movements"], read["stock"]
    if rows:
        rows = [{**row, "kind": str(KINDS[row["kind"]])} for row in rows]
    movements = Movements(Period.around(moment), rows, total_of(stock, "stock_ambiant"))
    return Tank(tank, _first(read["tank"]), stock, movements)


def _one(name: str, identifier: UUID | None) -> Row | None:
    return _first(_read({name: {"id": identifier}})[name]) if identifier else None


def _first(rows: list[Row] | None) -> Row | None:
    return rows[0] if rows else None


def _read(wanted: dict[str, Row]) -> dict[str, list[Row] | None]:
    """Rows of each sql/queries/evidence_<name>.sql; None where PostgreSQL refuses the person, or can't read.

    One journey for all; each alone once that fails, so that one refusal hides no more than what it is of.
    """
    if not wanted:
        return {}
    asked = ((f"evidence_{name}", parameters) for name, parameters in wanted.items())
    try:
        with transaction.atomic():
            found = fetch_together(*asked)
    except DatabaseError:
        if len(wanted) > 1:
            return {name: _read({name: values})[name] for name, values in wanted.items()}
        logger.exception("evidence unreadable: %s", *wanted)
        return dict.fromkeys(wanted)
    return dict(zip(wanted, found, strict=True))
