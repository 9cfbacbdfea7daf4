"""The movements behind an alert as a spreadsheet."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import Alert
from integrity.evidence.gathering import Evidence
from integrity.spreadsheet import Value, as_csv
from mlpp_gov import producer
from mlpp_gov.models import User
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import moment, state

COLUMNS = (
    gettext_lazy("Date"),
    gettext_lazy("Saisie"),
    gettext_lazy("Mouvement"),
    gettext_lazy("Propriétaire"),
    gettext_lazy("Ambiant (L)"),
    gettext_lazy("À 15 °C (L)"),
    gettext_lazy("Camion"),
    gettext_lazy("État"),
    gettext_lazy("Solde (L)"),
    gettext_lazy("Note"),
)


def movements_csv(alert: Alert, found: Evidence, *, label: str, reader: User) -> str:
    """The head, then the movements that were gathered; `label` names the alert's entity."""
    return as_csv([*_head(alert, found, label, reader), *_movements(found)])


def _head(alert: Alert, found: Evidence, label: str, reader: User) -> Iterator[list[Value]]:
    """What this is, when and by whom it was taken, and what it leaves out."""
    yield [_("Mouvements de citerne autour d’une alerte")]
    yield [_("Alerte"), spoken(alert.message)]
    yield [_("Identifiant"), str(alert.id)]
    yield [_("Objet"), label]
    yield [_("Extrait le"), moment(timezone.now())]
    yield [_("Par"), str(reader)]
    yield from map(list, producer.facts())
    if not found.tank:
        yield [_("Aucune citerne liée à cette alerte, ou lisible avec vos droits.")]
        return
    card, movements = found.tank.card, found.tank.movements
    place = f"{card['nom']} · {card['depot'] or _('sans dépôt')}" if card else _("introuvable")
    yield [_("Citerne"), place]
    yield [
        _("Filtre"),
        _("datés ou saisis du {first_day} au {last_day}").format(
            first_day=f"{movements.period.first_day:%d/%m/%Y}",
            last_day=f"{movements.period.last_day:%d/%m/%Y}",
        ),
    ]
    yield [_("Fuseau horaire"), timezone.get_current_timezone_name()]
    if movements.rows is None:
        yield [_("Mouvements introuvables ou non lisibles avec vos droits.")]
    if movements.is_cut:
        shown = _("{shown} lignes sur {total}").format(
            shown=len(movements.rows or ()), total=movements.total
        )
        yield [_("Coupé"), shown]
    if movements.rows and not movements.has_balance:
        yield [
            _("Solde"),
            _("non donné : les mouvements lisibles n’expliquent pas le stock des livres"),
        ]
    yield []


def _movements(found: Evidence) -> Iterator[list[Value]]:
    """One line a movement; volumes are signed litres, the latest typed first."""
    movements = found.tank.movements if found.tank else None
    if movements is None or movements.rows is None:
        return
    yield [str(column) for column in COLUMNS]
    for row in movements.rows:
        yield [
            row["day"] or _("inconnu"),
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
