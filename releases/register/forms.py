"""What a person types to register a release candidate."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from releases.forms import ActForm

CATEGORIES = ("MAINTENANCE", "AUDIT", "SCALE", "POST-PROD FEATURE")
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{7,40}", re.ASCII)


class RegisterForm(ActForm):
    tag = forms.CharField(
        label=_("Tag"),
        max_length=100,
        error_messages={
            "required": _("Donnez le tag Git."),
            "max_length": _("Le tag a au plus 100\u00a0caractères."),
        },
        help_text=_("Par exemple v1.4.0. Il désigne ce commit pour toujours."),
    )
    commit = forms.CharField(
        label=_("Commit"),
        error_messages={"required": _("Donnez le commit du tag.")},
        help_text=_("De 7 à 40\u00a0chiffres hexadécimaux\u00a0: git rev-parse --short TAG."),
    )
    category = forms.ChoiceField(
        label=_("Catégorie"),
        choices=[("", _("Choisir une catégorie")), *((name, name) for name in CATEGORIES)],
        error_messages={
            "required": _("Choisissez la catégorie."),
            "invalid_choice": _("La catégorie est MAINTENANCE, AUDIT, SCALE ou POST-PROD FEATURE."),
        },
    )
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("Les notes ont au plus 10\u00a0000\u00a0caractères.")},
        help_text=_("Ce que la release change, facultatif."),
    )

    def clean_tag(self) -> str:
        tag = self.cleaned_data["tag"]
        if not TAG.fullmatch(tag) or ".." in tag or tag.endswith((".", ".lock")):
            raise forms.ValidationError(
                _(
                    "Des lettres sans accent, chiffres, points, tirets et traits bas\u00a0; une lettre "
                    "ou un chiffre d’abord, ni «\u00a0..\u00a0» ni «\u00a0.\u00a0» ou "
                    "«\u00a0.lock\u00a0» à la fin."
                )
            )
        return tag

    def clean_commit(self) -> str:
        commit = self.cleaned_data["commit"].lower()
        if not COMMIT.fullmatch(commit):
            raise forms.ValidationError(_("Le commit a de 7 à 40\u00a0chiffres hexadécimaux."))
        return commit
