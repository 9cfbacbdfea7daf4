"""What a person types at the gate: fingerprints, answers, and what changed since."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from releases.forms import ActForm, choices, text_field
from releases.journal import VERDICTS

FINGERPRINT = re.compile(r"[0-9a-f]{8,64}", re.ASCII)
MOST_DAYS = 90
ANSWERS = ("ok", "no", "conditional")


class FingerprintField(forms.CharField):
    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def clean(self, value: object) -> str:
        """What sha256sum prints, the file's name behind it included, or nothing."""
        typed = super().clean(value).lower().split()
        if typed and not FINGERPRINT.fullmatch(typed[0]):
            raise forms.ValidationError(_("Une empreinte a de 8 à 64\u00a0chiffres hexadécimaux."))
        return typed[0] if typed else ""


class OpenGateForm(ActForm):
    staging = FingerprintField(_("Empreinte de la configuration de staging"))
    production = FingerprintField(_("Empreinte de la configuration de production"))

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data.values()):
            raise forms.ValidationError(
                _("Donnez au moins l’empreinte de l’environnement où la release ira.")
            )

    @property
    def configuration(self) -> dict[str, str]:
        """Fingerprint by environment, those that were given."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class AnswerForm(ActForm):
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=choices({answer: VERDICTS[answer] for answer in ANSWERS}),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez un verdict."),
            "invalid_choice": _("Verdict inconnu."),
        },
    )
    evidence = text_field(
        _("Preuve"),
        required=False,
        help_text=_("Un texte ou un lien https://. Obligatoire pour «\u00a0oui\u00a0»."),
    )
    conditions = text_field(
        _("Conditions"),
        required=False,
        help_text=_("Pour «\u00a0sous conditions\u00a0»\u00a0: ce qui doit être vrai."),
    )
    re_evaluate_on = forms.DateField(
        label=_("À réévaluer le"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Donnez une date.")},
        help_text=_(
            "Pour «\u00a0sous conditions\u00a0»\u00a0: dans les 90\u00a0jours\u00a0; passé ce jour, "
            "le point retient de nouveau."
        ),
    )

    def clean(self) -> None:
        """What the database asks of each verdict, said beside the field."""
        given = self.cleaned_data
        if given.get("verdict") == "ok" and not given.get("evidence") and "evidence" in given:
            self.add_error("evidence", _("Un oui demande une preuve\u00a0: un lien ou un texte."))
        if given.get("verdict") != "conditional":
            return
        if not given.get("conditions") and "conditions" in given:
            self.add_error("conditions", _("Dites lesquelles."))
        if "re_evaluate_on" not in given:
            return
        today = timezone.now().date()  # the database's days are UTC's
        day = given["re_evaluate_on"]
        if day is None or not today <= day <= today + timedelta(days=MOST_DAYS):
            self.add_error("re_evaluate_on", _("Donnez une date, dans les 90\u00a0jours."))


class ChangeForm(ActForm):
    cause = forms.ChoiceField(
        label=_("Ce qui a changé"),
        choices=[("code", _("Le code")), ("configuration", _("La configuration"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites ce qui a changé."),
            "invalid_choice": _("Le code ou la configuration."),
        },
    )
    reason = text_field(_("En quoi"), _("Dites en quoi."))
