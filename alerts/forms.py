"""What a person types when they handle an alert."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Self, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from alerts.models import Reason
from alerts.transitions import Acceptance
from mlpp_gov.models import User
from mlpp_gov.roles import Permission, Role, role_grants

CLAIM, ACCEPT = "claim", "accept"
HANDLERS = [role for role in Role if role_grants(role, Permission.HANDLE_ALERTS)]
ASSIGNABLE = Q(role__in=HANDLERS, is_active=True, supabase_user_id__isnull=False)


class ResolutionForm(forms.Form):
    """For a cause that is still there: corrected and to be verified, or accepted on terms."""

    intent = forms.ChoiceField(
        label=gettext_lazy("Décision"),
        choices=[
            (CLAIM, gettext_lazy("Corrigée, en attente de vérification")),
            (ACCEPT, gettext_lazy("Acceptée : elle reste là, et l’alerte reste fermée")),
        ],
        widget=forms.RadioSelect,
        initial=CLAIM,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Raison"),
        choices=[("", gettext_lazy("Choisir une raison")), *Reason.choices],
        required=False,
    )
    comment = forms.CharField(
        label=gettext_lazy("Commentaire"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Obligatoire pour « Autre »."),
    )
    until = forms.DateField(
        label=gettext_lazy("Acceptée jusqu’au"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Ce jour compris. L’alerte se rouvre ensuite si la cause est toujours là."
        ),
    )
    margin = forms.IntegerField(
        label=gettext_lazy("Marge d’aggravation (%)"),
        required=False,
        min_value=0,
        max_value=1000,
        initial=10,
        help_text=gettext_lazy("Au-delà, l’alerte se rouvre avant la date."),
    )

    def clean(self) -> None:
        """The terms are asked for, and judged, when the cause is accepted."""
        if self.cleaned_data.get("intent") != ACCEPT:
            for name in ("reason", "comment", "until", "margin"):
                self.errors.pop(name, None)
            return
        self._judge_until(self.cleaned_data.get("until"))
        if not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Une acceptation demande une raison."))
        if self.cleaned_data.get("reason") == Reason.OTHER and not self.cleaned_data.get("comment"):
            self.add_error("comment", _("Dites laquelle : le commentaire est obligatoire."))

    def _judge_until(self, until: date | None) -> None:
        today = timezone.localdate()
        if "until" in self.errors:
            return
        if until is None:
            self.add_error("until", _("Une acceptation demande une date de fin."))
        elif until < today:
            self.add_error("until", _("La date de fin est passée."))
        elif until > today + timedelta(days=366):
            self.add_error("until", _("Une acceptation dure un an au plus."))

    @property
    def terms(self) -> Acceptance | None:
        """Terms of the acceptance, until the end of the last local day; None for a claim."""
        data = self.cleaned_data
        if data["intent"] != ACCEPT:
            return None
        end = datetime.combine(data["until"], time.max, tzinfo=timezone.get_current_timezone())
        margin = 10 if data["margin"] is None else data["margin"]
        return Acceptance(reason=data["reason"], comment=data["comment"], until=end, margin=margin)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignmentForm(forms.Form):
    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Confier à"),
        required=False,
        empty_label=pgettext_lazy("assignee", "Personne"),
        queryset=User.objects.filter(ASSIGNABLE),
    )

    @classmethod
    def offering(cls, people: Iterable[User], *, holder: UUID | None = None) -> Self:
        """Unbound, with its choices from people already read, all that ASSIGNABLE names among them;
        open on the one who has the alert, so that nothing is taken back unasked."""
        form = cls()
        field = cast(forms.ModelChoiceField, form.fields["assignee"])
        assignable = [p for p in people if p.can_handle_alerts and p.supabase_user_id]
        field.choices = [("", field.empty_label), *((p.pk, str(p)) for p in assignable)]
        form.initial["assignee"] = next(
            (p.pk for p in assignable if holder and p.supabase_user_id == holder), None
        )
        return form
