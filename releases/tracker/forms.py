"""What a person types to bring an action of the tracker on; PostgreSQL has the same rules."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from releases.operations.forms import TextField
from releases.tracker.reading import LABELS, STATUSES, Action

LARGEST_VERSION = 2**63 - 1
EARLIEST, LATEST = date(2020, 1, 1), date(2100, 1, 1)


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("Donnez une date, par exemple 2026-02-21.")},
            **options,
        )

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Entre 2020 et 2100."))
        return day


class ActionForm(forms.Form):
    """An action, with the version that the person read."""

    version = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_VERSION,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("Rouvrez la page avant d’enregistrer."),
        ),
    )
    status = forms.ChoiceField(
        label=LABELS["status"],
        choices=[(code, format_lazy("{} ({})", label, code)) for code, label in STATUSES.items()],
        error_messages={"invalid_choice": _("Statut inconnu."), "required": _("À choisir.")},
    )
    status_detail = forms.CharField(
        label=LABELS["status_detail"],
        required=False,
        max_length=60,
        help_text=_("Par exemple STAGING + PROD."),
    )
    owner = forms.CharField(label=LABELS["owner"], required=False, max_length=100)
    reference = forms.CharField(
        label=LABELS["reference"],
        required=False,
        max_length=200,
        help_text=_("Lien ou hash\u00a0; obligatoire pour une action terminée."),
    )
    started_on = DayField(label=LABELS["started_on"])
    ended_on = DayField(
        label=LABELS["ended_on"], help_text=_("Pour une action terminée seulement.")
    )
    notes = TextField(
        label=LABELS["notes"], required=False, help_text=_("Obligatoires pour une action bloquée.")
    )
    evidence = TextField(label=LABELS["evidence"], required=False, rows=10, max_length=10_000)

    def __init__(self, data: Any = None, *, action: Action) -> None:
        super().__init__(data, initial={name: getattr(action, name) for name in self.base_fields})

    def clean(self) -> None:
        """Every rule that is broken, at its field."""
        given = self.cleaned_data
        status, start, end = (given.get(name) for name in ("status", "started_on", "ended_on"))
        broken = {
            "reference": status == "DONE" and not given.get("reference", "x"),
            "started_on": status == "IN_PROGRESS" and "started_on" in given and not start,
            "notes": status == "BLOCKED" and not given.get("notes", "x"),
        }
        said = {
            "reference": _("Une action terminée a une référence."),
            "started_on": _("Une action en cours a une date de début."),
            "notes": _("Une action bloquée dit pourquoi."),
        }
        for name, is_broken in broken.items():
            if is_broken:
                self.add_error(name, said[name])
        if "ended_on" in given and status and (why := _wrong_end(status, start, end)):
            self.add_error("ended_on", why)


def _wrong_end(status: str, start: date | None, end: date | None) -> str:
    if end is None:
        return gettext("Une action terminée a une date de fin.") if status == "DONE" else ""
    if status != "DONE":
        return gettext("Seule une action terminée a une date de fin.")
    if start and end < start:
        return gettext("La fin est avant le début.")
    if end > timezone.localdate() + timedelta(days=1):
        return gettext("Cette date est à venir.")
    return ""
