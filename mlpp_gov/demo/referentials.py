"""Reference data: the real depot as it is in ML_PP, and generic names for whom it deals with."""

import uuid

from mlpp_gov.demo.rows import (
    Citerne,
    Client,
    Depot,
    Fournisseur,
    Partenaire,
    Produit,
    Row,
    demo_id,
)

DEPOT_DAIPN = Depot(id=uuid.UUID("11111111-1111-1111-1111-111111111111"), nom="Dépôt Daipn")
GASOIL = Produit(id=uuid.UUID("22222222-2222-2222-2222-222222222222"), nom="Gasoil/AGO", code="G.O")
ESSENCE = Produit(id=uuid.UUID("640cf7ec-1616-4503-a484-0a61afb20005"), nom="Essence", code="ESS")


def _tank(tank_id: str, nom: str, capacity: float) -> Citerne:
    return Citerne(
        id=uuid.UUID(tank_id),
        depot_id=DEPOT_DAIPN.id,
        nom=nom,
        capacite_totale=capacity,
        produit_id=GASOIL.id,
    )


DAIPN_TANKS = (
    _tank("57da330a-1305-4582-be45-ceab0f1aa795", "TANK1", 500_000),
    _tank("905b3104-0324-4b5c-ba3d-ae1019746c70", "TANK2", 500_000),
    _tank("7bf64a46-ca77-4857-af89-2e14d9128473", "TANK3", 500_000),
    _tank("91d2078b-8e19-43c2-bf33-322a42cd4e94", "TANK4", 500_000),
    _tank("a76a08a6-9017-421e-b5d3-afe8129a8f9d", "TANK5", 300_000),
    _tank("6f3e0b4c-abfc-4b67-aaa0-2ca20a59ae1a", "TANK6", 300_000),
)

SUPPLIERS = tuple(
    Fournisseur(id=demo_id("fournisseurs", nom), nom=nom)
    for nom in ("Fournisseur Ndola (démo)", "Fournisseur Dar es Salaam (démo)")
)
CLIENTS = tuple(
    Client(id=demo_id("clients", nom), nom=nom)
    for nom in ("Carrière Likasi (démo)", "Cimenterie Sud (démo)", "Stations Lualaba (démo)")
)
PARTNERS = tuple(
    Partenaire(id=demo_id("partenaires", nom), nom=nom)
    for nom in ("Partenaire Mines (démo)", "Partenaire Négoce (démo)", "Partenaire Transit (démo)")
)

REFERENTIALS: tuple[Row, ...] = (
    DEPOT_DAIPN,
    GASOIL,
    ESSENCE,
    *DAIPN_TANKS,
    *SUPPLIERS,
    *CLIENTS,
    *PARTNERS,
)
