"""What a person types to freeze the releases, or to end the freeze."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from releases.forms import ActForm, choices, text_field
from releases.journal import ENDS


class BeginForm(ActForm):
    release = forms.TypedChoiceField(
        label=_("Release gelée"),
        coerce=int,
        error_messages={
            "required": _("Choisissez la release."),
            "invalid_choice": _(
                "Cette release n’est pas dans la liste\u00a0: son gate n’est pas ouvert."
            ),
        },
    )
    reason = text_field(_("Raison"), _("Un gel demande sa raison."))

    def __init__(self, data: Any, *, releases: list[dict[str, Any]]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["release"]).choices = [
            (row["id"], f"{row['tag']} ({row['commit']})") for row in releases
        ]


class EndForm(ActForm):
    purpose = forms.ChoiceField(
        label=_("Le gel finit"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites si c’est comme prévu ou pour un correctif urgent."),
            "invalid_choice": _("Dites si c’est comme prévu ou pour un correctif urgent."),
        },
    )
    why = text_field(_("Pourquoi"), _("Dites pourquoi le gel finit."))

    def __init__(self, data: Any, *, only_urgent: bool) -> None:
        super().__init__(data)
        offered = {k: v for k, v in ENDS.items() if k == "urgent_fix" or not only_urgent}
        cast(forms.ChoiceField, self.fields["purpose"]).choices = choices(offered)
