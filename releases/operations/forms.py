"""What a person types to open an operation, and to say what became of it."""

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from releases.operations.actions import NewStep

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,29}")
STOP = re.compile(r"STOP\b[\s:—–-]*")
MOST_TEXT = 2000
MOST_STEPS = 100
MOST_TITLE, MOST_REQUIREMENT = 300, 1000
MOST_ACTIVITIES, MOST_ACTIVITY = 10, 60
REQUIRED = {"required": gettext_lazy("À remplir.")}


class TextField(forms.CharField):
    """Lines as PostgreSQL keeps them, whatever ends them in the browser."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages=REQUIRED,
            **{"max_length": MOST_TEXT, **options},
        )

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class EntryForm(forms.Form):
    """The text of one entry of the log: evidence, reason or note; `target` says what it is about."""

    text = TextField()

    def __init__(
        self,
        data: Any = None,
        *,
        target: str,
        label: str,
        is_required: bool = True,
        hint: str = "",
    ) -> None:
        super().__init__(data, auto_id=f"id-{target}-%s")
        self.target = target
        self.fields["text"].label = label
        self.fields["text"].required = is_required
        self.fields["text"].help_text = hint


class OperationForm(forms.Form):
    """A new operation, its steps one per line."""

    title = forms.CharField(label=gettext_lazy("Titre"), max_length=200, error_messages=REQUIRED)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        error_messages=REQUIRED,
        validators=[
            RegexValidator(
                CODE.pattern + r"\Z",
                gettext_lazy(
                    "De 2 à 30 lettres sans accent, chiffres, tirets ; par exemple ASTM53B."
                ),
            )
        ],
        help_text=gettext_lazy("Court, il entre dans l’adresse de la page\u00a0: ASTM53B."),
    )
    why = TextField(
        label=gettext_lazy("Pourquoi"),
        min_length=10,
        help_text=gettext_lazy("Le constat, le risque, le périmètre."),
    )
    activities = forms.CharField(
        label=gettext_lazy("Activités gelées"),
        required=False,
        max_length=700,
        help_text=gettext_lazy(
            "Séparées par des virgules, par exemple «\u00a0Sorties, Réceptions\u00a0». Elles sont "
            "gelées au lancement, et chaque page le dit."
        ),
    )
    steps = TextField(
        label=gettext_lazy("Étapes"),
        rows=8,
        max_length=100_000,
        help_text=gettext_lazy(
            "Une par ligne, dans l’ordre. Une ligne qui commence par STOP est un STOP. Après une "
            "barre |, la preuve demandée\u00a0: «\u00a0STOP Sauvegarde vérifiée | référence du fichier\u00a0»."
        ),
    )

    def clean_activities(self) -> list[str]:
        typed = [name.strip() for name in self.cleaned_data["activities"].split(",")]
        activities = list(dict.fromkeys(name for name in typed if name))
        if len(activities) > MOST_ACTIVITIES:
            raise forms.ValidationError(_("Au plus {most} activités.").format(most=MOST_ACTIVITIES))
        for activity in activities:
            if len(activity) > MOST_ACTIVITY:
                raise forms.ValidationError(
                    _(
                        "Trop long, {most} caractères au plus\u00a0: «\u00a0{activity}\u00a0»."
                    ).format(most=MOST_ACTIVITY, activity=activity)
                )
        return activities

    def clean_steps(self) -> list[NewStep]:
        lines = [line.strip() for line in self.cleaned_data["steps"].splitlines() if line.strip()]
        if len(lines) > MOST_STEPS:
            raise forms.ValidationError(
                _("Au plus {most} étapes\u00a0; il y en a {count}.").format(
                    most=MOST_STEPS, count=len(lines)
                )
            )
        steps = [_step(line) for line in lines]
        wrong = [
            (_("{number} (trop longue)") if step.title else _("{number} (sans titre)")).format(
                number=number
            )
            for number, step in enumerate(steps, start=1)
            if not step.title
            or len(step.title) > MOST_TITLE
            or len(step.requirement) > MOST_REQUIREMENT
        ]
        if wrong:
            raise forms.ValidationError(
                _("Étapes à revoir\u00a0: {numbers}.").format(numbers=", ".join(wrong))
            )
        return steps


def _step(line: str) -> NewStep:
    """« STOP : titre | preuve » or « titre | preuve »."""
    title, _bar, requirement = line.partition("|")
    stop = STOP.match(title)
    return NewStep(
        kind="stop" if stop else "step",
        title=(title[stop.end() :] if stop else title).strip(),
        requirement=requirement.strip(),
    )
