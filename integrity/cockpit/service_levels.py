"""How long an alert may last before it is late, as administrators set it."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import Severity
from integrity.checks.catalogue import catalogue
from integrity.checks.changes import Change, Line
from integrity.checks.evaluation import label_of
from integrity.queries import fetch
from mlpp_gov.models import actor_name, names_by_supabase_id

EVERY_CHECK = "*"


@dataclass(frozen=True)
class ServiceLevel:
    """`hours` is None when the alert is due on its own local day."""

    check_code: str
    severity: str
    hours: int | None

    @property
    def label(self) -> str:
        return check_label(self.check_code)

    @property
    def text(self) -> str:
        return hours_text(self.hours)

    @property
    def is_general(self) -> bool:
        return self.check_code == EVERY_CHECK


def service_levels() -> list[ServiceLevel]:
    """Those in force, the general ones first."""
    return [ServiceLevel(**row) for row in fetch("service_levels")]


def changes() -> list[Change]:
    """Who changed which level, the latest first; at most two queries."""
    rows = fetch("service_level_changes")
    names = names_by_supabase_id({row["actor"] for row in rows})
    return [
        Change(
            row["at"],
            actor_name(row["actor"], names),
            [Line(_("Délai"), _kept_text(row["before"]), _kept_text(row["after"]))],
            f"{check_label(row['check_code'])}, {row['severity']}",
        )
        for row in rows
    ]


def check_label(code: str) -> str:
    return _("Tous les contrôles") if code == EVERY_CHECK else label_of(code)


def hours_text(hours: int | None) -> str:
    return _("le jour même (heure du dépôt)") if hours is None else f"{hours}\u00a0h"


def _kept_text(kept: Any) -> str:
    """What the journal keeps of a level; nothing means that the general one holds."""
    if kept is None:
        return _("celui de tous les contrôles")
    return hours_text(json.loads(kept)["hours"])


class ServiceLevelKeyForm(forms.Form):
    """Whose level; a check that no file describes any more may still have one to take away."""

    check = forms.CharField(max_length=200)
    severity = forms.ChoiceField(label=gettext_lazy("Sévérité"), choices=Severity.choices)


class ServiceLevelForm(ServiceLevelKeyForm):
    hours = forms.IntegerField(
        label=gettext_lazy("Délai en heures"),
        required=False,
        min_value=1,
        max_value=8760,
        help_text=gettext_lazy(
            "De 1 à 8\u00a0760. Vide\u00a0: le jour même, jusqu’à minuit à l’heure du dépôt."
        ),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        codes = [EVERY_CHECK, *catalogue()]
        self.fields["check"] = forms.ChoiceField(
            label=_("Contrôle"), choices=[(code, check_label(code)) for code in codes]
        )
