"""The real depot as observed on 2026-02-19: five trucks arrived, not received; nothing else."""

from collections.abc import Iterator

from mlpp_gov.demo.calendar import Calendar
from mlpp_gov.demo.ledger import Ledger
from mlpp_gov.demo.referentials import DAIPN_TANKS, DEPOT_DAIPN, GASOIL, REFERENTIALS
from mlpp_gov.demo.rows import Row
from mlpp_gov.demo.trucks import cours_de_route, truck
from mlpp_gov.demo.volumes import Measure, measure

TANK1, TANK2, *_ = DAIPN_TANKS

# Days ago, tank, and what the field application measured (ASTM 53B, gasoil).
RECEPTIONS = (
    (13, TANK1, Measure(39_296, 39_048, 29.7, 837.3)),
    (12, TANK1, Measure(39_391, 39_143, 23.5, 837.5)),
    (10, TANK2, Measure(39_291, 39_020, 23.2, 837.6)),
    (9, TANK1, Measure(36_971, 36_845, 19.0, 837.0)),
    (7, TANK2, Measure(38_312, 38_151, 20.0, 836.0)),
    (6, TANK1, Measure(39_330, 39_165, 20.0, 837.0)),
    (4, TANK1, Measure(37_384, 37_227, 20.0, 836.0)),
    (3, TANK2, Measure(33_445, 33_274, 21.0, 837.0)),
)
SORTIE = (2, TANK1, 25_000)

# Days since the record was created, state, litres expected.
ON_THE_ROAD = (
    (9, "ARRIVE", 38_900),
    (8, "ARRIVE", 39_200),
    (6, "ARRIVE", 37_600),
    (5, "ARRIVE", 39_400),
    (4, "ARRIVE", 36_800),
    (4, "FRONTIERE", 39_100),
    (3, "TRANSIT", 38_300),
    (1, "CHARGEMENT", 39_000),
)


def rows(calendar: Calendar) -> Iterator[Row]:
    """Every business row of the scenario."""
    yield from REFERENTIALS
    ledger = Ledger()
    for number, (days_ago, tank, measured) in enumerate(RECEPTIONS):
        cdr = cours_de_route(
            f"production-{number}",
            truck(number),
            destination=DEPOT_DAIPN.id,
            produit=GASOIL,
            received=measured.ambient,
            created_at=calendar.at(days_ago + 5 + number % 3, 9, 20),
            statut="DECHARGE",
        )
        yield cdr
        ledger.receive(cdr, tank, measured, calendar.at(days_ago, 10 + number % 5, 35))

    days_ago, tank, litres = SORTIE
    ledger.deliver(
        tank,
        measure(GASOIL, litres, density_15=841.5, temperature=22.0),
        calendar.at(days_ago, 11, 15),
        truck(len(RECEPTIONS) + len(ON_THE_ROAD)),
    )
    yield from ledger.rows()

    for number, (days_ago, statut, litres) in enumerate(ON_THE_ROAD, start=len(RECEPTIONS)):
        yield cours_de_route(
            f"production-{number}",
            truck(number),
            destination=DEPOT_DAIPN.id,
            produit=GASOIL,
            received=litres,
            created_at=calendar.at(days_ago, 8, 40),
            statut=statut,
        )
