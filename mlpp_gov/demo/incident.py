"""Three depots over 90 days, in which every check of contract V1 fires at least once.

KOLWEZI A2 and CITERNE MOBILE are negative (the second has no depot), KASU 1 overflows with two
owners, two movements have an impossible volume at 15 °C, and trucks wait without a reception.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle

from mlpp_gov.demo.calendar import Calendar
from mlpp_gov.demo.history import AlertHistory
from mlpp_gov.demo.ledger import Ledger
from mlpp_gov.demo.referentials import (
    DAIPN_TANKS,
    DEPOT_DAIPN,
    ESSENCE,
    GASOIL,
    PARTNERS,
    REFERENTIALS,
)
from mlpp_gov.demo.rows import (
    Citerne,
    CoursDeRoute,
    Depot,
    Partenaire,
    Produit,
    Reception,
    Row,
    Sortie,
    demo_id,
)
from mlpp_gov.demo.trucks import cours_de_route, truck
from mlpp_gov.demo.volumes import Measure, measure

KOLWEZI = Depot(id=demo_id("depots", "Kolwezi"), nom="Dépôt Kolwezi", adresse="Kolwezi, Lualaba")
KASUMBALESA = Depot(
    id=demo_id("depots", "Kasumbalesa"),
    nom="Dépôt Kasumbalesa",
    adresse="Kasumbalesa, Haut-Katanga",
)


def _tank(
    depot: Depot | None,
    nom: str,
    capacity: float,
    safety: float = 0,
    *,
    produit: Produit = GASOIL,
    statut: str = "active",
) -> Citerne:
    return Citerne(
        id=demo_id("citernes", nom),
        depot_id=depot.id if depot else None,
        nom=nom,
        capacite_totale=capacity,
        capacite_securite=safety,
        produit_id=produit.id,
        statut=statut,
    )


TANK1, TANK2, TANK3, TANK4, TANK5, TANK6 = DAIPN_TANKS
KOLWEZI_A1 = _tank(KOLWEZI, "KOLWEZI A1", 250_000, 5_000)
KOLWEZI_A2 = _tank(KOLWEZI, "KOLWEZI A2", 250_000, 5_000)
KOLWEZI_B1 = _tank(KOLWEZI, "KOLWEZI B1", 120_000, 3_000, produit=ESSENCE)
KASU_1 = _tank(KASUMBALESA, "KASU 1", 100_000)
KASU_2 = _tank(KASUMBALESA, "KASU 2", 100_000)
KASU_3 = _tank(KASUMBALESA, "KASU 3", 80_000, 2_000, produit=ESSENCE, statut="maintenance")
MOBILE = _tank(None, "CITERNE MOBILE", 30_000)
OTHER_TANKS = (KOLWEZI_A1, KOLWEZI_A2, KOLWEZI_B1, KASU_1, KASU_2, KASU_3, MOBILE)

MINES, NEGOCE, TRANSIT = PARTNERS


@dataclass(frozen=True)
class Flow:
    """What one owner brings into a tank and takes out of it: {days ago: litres}."""

    tank: Citerne
    receptions: dict[int, int]
    sorties: dict[int, int]
    partenaire: Partenaire | None = None
    # {days ago: litres at 15 °C as wrongly typed}
    mistyped_15c: dict[int, float] = field(default_factory=dict)


FLOWS = (
    Flow(
        TANK1,
        {88: 38_412, 67: 37_950, 46: 39_105, 25: 38_770, 8: 39_240},
        {80: 24_000, 60: 31_500, 40: 28_000, 20: 33_000, 5: 26_500},
    ),
    Flow(
        TANK2,
        {85: 36_980, 57: 38_640, 29: 39_310},
        {75: 22_000, 47: 34_000, 19: 27_500},
    ),
    Flow(
        TANK3,
        {82: 39_020, 55: 37_480, 27: 38_150},
        {70: 30_000, 44: 25_000, 16: 18_000},
        partenaire=MINES,
        mistyped_15c={27: 33_780.0},  # two digits exchanged
    ),
    Flow(
        TANK5,
        {79: 38_905, 43: 37_620, 12: 39_180},
        {66: 24_000, 33: 21_500, 4: 26_000},
    ),
    Flow(
        TANK6,
        {69: 37_740, 23: 38_330},
        {51: 29_000, 10: 19_500},
        partenaire=NEGOCE,
    ),
    Flow(
        KOLWEZI_A1,
        {84: 39_400, 62: 38_215, 39: 37_890, 17: 38_960},
        {73: 30_000, 49: 34_500, 28: 24_000, 6: 29_000},
        mistyped_15c={28: 25_690.0},  # a density typed in kg/L
    ),
    Flow(
        KOLWEZI_A1,
        {77: 38_075, 36: 39_260},
        {59: 33_000, 21: 27_000},
        partenaire=NEGOCE,
    ),
    Flow(
        KOLWEZI_A2,
        {74: 38_730, 41: 37_905},
        {64: 26_500, 31: 24_800, 9: 18_400},
    ),
    Flow(
        KOLWEZI_B1,
        {71: 34_250, 34: 35_100},
        {56: 22_000, 18: 26_500},
    ),
    Flow(
        KASU_1,
        {65: 39_130, 2: 38_620},
        {48: 22_400},
    ),
    Flow(
        KASU_1,
        {52: 38_240, 13: 37_815},
        {30: 19_700},
        partenaire=TRANSIT,
    ),
    Flow(
        KASU_2,
        {58: 39_220, 56: 38_905, 54: 38_410, 24: 37_930},
        {53: 24_000, 45: 28_000, 32: 26_000, 11: 29_000},
    ),
    Flow(
        MOBILE,
        {37: 22_000},
        {26: 14_000},
    ),
)

# (days since the record was created, state, tank it is meant for, litres, note)
ON_THE_ROAD = (
    (34, "FRONTIERE", TANK1, 38_300, "Bloqué à la frontière : documents douaniers incomplets"),
    (13, "ARRIVE", KASU_2, 37_700, None),
    (9, "ARRIVE", TANK4, 39_050, None),
    (6, "ARRIVE", KOLWEZI_A1, 38_600, None),
    (4, "ARRIVE", KOLWEZI_B1, 34_800, None),
    (3, "ARRIVE", TANK4, 38_900, None),
    (3, "FRONTIERE", TANK2, 39_300, None),
    (3, "TRANSIT", KOLWEZI_A2, 37_500, None),
    (2, "TRANSIT", TANK3, 38_450, None),
    (2, "TRANSIT", KASU_2, 38_200, None),
    (1, "ARRIVE", TANK1, 39_150, None),
    (1, "CHARGEMENT", TANK5, 38_000, None),
    (1, "CHARGEMENT", KOLWEZI_A1, 39_350, None),
)
# Arrived this many days ago and its reception rejected: its CDR can never be received (trap 18).
REJECTED = (20, TANK6, 36_400)
# TANK5 was negative between these two (days ago, hour, minute): 60 000 L were typed for 6 000 L.
TANK5_MISTYPED = (36, 10, 0)
TANK5_CORRECTED = (35, 11, 30)
DRAFTS = ((TANK1, 28_000), (KOLWEZI_A1, 31_000))

# Numbers under FLEET come round again; trucks still on the road have one of their own.
FLEET = 20
TRAVEL_DAYS = (6, 7, 9, 8)
HOURS = (8, 9, 11, 14, 16)
MINUTES = (5, 20, 40, 55)
TEMPERATURES = (19.0, 23.5, 26.0, 21.0, 28.5, 24.0, 20.0)
GASOIL_DENSITIES = (839.4, 843.2, 840.4, 847.6, 841.0)
ESSENCE_DENSITIES = (738.6, 742.1)


class Incident:
    """The scenario in the making: the ledger, and the movements that have something wrong."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.ledger = Ledger()
        self.trucks: list[CoursDeRoute] = []
        self.movements: dict[tuple[Citerne, int], Reception | Sortie] = {}
        self._hours = cycle(HOURS)
        self._minutes = cycle(MINUTES)
        self._temperatures = cycle(TEMPERATURES)
        self._densities = {GASOIL.id: cycle(GASOIL_DENSITIES), ESSENCE.id: cycle(ESSENCE_DENSITIES)}

    def rows(self) -> Iterator[Row]:
        """Every row of the scenario, past alerts included."""
        self._move()
        self._adjust()
        self._reject()
        self._draft()
        self._road()
        yield from REFERENTIALS
        yield from (KOLWEZI, KASUMBALESA, *OTHER_TANKS)
        yield from self.trucks
        yield from self.ledger.rows()
        at = self.calendar.at
        alerts = AlertHistory(
            self.ledger, {depot.id: depot.nom for depot in (DEPOT_DAIPN, KOLWEZI, KASUMBALESA)}
        )
        yield from alerts.trucks_received(self.trucks)
        yield alerts.negative(TANK5, since=at(*TANK5_MISTYPED), until=at(*TANK5_CORRECTED))
        yield alerts.over_capacity(
            KASU_2,
            since=self.movements[KASU_2, 54].created_at,
            until=self.movements[KASU_2, 53].created_at,
        )
        yield alerts.over_capacity(KASU_1, since=self.movements[KASU_1, 2].created_at)
        yield alerts.wrong_reception(TANK3, self.movements[TANK3, 27])
        for cdr in self.trucks:
            if cdr.statut == "ARRIVE" and cdr.created_at < at(8, 0):
                yield alerts.truck_waiting(cdr, acknowledged=cdr.created_at < at(10, 0))

    def _move(self) -> None:
        """Play the flows in the order of time, as the meters of a tank are read."""
        steps = [
            (days_ago, flow, litres, direction)
            for flow in FLOWS
            for direction, plan in (("in", flow.receptions), ("out", flow.sorties))
            for days_ago, litres in plan.items()
        ]
        for number, (days_ago, flow, litres, direction) in enumerate(
            sorted(steps, key=lambda step: -step[0])
        ):
            moment = self.calendar.at(days_ago, next(self._hours), next(self._minutes))
            measured = self._measure(flow.tank, litres)
            if days_ago in flow.mistyped_15c:
                measured = replace(measured, at_15c=flow.mistyped_15c[days_ago])
            vehicle = truck(number % FLEET)
            if direction == "out":
                self.movements[flow.tank, days_ago] = self.ledger.deliver(
                    flow.tank, measured, moment, vehicle, partenaire=flow.partenaire
                )
                continue
            cdr = self._truck(
                number % FLEET,
                flow.tank,
                litres,
                days_ago + TRAVEL_DAYS[number % len(TRAVEL_DAYS)],
                "DECHARGE",
            )
            self.movements[flow.tank, days_ago] = self.ledger.receive(
                cdr, flow.tank, measured, moment, partenaire=flow.partenaire
            )

    def _adjust(self) -> None:
        """Corrections: an ordinary one, one mistyped then put right, two that expose a hole."""
        at = self.calendar.at
        self.ledger.adjust(
            self.movements[TANK2, 47], -180, "Écart de jauge à l’inventaire mensuel", at(38, 15)
        )
        mistyped = self.movements[TANK5, 43]
        self.ledger.adjust(mistyped, -60_000, "Écart de jauge après réception", at(*TANK5_MISTYPED))
        self.ledger.adjust(
            mistyped,
            54_000,
            "Correction : l’écart de jauge était de 6 000 L",
            at(*TANK5_CORRECTED),
        )
        self.ledger.adjust(
            self.movements[KOLWEZI_A2, 9],
            -15_400,
            "Sortie saisie pour 18 400 L, bon signé pour 33 800 L",
            at(1, 16, 40),
        )
        self.ledger.adjust(
            self.movements[MOBILE, 26],
            -9_500,
            "Ravitaillement de chantier non saisi, selon bon papier",
            at(1, 9, 10),
        )

    def _reject(self) -> None:
        days_ago, tank, litres = REJECTED
        cdr = self._truck(
            FLEET + len(ON_THE_ROAD),
            tank,
            litres,
            days_ago,
            "ARRIVE",
            note="Réception rejetée : cargaison contaminée à l’eau",
        )
        self.ledger.receive(
            cdr,
            tank,
            self._measure(tank, litres),
            self.calendar.at(days_ago - 2, 15, 10),
            statut="rejetee",
            note="Eau libre au fond de la citerne du camion",
        )

    def _draft(self) -> None:
        for number, (tank, litres) in enumerate(DRAFTS):
            self.ledger.deliver(
                tank,
                self._measure(tank, litres),
                self.calendar.at(1, 16, 15 + number),
                truck(number),
                statut="brouillon",
            )

    def _road(self) -> None:
        for number, (days_ago, statut, tank, litres, note) in enumerate(ON_THE_ROAD, start=FLEET):
            self._truck(number, tank, litres, days_ago, statut, note=note)

    def _truck(
        self,
        number: int,
        tank: Citerne,
        litres: float,
        days_ago: int,
        statut: str,
        note: str | None = None,
    ) -> CoursDeRoute:
        cdr = cours_de_route(
            f"incident-{number}-{tank.nom}-{days_ago}",
            truck(number),
            destination=tank.depot_id,
            produit=ESSENCE if tank.produit_id == ESSENCE.id else GASOIL,
            received=litres,
            created_at=self.calendar.at(days_ago, 7, 30 + number % 30),
            statut=statut,
            note=note,
        )
        self.trucks.append(cdr)
        return cdr

    def _measure(self, tank: Citerne, litres: float) -> Measure:
        return measure(
            ESSENCE if tank.produit_id == ESSENCE.id else GASOIL,
            litres,
            density_15=next(self._densities[tank.produit_id]),
            temperature=next(self._temperatures),
        )


def rows(calendar: Calendar) -> Iterator[Row]:
    """Every business row of the scenario, and the alerts of the last 90 days."""
    return Incident(calendar).rows()
