"""What an administrator types to give a token."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone

from releases.forms import ActForm

MOST_DAYS = 365
SCOPES = {
    "register": "Enregistrer une release",
    "gate": "Ouvrir le gate, y répondre ce que la CI sait, rapporter les nightlies",
    "deploy:staging": "Conduire un déploiement en staging",
    "deploy:production": "Conduire un déploiement en production, jamais l’autoriser",
}


class IssueForm(ActForm):
    name = forms.CharField(
        label="Nom",
        max_length=100,
        error_messages={
            "required": "Donnez un nom\u00a0: qui s’en servira.",
            "max_length": "Le nom a au plus 100\u00a0caractères.",
        },
        help_text="Par exemple deploy.sh ou CI nightly.",
    )
    scopes = forms.MultipleChoiceField(
        label="Portées",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins une portée.",
            "invalid_choice": "Portée inconnue.",
            "invalid_list": "Portée inconnue.",
        },
    )
    until = forms.DateField(
        label="Jusqu’au",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Donnez le dernier jour.", "invalid": "Donnez une date."},
        help_text="Ce jour compris\u00a0; un an au plus.",
    )

    def clean_until(self) -> datetime:
        """The end of that local day."""
        day = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= day <= today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError("D’aujourd’hui à dans un an.")
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
