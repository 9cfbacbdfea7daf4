"""Rows of the ML_PP tables (contract, sections 1 and 3): one class a table, one field a column.

Volumes are litres, densities kg/m³, temperatures °C.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from django.db.backends.utils import CursorWrapper

Owner = Literal["MONALUXE", "PARTENAIRE"]


def demo_id(*parts: object) -> uuid.UUID:
    """An identifier that stays the same from one load to the next, so that links keep working."""
    path = "/".join(map(str, parts))
    return uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/mlpp-demo/{path}")


class Row:
    TABLE: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class AuthUser(Row):
    TABLE = "auth.users"
    id: uuid.UUID
    email: str


@dataclass(frozen=True, kw_only=True)
class Depot(Row):
    TABLE = "public.depots"
    id: uuid.UUID
    nom: str
    adresse: str | None = None


@dataclass(frozen=True, kw_only=True)
class Produit(Row):
    TABLE = "public.produits"
    id: uuid.UUID
    nom: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Citerne(Row):
    TABLE = "public.citernes"
    id: uuid.UUID
    depot_id: uuid.UUID | None
    nom: str
    capacite_totale: float
    produit_id: uuid.UUID
    capacite_securite: float = 0
    statut: str = "active"


@dataclass(frozen=True, kw_only=True)
class Fournisseur(Row):
    TABLE = "public.fournisseurs"
    id: uuid.UUID
    nom: str


@dataclass(frozen=True, kw_only=True)
class Client(Row):
    TABLE = "public.clients"
    id: uuid.UUID
    nom: str


@dataclass(frozen=True, kw_only=True)
class Partenaire(Row):
    TABLE = "public.partenaires"
    id: uuid.UUID
    nom: str


@dataclass(frozen=True, kw_only=True)
class CoursDeRoute(Row):
    TABLE = "public.cours_de_route"
    id: uuid.UUID
    fournisseur_id: uuid.UUID
    depot_destination_id: uuid.UUID | None
    produit_id: uuid.UUID
    plaque_camion: str
    plaque_remorque: str
    chauffeur_nom: str
    transporteur: str
    depart_pays: str
    date_chargement: date
    volume: float
    statut: str
    created_at: datetime
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reception(Row):
    TABLE = "public.receptions"
    id: uuid.UUID
    cours_de_route_id: uuid.UUID
    citerne_id: uuid.UUID
    produit_id: uuid.UUID
    partenaire_id: uuid.UUID | None
    index_avant: float
    index_apres: float
    volume_ambiant: float
    volume_observe: float
    volume_15c: float
    volume_corrige_15c: float
    temperature_ambiante_c: float
    densite_a_15: float
    proprietaire_type: Owner
    statut: str
    date_reception: date
    created_by: uuid.UUID
    validated_by: uuid.UUID | None
    created_at: datetime
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sortie(Row):
    TABLE = "public.sorties_produit"
    id: uuid.UUID
    citerne_id: uuid.UUID
    produit_id: uuid.UUID
    client_id: uuid.UUID | None
    partenaire_id: uuid.UUID | None
    index_avant: float
    index_apres: float
    volume_ambiant: float
    volume_corrige_15c: float
    temperature_ambiante_c: float
    densite_a_15: float
    proprietaire_type: Owner
    statut: str
    date_sortie: datetime
    chauffeur_nom: str
    plaque_camion: str
    transporteur: str
    created_by: uuid.UUID
    validated_by: uuid.UUID | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class StockSnapshot(Row):
    TABLE = "public.stocks_snapshot"
    citerne_id: uuid.UUID
    produit_id: uuid.UUID
    proprietaire_type: Owner
    depot_id: uuid.UUID | None
    stock_ambiant: float
    stock_15c: float
    last_movement_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class StockAdjustment(Row):
    TABLE = "public.stocks_adjustments"
    id: uuid.UUID
    mouvement_type: Literal["RECEPTION", "SORTIE"]
    mouvement_id: uuid.UUID
    delta_ambiant: float
    delta_15c: float
    reason: str
    created_by: uuid.UUID
    created_at: datetime
    depot_id: uuid.UUID | None
    citerne_id: uuid.UUID
    produit_id: uuid.UUID
    proprietaire_type: Owner


@dataclass(frozen=True, kw_only=True)
class StockJournalier(Row):
    TABLE = "public.stocks_journaliers"
    id: uuid.UUID
    citerne_id: uuid.UUID
    produit_id: uuid.UUID
    date_jour: date
    proprietaire_type: Owner
    stock_ambiant: float
    stock_15c: float
    depot_id: uuid.UUID | None
    source: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Profil(Row):
    TABLE = "public.profils"
    id: uuid.UUID
    user_id: uuid.UUID
    nom_complet: str
    role: str
    depot_id: uuid.UUID | None
    email: str


@dataclass(frozen=True, kw_only=True)
class LogAction(Row):
    TABLE = "public.log_actions"
    id: uuid.UUID
    user_id: uuid.UUID
    action: str
    module: str
    niveau: str
    cible_id: uuid.UUID
    created_at: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alert(Row):
    TABLE = "public.system_alerts"
    id: uuid.UUID
    check_code: str
    severity: Literal["CRITICAL", "WARN"]
    entity_type: str
    entity_id: uuid.UUID
    message: str
    payload: dict[str, Any]
    status: Literal["OPEN", "ACK", "RESOLVED"]
    first_detected_at: datetime
    last_detected_at: datetime
    created_at: datetime
    updated_at: datetime
    acknowledged_by: uuid.UUID | None = None
    acknowledged_at: datetime | None = None
    resolved_by: uuid.UUID | None = None
    resolved_at: datetime | None = None


# Referenced tables first.
KINDS: tuple[type[Row], ...] = (
    AuthUser,
    Depot,
    Produit,
    Citerne,
    Fournisseur,
    Client,
    Partenaire,
    CoursDeRoute,
    Reception,
    Sortie,
    StockSnapshot,
    StockAdjustment,
    StockJournalier,
    Profil,
    LogAction,
    Alert,
)


def insert(cursor: CursorWrapper, rows: Iterable[Row]) -> None:
    """Insert rows into their tables, in the order that the foreign keys ask for."""
    rows = list(rows)
    for kind in KINDS:
        columns = [column.name for column in fields(kind)]  # type: ignore[arg-type]  # dataclasses all
        values = [
            [
                json.dumps(value) if isinstance(value := getattr(row, column), dict) else value
                for column in columns
            ]
            for row in rows
            if type(row) is kind
        ]
        cursor.executemany(
            f"INSERT INTO {kind.TABLE} ({', '.join(columns)})"
            f" VALUES ({', '.join(['%s'] * len(columns))})",
            values,
        )
