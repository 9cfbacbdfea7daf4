"""The stock that was in the tanks before the first movement that ML_PP knows, as it was declared."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from integrity.checks.states import litres_text
from integrity.queries import fetch
from mlpp_gov.queries import Rows


@dataclass(frozen=True)
class Places:
    """The tanks and the products that a person may see: identifier and name, by name."""

    tanks: list[tuple[UUID, str]]
    products: list[tuple[UUID, str]]

    def label(self, citerne: UUID, produit: UUID, proprietaire: str) -> str:
        """« TANK3 · Dépôt Daipn, Gasoil, MONALUXE »; what is gone by the start of its UUID."""
        names = dict([*self.tanks, *self.products])
        tank, product = (
            names.get(key, _("{start}… (introuvable)").format(start=str(key)[:8]))
            for key in (citerne, produit)
        )
        return f"{tank}, {product}, {proprietaire}"


def places() -> Places:
    """One query; call it inside db_identity()."""
    rows = fetch("tanks_and_products")
    return Places(
        *(
            [(row["id"], row["name"]) for row in rows if row["kind"] == kind]
            for kind in ("citerne", "produit")
        )
    )


@dataclass(frozen=True)
class OpeningStock:
    """Stock of one owner and one product in a tank, in litres."""

    citerne_id: UUID
    produit_id: UUID
    proprietaire_type: str
    stock_ambiant: Decimal
    stock_15c: Decimal
    label: str

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        return self.citerne_id, self.produit_id, self.proprietaire_type

    @property
    def volumes(self) -> str:
        return _("{ambient} ambiant, {at_15c} à 15\u00a0°C").format(
            ambient=litres_text(self.stock_ambiant), at_15c=litres_text(self.stock_15c)
        )


def opening_stocks(places: Places, rows: Rows) -> list[OpeningStock]:
    """What is declared now, by name."""
    stocks = [
        OpeningStock(
            **row,
            label=places.label(row["citerne_id"], row["produit_id"], row["proprietaire_type"]),
        )
        for row in rows
    ]
    return sorted(stocks, key=lambda stock: stock.label)
