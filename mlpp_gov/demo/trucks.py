"""Trucks on the road: believable plates of Katanga, Zambia and Tanzania, generic transporters."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from mlpp_gov.demo.referentials import SUPPLIERS
from mlpp_gov.demo.rows import CoursDeRoute, Produit, demo_id

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True)
class Truck:
    plaque: str
    remorque: str
    chauffeur: str
    transporteur: str
    pays: str


def truck(number: int) -> Truck:
    """The demonstration's truck of that number: always the same, and no two alike."""
    first, second = LETTERS[number % 23], LETTERS[(number * 7 + 3) % 23]
    digits = 1000 + (number * 2713 + 3821) % 9000
    match number % 3:
        case 0:
            plates = f"{digits}A{first}/05", f"{digits + 1}R{second}/05"
            transporteur, pays = "Katanga Citernes (démo)", "RDC"
        case 1:
            plates = f"BA{first} {digits}", f"BA{second} {digits}T"
            transporteur, pays = "Copperbelt Haulage (démo)", "Zambie"
        case _:
            digits %= 1000
            plates = f"T {digits:03} D{first}{second}", f"T {digits:03} E{second}{first}"
            transporteur, pays = "Tanganyika Transit (démo)", "Tanzanie"
    return Truck(*plates, f"Chauffeur {number + 1:02}", transporteur, pays)


def cours_de_route(
    name: str,
    vehicle: Truck,
    *,
    destination: uuid.UUID | None,
    produit: Produit,
    received: float,
    created_at: datetime,
    statut: str,
    note: str | None = None,
) -> CoursDeRoute:
    """A load that will deliver about `received` litres, recorded the day after its loading."""
    return CoursDeRoute(
        id=demo_id("cours_de_route", name),
        fournisseur_id=SUPPLIERS[vehicle.pays == "Tanzanie"].id,
        depot_destination_id=destination,
        produit_id=produit.id,
        plaque_camion=vehicle.plaque,
        plaque_remorque=vehicle.remorque,
        chauffeur_nom=vehicle.chauffeur,
        transporteur=vehicle.transporteur,
        depart_pays=vehicle.pays,
        date_chargement=created_at.date() - timedelta(days=1),
        volume=ceil(received / 50) * 50 + 50,
        statut=statut,
        created_at=created_at,
        note=note,
    )
