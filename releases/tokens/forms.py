"""What an administrator types to give a token."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from releases.forms import ActForm

MOST_DAYS = 365
SCOPES = {
    "register": _("Enregistrer une release"),
    "gate": _("Ouvrir le gate, y répondre ce que la CI sait, rapporter les nightlies"),
    "deploy:staging": _("Conduire un déploiement en staging"),
    "deploy:production": _("Conduire un déploiement en production, jamais l’autoriser"),
}


class IssueForm(ActForm):
    name = forms.CharField(
        label=_("Nom"),
        max_length=100,
        error_messages={
            "required": _("Donnez un nom\u00a0: qui s’en servira."),
            "max_length": _("Le nom a au plus 100\u00a0caractères."),
        },
        help_text=_("Par exemple deploy.sh ou CI nightly."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Portées"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choisissez au moins une portée."),
            "invalid_choice": _("Portée inconnue."),
            "invalid_list": _("Portée inconnue."),
        },
    )
    until = forms.DateField(
        label=_("Jusqu’au"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Donnez le dernier jour."), "invalid": _("Donnez une date.")},
        help_text=_("Ce jour compris\u00a0; un an au plus."),
    )

    def clean_until(self) -> datetime:
        """The end of that local day."""
        day = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= day <= today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("D’aujourd’hui à dans un an."))
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
