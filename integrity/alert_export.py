"""The alerts that a list's filters keep, all of them, a chunk at a time."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from alerts.models import Alert
from integrity.entities import with_entity_names
from integrity.presentation import AlertRow, rows
from integrity.spreadsheet import Value, csv_lines
from mlpp_gov import producer
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import moment

logger = logging.getLogger("gouvernance.exports")

CHUNK = 2_000  # rows in memory at once
COLUMNS = (
    gettext_lazy("Identifiant"),
    gettext_lazy("Sévérité"),
    gettext_lazy("Contrôle"),
    gettext_lazy("Code du contrôle"),
    gettext_lazy("Objet"),
    gettext_lazy("Constat"),
    gettext_lazy("État"),
    gettext_lazy("Confiée à"),
    gettext_lazy("Échéance"),
    gettext_lazy("Première détection"),
    gettext_lazy("Dernière détection"),
    gettext_lazy("Acquittée le"),
    gettext_lazy("Résolue le"),
)


@dataclass(frozen=True)
class Export:
    """What is exported, for whom, and in words; the first chunk is read before anything is sent, so
    that a refusal is a page and not a file that breaks off.

    Every chunk is read in a transaction of its own: a slow download holds none open. The order is
    that of the first detection, which never changes: no row comes twice, none is left out.
    """

    condition: Q
    filters: str
    reader: User
    produced_at: datetime
    first: list[AlertRow]

    @classmethod
    def of(cls, condition: Q, *, filters: str, reader: User, format: str) -> "Export":
        """Start an export, which is logged. Raises NoGovernanceProfile."""
        first = _chunk(condition, None, reader)
        logger.info(
            "export format=%s user=%s supabase_user_id=%s filters=%r",
            format,
            reader.pk,
            reader.supabase_user_id,
            filters,
        )
        return cls(condition, filters, reader, timezone.now(), first)

    @property
    def metadata(self) -> dict[str, str]:
        return {
            gettext_noop("Filtres"): self.filters,
            gettext_noop("Produit le"): moment(self.produced_at),
            gettext_noop("Par"): str(self.reader),
            gettext_noop("Fuseau horaire"): timezone.get_current_timezone_name(),
        }

    def rows(self) -> Iterator[AlertRow]:
        chunk = self.first
        while chunk:
            yield from chunk
            if len(chunk) < CHUNK:
                return
            chunk = _chunk(self.condition, chunk[-1].alert, self.reader)

    def csv(self) -> Iterator[str]:
        """Lines for a French Excel; the last one says how many there are, so that a file that broke
        off is seen to have."""
        return csv_lines(self._cells())

    def _cells(self) -> Iterator[list[Value]]:
        yield [_("Alertes")]
        for name, text in self.metadata.items():
            yield [_(name), text]
        yield from map(list, producer.facts())
        yield []
        yield [str(column) for column in COLUMNS]
        number = 0
        for row in self.rows():
            yield _cells(row)
            number += 1
        yield []
        yield [_("Fin de l’export\u00a0: {number} alertes").format(number=number)]

    def json(self) -> Iterator[str]:
        """One object: `environment` and `release` of who made it, `export` says what this is, `alerts`
        are the rows, `count` comes last."""
        head = _json({**producer.keys(), "export": self.metadata})
        yield f'{head[:-1]}, "alerts": [\n'
        number = 0
        for row in self.rows():
            yield f"{',' if number else ''}{_json(_object(row))}\n"
            number += 1
        yield f'], "count": {number}}}\n'


def _chunk(condition: Q, last: Alert | None, reader: User) -> list[AlertRow]:
    with db_identity(reader):
        found = with_entity_names(Alert.objects.filter(condition).with_handling())
        alerts = found.chunk_after(last, CHUNK)
    return rows(alerts, reader=reader, list_url="")


def _cells(row: AlertRow) -> list[Value]:
    alert = row.alert
    return [
        str(alert.id),
        alert.severity,
        row.check_label,
        alert.check_code,
        row.entity_label,
        spoken(alert.message),
        row.state_text,
        row.assignee,
        alert.due_at or "",
        alert.first_detected_at,
        alert.last_detected_at,
        alert.acknowledged_at or "",
        alert.resolved_at or "",
    ]


def _object(row: AlertRow) -> dict[str, Any]:
    alert = row.alert
    columns = {f.name: getattr(alert, f.name) for f in alert._meta.concrete_fields}
    return {
        **columns,
        "check_label": row.check_label,
        "entity_label": row.entity_label,
        "state": row.state_text,
        "assignee": alert.assignee,
        "due_at": alert.due_at,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
