"""Movements of product, and the stock that follows from them."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from mlpp_gov.demo.accounts import DIRECTEUR, GERANT
from mlpp_gov.demo.referentials import CLIENTS
from mlpp_gov.demo.rows import (
    Citerne,
    CoursDeRoute,
    LogAction,
    Owner,
    Partenaire,
    Reception,
    Row,
    Sortie,
    StockAdjustment,
    StockJournalier,
    StockSnapshot,
    demo_id,
)
from mlpp_gov.demo.trucks import Truck
from mlpp_gov.demo.volumes import Measure


@dataclass(frozen=True)
class Entry:
    """A change of one owner's stock in one tank, in litres; a correction when it is no movement."""

    moment: datetime
    ambient: float
    at_15c: float
    is_movement: bool = True


@dataclass
class Ledger:
    """The movements of a scenario, recorded in the order of time for each tank.

    The indexes are those of two meters per tank, one for what comes in and one for what goes out.
    """

    receptions: list[Reception] = field(default_factory=list)
    sorties: list[Sortie] = field(default_factory=list)
    adjustments: list[StockAdjustment] = field(default_factory=list)
    _tanks: dict[uuid.UUID, Citerne] = field(default_factory=dict)
    _meters: dict[tuple[str, uuid.UUID], float] = field(default_factory=lambda: defaultdict(float))

    def receive(
        self,
        cdr: CoursDeRoute,
        tank: Citerne,
        measure: Measure,
        moment: datetime,
        *,
        partenaire: Partenaire | None = None,
        statut: Literal["validee", "rejetee"] = "validee",
        note: str | None = None,
    ) -> Reception:
        """Record what a truck delivered; for the partner when there is one, else for Monaluxe."""
        before, after = self._meter("in", tank, measure, counts=statut == "validee")
        reception = Reception(
            id=demo_id("receptions", cdr.id),
            cours_de_route_id=cdr.id,
            citerne_id=tank.id,
            produit_id=tank.produit_id,
            partenaire_id=partenaire.id if partenaire else None,
            index_avant=before,
            index_apres=after,
            volume_ambiant=measure.ambient,
            volume_observe=measure.ambient,
            volume_15c=measure.at_15c,
            volume_corrige_15c=measure.at_15c,
            temperature_ambiante_c=measure.temperature,
            densite_a_15=measure.observed_density,
            proprietaire_type="PARTENAIRE" if partenaire else "MONALUXE",
            statut=statut,
            date_reception=moment.date(),
            created_by=GERANT.supabase_user_id,
            validated_by=DIRECTEUR.supabase_user_id if statut == "validee" else None,
            created_at=moment,
            note=note,
        )
        self.receptions.append(reception)
        return reception

    def deliver(
        self,
        tank: Citerne,
        measure: Measure,
        moment: datetime,
        vehicle: Truck,
        *,
        partenaire: Partenaire | None = None,
        statut: Literal["brouillon", "validee"] = "validee",
    ) -> Sortie:
        """Record what left a tank: a partner takes its own product, Monaluxe serves clients."""
        before, after = self._meter("out", tank, measure, counts=statut == "validee")
        sortie = Sortie(
            id=demo_id("sorties_produit", tank.nom, len(self.sorties)),
            citerne_id=tank.id,
            produit_id=tank.produit_id,
            client_id=None if partenaire else CLIENTS[len(self.sorties) % len(CLIENTS)].id,
            partenaire_id=partenaire.id if partenaire else None,
            index_avant=before,
            index_apres=after,
            volume_ambiant=measure.ambient,
            volume_corrige_15c=measure.at_15c,
            temperature_ambiante_c=measure.temperature,
            densite_a_15=measure.observed_density,
            proprietaire_type="PARTENAIRE" if partenaire else "MONALUXE",
            statut=statut,
            date_sortie=moment,
            chauffeur_nom=vehicle.chauffeur,
            plaque_camion=vehicle.plaque,
            transporteur=vehicle.transporteur,
            created_by=GERANT.supabase_user_id,
            validated_by=DIRECTEUR.supabase_user_id if statut == "validee" else None,
            created_at=moment,
        )
        self.sorties.append(sortie)
        return sortie

    def adjust(
        self, movement: Reception | Sortie, litres: float, reason: str, moment: datetime
    ) -> None:
        """Correct a movement by `litres` ambient, and at 15 °C in the movement's own ratio."""
        tank = self._tanks[movement.citerne_id]
        self.adjustments.append(
            StockAdjustment(
                id=demo_id("stocks_adjustments", tank.nom, len(self.adjustments)),
                mouvement_type="RECEPTION" if isinstance(movement, Reception) else "SORTIE",
                mouvement_id=movement.id,
                delta_ambiant=litres,
                delta_15c=round(litres * movement.volume_corrige_15c / movement.volume_ambiant, 1),
                reason=reason,
                created_by=DIRECTEUR.supabase_user_id,
                created_at=moment,
                depot_id=tank.depot_id,
                citerne_id=tank.id,
                produit_id=tank.produit_id,
                proprietaire_type=movement.proprietaire_type,
            )
        )

    def rows(self) -> Iterator[Row]:
        """Every row of the ledger: movements, adjustments, the stock they make, the audit log.

        Raises ValueError when validated movements would draw more from a tank than it holds.
        """
        yield from self.receptions
        yield from self.sorties
        yield from self.adjustments
        yield from self._stock()
        yield from self._log()

    def _meter(
        self, direction: str, tank: Citerne, measure: Measure, *, counts: bool
    ) -> tuple[float, float]:
        """Index before and after; a movement that is not validated does not turn the meter."""
        self._tanks[tank.id] = tank
        before = self._meters[direction, tank.id]
        if counts:
            self._meters[direction, tank.id] += measure.ambient
        return before, before + measure.ambient

    def stock_at(self, tank: Citerne, moment: datetime) -> tuple[float, float]:
        """Litres in a tank by the books at that moment, ambient and at 15 °C, owners together."""
        entries = [
            entry
            for (tank_id, _), account in self._accounts().items()
            if tank_id == tank.id
            for entry in account
            if entry.moment <= moment
        ]
        return sum(entry.ambient for entry in entries), sum(entry.at_15c for entry in entries)

    def _validated(self) -> Iterator[Reception | Sortie]:
        movements: list[Reception | Sortie] = [*self.receptions, *self.sorties]
        return (movement for movement in movements if movement.statut == "validee")

    def _accounts(self) -> dict[tuple[uuid.UUID, Owner], list[Entry]]:
        """What changed the stock of each owner in each tank, in the order of time."""
        accounts = defaultdict(list)
        for row in self._validated():
            sign = 1 if isinstance(row, Reception) else -1
            accounts[row.citerne_id, row.proprietaire_type].append(
                Entry(row.created_at, sign * row.volume_ambiant, sign * row.volume_corrige_15c)
            )
        for correction in self.adjustments:
            accounts[correction.citerne_id, correction.proprietaire_type].append(
                Entry(
                    correction.created_at,
                    correction.delta_ambiant,
                    correction.delta_15c,
                    is_movement=False,
                )
            )
        return {
            key: sorted(entries, key=lambda entry: entry.moment)
            for key, entries in accounts.items()
        }

    def _stock(self) -> Iterator[Row]:
        for (tank_id, owner), entries in self._accounts().items():
            yield from self._account(self._tanks[tank_id], owner, entries)

    def _account(self, tank: Citerne, owner: Owner, entries: list[Entry]) -> Iterator[Row]:
        """The daily stocks of one owner in one tank, corrected, and the uncorrected snapshot."""
        base = base_15c = delta = delta_15c = 0.0
        last_movement_at = None
        days: dict[date, StockJournalier] = {}
        for entry in entries:
            if entry.is_movement:
                base = round(base + entry.ambient, 1)
                base_15c = round(base_15c + entry.at_15c, 1)
                last_movement_at = entry.moment
                if min(base, base_15c) < 0:
                    raise ValueError(f"{tank.nom}, {owner}: overdrawn on {entry.moment:%Y-%m-%d}.")
            else:
                delta, delta_15c = delta + entry.ambient, delta_15c + entry.at_15c
            day = entry.moment.date()
            days[day] = StockJournalier(
                id=demo_id("stocks_journaliers", tank.id, owner, day),
                citerne_id=tank.id,
                produit_id=tank.produit_id,
                date_jour=day,
                proprietaire_type=owner,
                stock_ambiant=max(round(base + delta, 1), 0),
                stock_15c=max(round(base_15c + delta_15c, 1), 0),
                depot_id=tank.depot_id,
                source="SYSTEM",
                created_at=entry.moment,
                updated_at=entry.moment,
            )
        yield from days.values()
        if last_movement_at:
            yield StockSnapshot(
                citerne_id=tank.id,
                produit_id=tank.produit_id,
                proprietaire_type=owner,
                depot_id=tank.depot_id,
                stock_ambiant=base,
                stock_15c=base_15c,
                last_movement_at=last_movement_at,
                updated_at=last_movement_at,
            )

    def _log(self) -> Iterator[Row]:
        for row in self._validated():
            kind = "reception" if isinstance(row, Reception) else "sortie"
            yield LogAction(
                id=demo_id("log_actions", row.id),
                user_id=DIRECTEUR.supabase_user_id,
                action=f"{kind.upper()}_VALIDEE",
                module=f"{kind}s",
                niveau="INFO",
                details={
                    "volume_ambiant": row.volume_ambiant,
                    "citerne_id": str(row.citerne_id),
                },
                cible_id=row.id,
                created_at=row.created_at,
            )
