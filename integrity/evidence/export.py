"""The movements behind an alert as a spreadsheet."""

from collections.abc import Iterator

from django.utils import timezone

from alerts.models import Alert
from integrity.evidence.gathering import Evidence
from integrity.spreadsheet import Value, as_csv
from mlpp_gov import producer
from mlpp_gov.models import User
from mlpp_gov.templatetags.governance import moment, state

COLUMNS = (
    "Date",
    "Saisie",
    "Mouvement",
    "Propriétaire",
    "Ambiant (L)",
    "À 15 °C (L)",
    "Camion",
    "État",
    "Solde (L)",
    "Note",
)


def movements_csv(alert: Alert, found: Evidence, *, label: str, reader: User) -> str:
    """The head, then the movements that were gathered; `label` names the alert's entity."""
    return as_csv([*_head(alert, found, label, reader), *_movements(found)])


def _head(alert: Alert, found: Evidence, label: str, reader: User) -> Iterator[list[Value]]:
    """What this is, when and by whom it was taken, and what it leaves out."""
    yield ["Mouvements de citerne autour d’une alerte"]
    yield ["Alerte", alert.message]
    yield ["Identifiant", str(alert.id)]
    yield ["Objet", label]
    yield ["Extrait le", moment(timezone.now())]
    yield ["Par", str(reader)]
    yield from map(list, producer.facts())
    if not found.tank:
        yield ["Aucune citerne liée à cette alerte, ou lisible avec vos droits."]
        return
    card, movements = found.tank.card, found.tank.movements
    yield ["Citerne", f"{card['nom']} · {card['depot'] or 'sans dépôt'}" if card else "introuvable"]
    yield [
        "Filtre",
        f"datés ou saisis du {movements.period.first_day:%d/%m/%Y}"
        f" au {movements.period.last_day:%d/%m/%Y}",
    ]
    yield ["Fuseau horaire", timezone.get_current_timezone_name()]
    if movements.rows is None:
        yield ["Mouvements introuvables ou non lisibles avec vos droits."]
    if movements.is_cut:
        yield ["Coupé", f"{len(movements.rows or ())} lignes sur {movements.total}"]
    if movements.rows and not movements.has_balance:
        yield ["Solde", "non donné : les mouvements lisibles n’expliquent pas le stock des livres"]
    yield []


def _movements(found: Evidence) -> Iterator[list[Value]]:
    """One line a movement; volumes are signed litres, the latest typed first."""
    movements = found.tank.movements if found.tank else None
    if movements is None or movements.rows is None:
        return
    yield list(COLUMNS)
    for row in movements.rows:
        yield [
            row["day"] or "inconnu",
            row["typed_at"],
            row["kind"],
            row["proprietaire_type"] or "",
            row["ambiant"],
            row["v15c"],
            row["plaque_camion"] or "",
            state(row["statut"]),
            row["balance"] if movements.has_balance and row["counts"] else "",
            row["note"] or "",
        ]
