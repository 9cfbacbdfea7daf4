"""What an administrator types to say who is told what, and what the URL of the messages may say."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import Severity
from integrity.checks.catalogue import catalogue
from integrity.checks.evaluation import label_of
from integrity.filters import FilterField
from integrity.notifications.messages import STATES
from integrity.notifications.rules import (
    ASSIGNEE,
    CHANNEL,
    DELAYED,
    DELIVERIES,
    OF_ALERTS,
    ROLES,
    TOPICS,
    Depots,
    Rule,
    depot_text,
    recipient_text,
)
from mlpp_gov.fields import PageField

MOST_HOURS = 8760
UNKNOWN_VALUE = FilterField.default_error_messages


class ClockField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            input_formats=["%H:%M"],
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages={"invalid": gettext_lazy("Donnez une heure, par exemple 20:00.")},
            **options,
        )


class RuleForm(forms.Form):
    """A rule. What the database refuses together is said here beside the field that is wrong."""

    topic = forms.ChoiceField(
        label=gettext_lazy("Sujet"),
        choices=[(topic, gettext_lazy(label)) for topic, label in TOPICS.items()],
        error_messages=UNKNOWN_VALUE,
    )
    severity = FilterField(
        label=gettext_lazy("Sévérité"), choices=[("", gettext_lazy("Toutes")), *Severity.choices]
    )
    check_code = FilterField(label=gettext_lazy("Contrôle"))
    depot_id = forms.TypedChoiceField(
        label=gettext_lazy("Dépôt"),
        required=False,
        empty_value=None,
        coerce=UUID,
        error_messages=UNKNOWN_VALUE,
    )
    recipient = forms.ChoiceField(label=gettext_lazy("Destinataire"), error_messages=UNKNOWN_VALUE)
    delivery = forms.ChoiceField(
        label=gettext_lazy("Envoi"),
        choices=[(way, gettext_lazy(label)) for way, label in DELIVERIES.items()],
        error_messages=UNKNOWN_VALUE,
        help_text=gettext_lazy(
            "Regroupé, un seul message réunit ce qui s’est passé depuis le précédent."
        ),
    )
    delay_hours = forms.IntegerField(
        label=gettext_lazy("Attente en heures"),
        min_value=0,
        max_value=MOST_HOURS,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            gettext_lazy("Un nombre entier d’heures, de 0 à 8\u00a0760."),
        ),
        help_text=gettext_lazy(
            "Après l’échéance (délai dépassé) ou après l’acquittement (rappel)\u00a0; sinon 0."
        ),
    )
    quiet_from = ClockField(label=gettext_lazy("Silence de"))
    quiet_to = ClockField(
        label=gettext_lazy("Silence à"),
        help_text=gettext_lazy(
            "Heures locales sans envoi regroupé\u00a0; la fin peut être le lendemain."
        ),
    )
    details = forms.BooleanField(
        label=gettext_lazy("Détails par les canaux"),
        required=False,
        help_text=gettext_lazy(
            "Les messages des alertes (noms, chiffres) partent aussi vers un service extérieur. "
            "Un e-mail à une personne les contient toujours."
        ),
    )
    recovery = forms.BooleanField(
        label=gettext_lazy("Retours à la normale"),
        required=False,
        help_text=gettext_lazy("Dire aussi «\u00a0rétabli\u00a0» à qui avait été prévenu."),
    )
    enabled = forms.BooleanField(
        label=gettext_lazy("En service"),
        required=False,
        help_text=gettext_lazy("Hors service, la règle reste là et ne prévient personne."),
    )

    def __init__(self, data: Any, *, depots: Depots, rule: Rule | None = None) -> None:
        super().__init__(data)
        self.initial = {"delay_hours": 0, "recovery": True, "enabled": True}
        checks = {code: label_of(code) for code in catalogue()}
        places = {str(depot): name for depot, name in depots.items()}
        channels = [f"{CHANNEL}{name}" for name in sorted(settings.NOTIFY_CHANNELS)]
        recipients = {name: recipient_text(name) for name in (*ROLES, ASSIGNEE, *channels)}
        if rule:  # what it names may be gone since: it can still be kept, or switched off
            self.initial = {name: getattr(rule, name) for name in self.fields}
            recipients.setdefault(
                rule.recipient,
                _("{channel} (absent de NOTIFY_CHANNELS)").format(channel=rule.to_whom),
            )
            if rule.check_code:
                checks.setdefault(rule.check_code, rule.check_code)
            if rule.depot_id:
                places.setdefault(str(rule.depot_id), depot_text(rule.depot_id, depots))
        for name, choices in (
            ("check_code", {"": _("Tous les contrôles"), **checks}),
            ("depot_id", {"": _("Tous les dépôts"), **places}),
            ("recipient", recipients),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = list(choices.items())

    def clean(self) -> None:
        given = self.cleaned_data
        topic = given.get("topic")
        if topic and topic not in OF_ALERTS:
            for name in ("severity", "depot_id"):
                if given.get(name):
                    self.add_error(name, _("Ce sujet n’est pas une alerte\u00a0: choisissez tout."))
        if topic == "weekly_report" and given.get("check_code"):
            self.add_error(
                "check_code", _("Le rapport est d’un seul tenant\u00a0: tous les contrôles.")
            )
        if topic == "weekly_report" and given.get("delivery") == "digest":
            self.add_error("delivery", _("Le rapport part seul, aussitôt prêt."))
        if topic and topic not in DELAYED and given.get("delay_hours"):
            self.add_error(
                "delay_hours", _("Seulement après un délai dépassé ou un acquittement\u00a0: 0.")
            )
        if topic != "reminder" and given.get("recipient") == ASSIGNEE:
            self.add_error(
                "recipient", _("Seul un rappel va à la personne à qui l’alerte est confiée.")
            )
        self._clean_quiet_hours(given)

    def _clean_quiet_hours(self, given: dict[str, Any]) -> None:
        if "quiet_from" not in given or "quiet_to" not in given:
            return
        start, end = given["quiet_from"], given["quiet_to"]
        if (start is None) != (end is None):
            self.add_error("quiet_to" if start else "quiet_from", _("Donnez le début et la fin."))
        elif start and start == end:
            self.add_error("quiet_to", _("La fin est la même que le début."))
        elif start and given.get("delivery") == "at_once":
            self.add_error("quiet_from", _("Seulement pour un envoi regroupé\u00a0: laissez vide."))

    @property
    def rule_values(self) -> dict[str, Any]:
        """The columns of the rule."""
        return {name: None if value == "" else value for name, value in self.cleaned_data.items()}


class MessagesForm(forms.Form):
    """Which messages to show."""

    state = forms.ChoiceField(
        required=False,
        choices=list(STATES.items()),
        error_messages={"invalid_choice": gettext_lazy("État de message inconnu : « %(value)s ».")},
    )
    page = PageField()

    @property
    def state_chosen(self) -> str | None:
        return self.cleaned_data["state"] or None

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"] or 1
