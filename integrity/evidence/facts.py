"""The rows behind an alert as an operator reads them: a label and a value for each fact."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from integrity.charts import BarChart, bar_chart
from integrity.evidence.gathering import Row, Tank
from mlpp_gov.models import actor_name
from mlpp_gov.templatetags.governance import litres, measure, moment, state

Facts = list[tuple[str, str]]


def tank_facts(card: Row) -> Facts:
    return [
        (_("Citerne"), _text(card["nom"])),
        (_("Dépôt"), card["depot"] or _("sans dépôt")),
        (_("Produit"), _text(card["produit"])),
        (_("État"), state(card["statut"])),
        (_("Emplacement"), _text(card["localisation"])),
        (_("Capacité totale"), litres(card["capacite_totale"])),
        (_("Capacité de sécurité"), litres(card["capacite_securite"])),
        (_("Capacité utile"), litres(card["capacite_utile"])),
    ]


def truck_facts(truck: Row) -> Facts:
    facts = [
        (_("Camion"), _text(truck["plaque_camion"])),
        (_("Remorque"), _text(truck["plaque_remorque"])),
        (_("Chauffeur"), _text(truck["chauffeur_nom"])),
        (_("Transporteur"), _text(truck["transporteur"])),
        (_("État"), state(truck["statut"])),
        (_("Cours de route créé"), moment(truck["created_at"])),
        (_("Chargement"), _text(truck["date_chargement"])),
        (_("Pays de départ"), _text(truck["depart_pays"])),
        (_("Destination"), _text(truck["destination"])),
        (_("Produit"), _text(truck["produit"])),
        (_("Fournisseur"), _text(truck["fournisseur"])),
        (_("Volume attendu"), litres(truck["volume"])),
        (_("Réception liée"), _linked_reception(truck)),
    ]
    return [*facts, (_("Note"), truck["note"])] if truck["note"] else facts


def _linked_reception(truck: Row) -> str:
    if not truck["reception_id"]:
        return _("aucune réception lisible")
    return _("{state}, {day}, {tank}, {volume} ambiant").format(
        state=state(truck["reception_statut"]),
        day=_text(truck["date_reception"]),
        tank=_text(truck["reception_citerne"]),
        volume=litres(truck["reception_ambiant"]),
    )


def reception_facts(reception: Row, names: dict[UUID, str]) -> Facts:
    facts = [
        (_("Date de réception"), _text(reception["day"])),
        *_movement_facts(reception, names),
    ]
    return [*facts, (_("Note"), reception["note"])] if reception["note"] else facts


def sortie_facts(sortie: Row, names: dict[UUID, str]) -> Facts:
    return [
        (_("Date de sortie"), moment(sortie["left_at"])),
        *_movement_facts(sortie, names),
        (_("Client"), _text(sortie["client"])),
        (_("Camion"), _text(sortie["plaque_camion"])),
        (_("Chauffeur"), _text(sortie["chauffeur_nom"])),
        (_("Transporteur"), _text(sortie["transporteur"])),
    ]


def _movement_facts(movement: Row, names: dict[UUID, str]) -> Facts:
    owner = movement["proprietaire_type"] or "—"
    if movement["partenaire"]:
        owner = f"{owner} ({movement['partenaire']})"
    return [
        (_("État"), state(movement["statut"])),
        (_("Produit"), _text(movement["produit"])),
        (_("Propriétaire"), owner),
        (_("Volume ambiant"), litres(movement["ambiant"])),
        (_("Volume à 15\u00a0°C"), litres(movement["v15c"])),
        (_("Index avant"), litres(movement["index_avant"])),
        (_("Index après"), litres(movement["index_apres"])),
        (_("Température"), measure(movement["temperature"], "°C")),
        (_("Densité saisie"), measure(movement["densite"], "kg/m³")),
        (_("Saisie"), f"{moment(movement['typed_at'])}, {_person(movement['created_by'], names)}"),
        (_("Validée par"), _person(movement["validated_by"], names)),
    ]


def adjustment_rows(adjustments: list[Row], names: dict[UUID, str]) -> list[Row]:
    """The corrections with their author's name."""
    return [{**row, "author": _person(row["created_by"], names)} for row in adjustments]


def _person(who: UUID | None, names: dict[UUID, str]) -> str:
    return actor_name(who, names) if who else _("non renseigné")


def _text(value: str | None) -> str:
    return value or "—"


@dataclass(frozen=True)
class StockLine:
    """The stock of one owner, or of all, beside the tank's usable capacity."""

    owner: str
    ambiant: Decimal | None
    v15c: Decimal | None
    share: str


def stock_lines(tank: Tank) -> list[StockLine]:
    """One line an owner and product, then their sum when there are several."""
    lines = [(_owner(row), row["stock_ambiant"], row["stock_15c"]) for row in tank.stock or ()]
    if len(lines) > 1:
        total = tank.total("stock_ambiant"), tank.total("stock_15c")
        lines.append((_("Tous propriétaires"), *total))
    useful = (tank.card or {}).get("capacite_utile")
    return [StockLine(*line, share=_share(line[1], useful)) for line in lines]


def _share(value: Decimal | None, whole: Decimal | None) -> str:
    if value is None or not whole or whole < 0:
        return _("inconnue")
    return measure((value / whole * 100).to_integral_value(), "%")


def stock_chart(tank: Tank) -> BarChart | None:
    """Ambient stock of each owner and of all, against the tank's capacity; nothing to draw: None."""
    if not tank.stock:
        return None
    card = tank.card or {}
    useful, whole = card.get("capacite_utile"), card.get("capacite_totale")
    marks = [(_("Capacité utile"), useful), (_("Capacité totale"), whole)]
    return bar_chart(
        _("Stock ambiant selon les livres"),
        [(line.owner, line.ambiant) for line in stock_lines(tank)],
        marks[:1] if useful == whole else marks,
        said=litres,
    )


def _owner(row: Row) -> str:
    return " · ".join(filter(None, (row["proprietaire_type"], row["produit"])))
