"""Alerts as an operator reads them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.forms import ASSIGNABLE
from alerts.models import Alert, Status
from alerts.wording import (
    Names,
    due_sentence,
    instability_sentence,
    next_to_act_sentence,
    state_sentence,
)
from integrity.checks.evaluation import label_of
from integrity.checks.other_sources import OTHER_SOURCES
from integrity.entities import entity_label
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.sentences import spoken
from mlpp_gov.templatetags.governance import number

PAYLOAD_SHOWN = 20_000  # characters; the whole is one link away


@dataclass(frozen=True)
class AlertRow:
    """One alert with its names, its words, and what the reader may do with it."""

    alert: Alert
    entity_label: str
    state_text: str
    can_ack: bool
    can_resolve: bool
    assignee: str
    next_to_act: str
    list_url: str

    @property
    def check_label(self) -> str:
        return spoken(label_of(self.alert.check_code))

    @property
    def state_at(self) -> datetime:
        match self.alert.status:
            case Status.ACK:
                return self.alert.acknowledged_at or self.alert.updated_at
            case Status.RESOLVED:
                return self.alert.resolved_at or self.alert.updated_at
        return self.alert.first_detected_at

    @property
    def unstable_text(self) -> str:
        return instability_sentence(self.alert)

    @property
    def due_text(self) -> str:
        return due_sentence(self.alert)

    @property
    def is_late(self) -> bool:
        return self.alert.due_at is not None and self.alert.due_at <= timezone.now()

    @property
    def detail_url(self) -> str:
        """The detail page, which leads back to the list as it was filtered."""
        return self._page_url("integrity:detail")

    @property
    def evidence_url(self) -> str:
        """The facts behind the alert; from there too the way back leads to the filtered list."""
        return self._page_url("integrity:evidence")

    def _page_url(self, route: str) -> str:
        url = reverse(route, args=[self.alert.id])
        query = urlencode({"retour": self.list_url}) if "?" in self.list_url else ""
        return f"{url}?{query}" if query else url

    @property
    def ack_url(self) -> str:
        return self._action_url("ack")

    @property
    def resolve_url(self) -> str:
        return self._action_url("resolve")

    @property
    def selection_value(self) -> str:
        """The alert and the version that the reader sees, for a selection."""
        return f"{self.alert.id}:{self.alert.version or ''}"

    def _action_url(self, action: str) -> str:
        """Where an action goes, with the version that the reader sees."""
        return f"{reverse(f'alerts:{action}', args=[self.alert.id])}?version={self.alert.version}"


def people_of(alerts: Sequence[Alert]) -> set[UUID]:
    """Everybody who has, acknowledged or resolved one of these alerts."""
    people = {person for a in alerts for person in (a.acknowledged_by, a.resolved_by, a.assignee)}
    return {person for person in people if person}


def people_around(
    alerts: Sequence[Alert], *, reader: User, others: Iterable[UUID] = ()
) -> list[User]:
    """People of these alerts, others who are named beside them and, for a reader who may assign them,
    those to whom; one query."""
    condition = Q(supabase_user_id__in=people_of(alerts).union(others))
    return list(
        User.objects.filter(condition | ASSIGNABLE if reader.can_handle_alerts else condition)
    )


def rows(
    alerts: Sequence[Alert], *, reader: User, list_url: str, names: Names | None = None
) -> list[AlertRow]:
    """Alerts read with_handling() and with_entity_names(), as `reader` may see them.

    At most one query, for the names of people_of() these alerts where they are not given.
    """
    names = names_by_supabase_id(people_of(alerts)) if names is None else names
    return [
        AlertRow(
            alert=alert,
            entity_label=entity_label(alert),
            state_text=state_sentence(alert, names),
            can_ack=reader.can_handle_alerts and alert.can_be_acknowledged,
            can_resolve=reader.can_handle_alerts and alert.can_be_resolved,
            assignee=actor_name(alert.assignee, names) if alert.assignee else "",
            next_to_act=next_to_act_sentence(alert, names),
            list_url=list_url,
        )
        for alert in alerts
    ]


def list_title(total: int) -> str:
    """« (2) Intégrité »: how many alerts the list has, all pages together."""
    return _("({count}) Intégrité").format(count=number(total)) if total else _("Intégrité")


def columns(alert: Alert) -> list[tuple[str, str]]:
    """Every column and its value as text, the payload apart; unknown as a dash."""
    values = {
        field.name: getattr(alert, field.name)
        for field in alert._meta.concrete_fields
        if field.name != "payload"
    }
    return [(name, "—" if value is None else str(value)) for name, value in values.items()]


def pretty_json(payload: object) -> str:
    return json.dumps(payload, indent=2, ensure_ascii=False, sort_keys=True)


def live_sql(alert: Alert) -> str:
    """The query with which a DBA sees whether the anomaly is there (runbook, step 2)."""
    code, entity_type = (text.replace("'", "''") for text in (alert.check_code, alert.entity_type))
    other = OTHER_SOURCES.get(alert.check_code)
    return (
        f"SELECT *\nFROM {other.view if other else 'public.v_integrity_checks'}\n"
        f"WHERE check_code = '{code}'\n"
        f"  AND entity_type = '{entity_type}'\n"
        f"  AND entity_id = '{alert.entity_id}';"
    )
