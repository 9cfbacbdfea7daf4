"""What the cockpit would remember of the last 90 days: alerts now resolved, and some still active.

Every one follows from the demonstration's own movements; those resolved have lost their cause.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any, Literal

from mlpp_gov.demo.accounts import ADMIN, DIRECTEUR
from mlpp_gov.demo.ledger import Ledger
from mlpp_gov.demo.rows import Alert, Citerne, CoursDeRoute, Reception, Sortie, demo_id

STALE_AFTER = timedelta(days=2)
# How long trucks waited for their reception (0: not at all), and people took to acknowledge.
WAITING_DAYS = (1.2, 0.6, 2.5, 0, 1.8, 3.1, 0.9)
REACTION_HOURS = (1.5, 7, 0.7, 22, 3, 30)
RESOLVERS = (None, DIRECTEUR.supabase_user_id, None, ADMIN.supabase_user_id, None)


def next_evaluation(moment: datetime) -> datetime:
    """When the next evaluation sees it: every five minutes."""
    seen = moment + timedelta(minutes=5)
    return seen.replace(minute=seen.minute - seen.minute % 5, second=0, microsecond=0)


def litres(value: float) -> str:
    """A volume as the checks write it, with no-break spaces."""
    return f"{value:,.0f} L".replace(",", "\N{NO-BREAK SPACE}").replace(" ", "\N{NO-BREAK SPACE}")


def jour(value: date) -> str:
    return f"{value:%d/%m/%Y}"


@dataclass
class AlertHistory:
    """Makes the alerts of a ledger; `depots` gives the depots' names."""

    ledger: Ledger
    depots: Mapping[uuid.UUID, str]
    _waiting: Iterator[float] = field(default_factory=lambda: cycle(WAITING_DAYS))
    _reactions: Iterator[float] = field(default_factory=lambda: cycle(REACTION_HOURS))
    _resolvers: Iterator[uuid.UUID | None] = field(default_factory=lambda: cycle(RESOLVERS))

    def trucks_received(self, trucks: Iterable[CoursDeRoute]) -> Iterator[Alert]:
        """Trucks that waited too long, until their reception made the alert go away."""
        arrived = {cdr.id: cdr for cdr in trucks if cdr.statut == "DECHARGE"}
        for reception in self.ledger.receptions:
            waited = timedelta(days=next(self._waiting))
            cdr = arrived.get(reception.cours_de_route_id)
            if cdr and waited:
                stale = max(cdr.created_at + STALE_AFTER, reception.created_at - waited)
                yield self._stale(cdr, since=stale, until=reception.created_at)

    def truck_waiting(self, cdr: CoursDeRoute, *, acknowledged: bool) -> Alert:
        """A truck still waiting."""
        return self._stale(cdr, since=cdr.created_at + STALE_AFTER, acknowledged=acknowledged)

    def negative(self, tank: Citerne, *, since: datetime, until: datetime) -> Alert:
        """A tank whose stock was negative between two corrections."""
        ambient, at_15c = self.ledger.stock_at(tank, since)
        return self._alert(
            "STOCK_NEGATIF",
            "CRITICAL",
            "CITERNE_STOCK",
            tank.id,
            f"{tank.nom} · {self._depot(tank.depot_id)} : stock négatif, {litres(ambient)} ambiant"
            f" et {litres(at_15c)} à 15 °C (MONALUXE)",
            {
                "depot_id": str(tank.depot_id),
                "citerne_id": str(tank.id),
                "produit_id": str(tank.produit_id),
                "proprietaire_type": "MONALUXE",
                "stock_ambiant": round(ambient, 1),
                "stock_15c": round(at_15c, 1),
                "threshold_negative": -0.01,
            },
            since=since,
            until=until,
        )

    def over_capacity(
        self, tank: Citerne, *, since: datetime, until: datetime | None = None
    ) -> Alert:
        """A tank over its capacity, acknowledged, until a delivery made room or still now."""
        ambient, at_15c = self.ledger.stock_at(tank, since)
        useful = tank.capacite_totale - tank.capacite_securite
        return self._alert(
            "STOCK_OVER_CAPACITY",
            "CRITICAL",
            "CITERNE_STOCK",
            tank.id,
            f"{tank.nom} · {self._depot(tank.depot_id)} dépasse sa capacité utile de"
            f" {litres(ambient - useful)} ({litres(ambient)} pour {litres(useful)})",
            {
                "depot_id": str(tank.depot_id),
                "citerne_id": str(tank.id),
                "produit_id": str(tank.produit_id),
                "stock_ambiant": round(ambient, 1),
                "stock_15c": round(at_15c, 1),
                "capacite_totale": tank.capacite_totale,
                "capacite_securite": tank.capacite_securite,
                "capacite_utile": useful,
            },
            since=since,
            until=until,
            acknowledged=True,
        )

    def wrong_reception(self, tank: Citerne, reception: Reception | Sortie) -> Alert:
        """A reception whose volume at 15 °C can't be: immutable, so its alert is still open."""
        ambient, at_15c = reception.volume_ambiant, reception.volume_corrige_15c
        percent = round(abs(at_15c - ambient) / ambient * 100, 3)
        return self._alert(
            "RECEPTION_ECART_15C",
            "WARN",
            "RECEPTION",
            reception.id,
            f"Réception du {jour(reception.created_at)} dans {tank.nom} ·"
            f" {self._depot(tank.depot_id)} : écart de {percent:.3f} % entre ambiant"
            f" ({litres(ambient)}) et 15 °C ({litres(at_15c)})".replace(".", ","),
            {
                "reception_id": str(reception.id),
                "citerne_id": str(tank.id),
                "depot_id": str(tank.depot_id),
                "volume_ambiant": ambient,
                "v15c_used": at_15c,
                "ecart_percent": percent,
            },
            since=reception.created_at,
        )

    def _stale(
        self,
        cdr: CoursDeRoute,
        *,
        since: datetime,
        until: datetime | None = None,
        acknowledged: bool = True,
    ) -> Alert:
        return self._alert(
            "CDR_ARRIVE_STALE",
            "WARN",
            "CDR",
            cdr.id,
            f"Camion {cdr.plaque_camion} : arrivé sans réception validée, cours de route créé le"
            f" {jour(cdr.created_at)} (destination {self._depot(cdr.depot_destination_id)})",
            {
                "cours_de_route_id": str(cdr.id),
                "plaque_camion": cdr.plaque_camion,
                "created_at": cdr.created_at.isoformat(),
            },
            since=since,
            until=until,
            acknowledged=acknowledged,
        )

    def _depot(self, depot_id: uuid.UUID | None) -> str:
        return self.depots[depot_id] if depot_id else "sans dépôt"

    def _alert(
        self,
        check_code: str,
        severity: Literal["CRITICAL", "WARN"],
        entity_type: str,
        entity_id: uuid.UUID,
        message: str,
        payload: dict[str, Any],
        *,
        since: datetime,
        until: datetime | None = None,
        acknowledged: bool = False,
    ) -> Alert:
        """An alert whose cause lasted from `since` to `until`, or lasts still.

        Whoever would have acknowledged it after its end came too late and did not.
        """
        first_detected_at = next_evaluation(since)
        acknowledged_at = None
        if acknowledged:
            acknowledged_at = first_detected_at + timedelta(hours=next(self._reactions))
            if until and acknowledged_at >= until:
                acknowledged_at = None
        resolved_by = resolved_at = None
        if until:
            # A person is quicker than the next evaluation, or leaves it to that.
            resolved_by = next(self._resolvers)
            resolved_at = until + timedelta(minutes=3) if resolved_by else next_evaluation(until)
        last_seen_at = until or acknowledged_at or first_detected_at
        return Alert(
            id=demo_id("system_alerts", check_code, entity_id),
            check_code=check_code,
            severity=severity,
            entity_type=entity_type,
            entity_id=entity_id,
            message=message,
            payload={**payload, "occurred_at": since.isoformat()},
            status="RESOLVED" if until else "ACK" if acknowledged_at else "OPEN",
            first_detected_at=first_detected_at,
            last_detected_at=last_seen_at,
            acknowledged_by=DIRECTEUR.supabase_user_id if acknowledged_at else None,
            acknowledged_at=acknowledged_at,
            resolved_by=resolved_by,
            resolved_at=resolved_at,
            created_at=first_detected_at,
            updated_at=resolved_at or last_seen_at,
        )
