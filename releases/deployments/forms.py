"""What a person types to open, plan, conduct and correct a deployment, and what the history may be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from releases.acts import Plan
from releases.forms import PageForm, choices, text_field
from releases.journal import ENVIRONMENTS, SEVERITIES, STATES, STEPS, VERDICTS

SECTIONS = {  # of a post-mortem: label, guidance
    "context": (
        gettext_noop("Contexte"),
        gettext_noop(
            "Ce qui était déployé, quand, par qui, et ce qui se passait au dépôt à ce moment."
        ),
    ),
    "symptoms": (
        gettext_noop("Symptômes"),
        gettext_noop(
            "Ce que les utilisateurs ont vu, depuis quand, combien étaient touchés, et qui l’a signalé."
        ),
    ),
    "cause": (
        gettext_noop("Cause"),
        gettext_noop(
            "Pourquoi cela s’est produit, jusqu’à la première cause\u00a0: pas qui, mais quoi."
        ),
    ),
    "sql_proof": (
        gettext_noop("Preuve SQL"),
        gettext_noop(
            "La requête qui montre le défaut et son résultat, avant puis après la correction. Pas de donnée "
            "personnelle."
        ),
    ),
    "fix": (
        gettext_noop("Correction"),
        gettext_noop("Ce qui a été fait pour rétablir le service, et ce qui reste à corriger."),
    ),
    "prevention": (
        gettext_noop("Prévention"),
        gettext_noop(
            "Le test, le contrôle ou la règle qui l’aurait arrêté\u00a0: qui l’ajoute, pour quand."
        ),
    ),
    "validation": (
        gettext_noop("Validation"),
        gettext_noop("Comment on sait que c’est corrigé, qui l’a vérifié et à quelle date."),
    ),
}


class MomentField(forms.DateTimeField):
    """A local date and time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            error_messages={
                "invalid": gettext_lazy(
                    "Donnez une date et une heure, par exemple 24/11/2026 20:00."
                )
            },
            **options,
        )


class PlanForm(forms.Form):
    """What production asks for before it is authorised; staging may leave it out."""

    backup = forms.CharField(
        label=gettext_lazy("Référence de la sauvegarde"),
        required=False,
        max_length=500,
        error_messages={"max_length": gettext_lazy("500\u00a0caractères au plus.")},
        help_text=gettext_lazy(
            "Où est la sauvegarde vérifiée, par exemple backups/prod_2026-11-24.dump. En production, "
            "obligatoire."
        ),
    )
    rollback = forms.CharField(
        label=gettext_lazy("Plan de retour en arrière"),
        required=False,
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("10\u00a0000 caractères au plus.")},
        help_text=gettext_lazy(
            "La procédure, ou où elle est écrite\u00a0: docs/ROLLBACK_WEB_RUNBOOK.md. En production, "
            "obligatoire."
        ),
    )
    window_from = MomentField(label=gettext_lazy("Fenêtre de maintenance, de"))
    window_to = MomentField(label=gettext_lazy("Fenêtre de maintenance, à"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        zone = timezone.get_current_timezone_name()
        self.fields["window_to"].help_text = _(
            "Heure locale ({zone}). En production, obligatoire."
        ).format(zone=zone)

    def clean(self) -> None:
        first, last = self.cleaned_data.get("window_from"), self.cleaned_data.get("window_to")
        if "window_from" in self.errors or "window_to" in self.errors:
            return
        if (first is None) != (last is None):
            missing = "window_from" if first is None else "window_to"
            self.add_error(missing, _("Une fenêtre a un début et une fin."))
        elif first and last:
            if last <= first:
                self.add_error("window_to", _("La fin est avant le début."))
            elif last <= timezone.now():
                self.add_error("window_to", _("Cette fenêtre est passée."))
            elif last > timezone.now() + timedelta(days=366):
                self.add_error("window_to", _("Dans un an au plus."))
            elif first < timezone.now() - timedelta(days=366):
                self.add_error("window_from", _("Il y a un an au plus."))

    @property
    def plan(self) -> Plan:
        """What is known so far."""
        return Plan(**{name: self.cleaned_data[name] for name in Plan.__dataclass_fields__})


class OpenForm(PlanForm):
    release = forms.TypedChoiceField(
        label=gettext_lazy("Release"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choisissez une release."),
            "invalid_choice": gettext_lazy("Cette release n’est pas enregistrée."),
        },
    )
    environment = forms.ChoiceField(
        label=gettext_lazy("Environnement"),
        choices=[("", gettext_lazy("Choisir")), *choices(ENVIRONMENTS)],
        error_messages={
            "required": gettext_lazy("Choisissez staging ou production."),
            "invalid_choice": gettext_lazy("Environnement inconnu\u00a0: staging ou production."),
        },
    )

    def __init__(
        self, data: Any = None, *, releases: Iterable[tuple[int, str]], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.order_fields(["release", "environment"])
        self.fields["release"].choices = [  # type: ignore[attr-defined]
            ("", _("Choisir")),
            *((str(number), label) for number, label in releases),
        ]


class AnswerForm(forms.Form):
    item = forms.CharField(max_length=100, widget=forms.HiddenInput)
    evidence = forms.CharField(
        label=gettext_lazy("Preuve"),
        required=False,
        max_length=4000,
        error_messages={"max_length": gettext_lazy("Au plus 4\u00a0000\u00a0caractères.")},
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("Réponse"),
        choices=choices({answer: VERDICTS[answer] for answer in ("ok", "no")}),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Répondez oui ou non.")
        ),
    )

    def clean(self) -> None:
        if self.cleaned_data.get("verdict") == "ok" and not self.cleaned_data.get("evidence"):
            self.add_error("evidence", _("Un oui demande une preuve\u00a0: un lien ou un texte."))


class StartForm(forms.Form):
    commit = forms.RegexField(
        r"^[0-9a-f]{7,40}$",
        label=gettext_lazy("Commit qui va être déployé"),
        help_text=gettext_lazy("git rev-parse HEAD, là où se fait le build."),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("De 7 à 40 chiffres hexadécimaux minuscules.")
        ),
    )
    configuration = forms.RegexField(
        r"^[0-9a-f]{8,64}$",
        label=gettext_lazy("Empreinte de la configuration"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("De 8 à 64 chiffres hexadécimaux minuscules.")
        ),
    )

    def __init__(self, data: Any = None, *, environment: str, **options: Any) -> None:
        super().__init__(data, **options)
        file = {"production": "env/.env.prod"}.get(environment, "env/.env.staging")
        self.fields["configuration"].help_text = _(
            "sha256sum {file}\u00a0: la même qu’au gate."
        ).format(file=file)


class AttemptForm(forms.Form):
    step = forms.ChoiceField(
        label=gettext_lazy("Étape"),
        choices=choices(STEPS),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Build ou déploiement.")
        ),
    )
    details = text_field(gettext_lazy("Ce qui s’est passé"), required=False)
    succeeded = forms.TypedChoiceField(
        label=gettext_lazy("Résultat"),
        choices=[("yes", gettext_lazy("Réussi")), ("no", gettext_lazy("Échoué"))],
        coerce=lambda value: value == "yes",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Dites si l’essai a réussi.")
        ),
    )


def _measure(label: Any, most: int) -> forms.DecimalField:
    wrong = format_lazy(gettext_lazy("Un nombre de 0 à {most}, par exemple 0,4."), most=most)
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=most,
        max_digits=8,
        decimal_places=3,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(
            (
                "required",
                "invalid",
                "min_value",
                "max_value",
                "max_digits",
                "max_decimal_places",
                "max_whole_digits",
            ),
            wrong,
        ),
    )


class WatchForm(forms.Form):
    error_percent = _measure(gettext_lazy("Taux d’erreur (%)"), 100)
    unavailable_minutes = _measure(
        gettext_lazy("Indisponibilité depuis le dernier relevé (min)"), 1440
    )
    note = text_field(gettext_lazy("Note"), required=False)


class IncidentForm(forms.Form):
    severity = forms.ChoiceField(
        label=gettext_lazy("Gravité"),
        choices=choices(SEVERITIES),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choisissez la gravité.")
        ),
    )
    description = text_field(gettext_lazy("Ce qui s’est passé"))


class FailForm(forms.Form):
    why = text_field(gettext_lazy("Pourquoi"))


class CorrectionForm(forms.Form):
    text = text_field(
        gettext_lazy("Rectification"),
        help_text=gettext_lazy(
            "Elle s’ajoute à l’historique\u00a0; rien de ce qui est écrit ne change."
        ),
    )


class RollbackForm(forms.Form):
    environment = forms.ChoiceField(choices=choices(ENVIRONMENTS), widget=forms.HiddenInput)
    target = forms.IntegerField(
        widget=forms.HiddenInput
    )  # the deployment that the person was shown
    reason = text_field(gettext_lazy("Raison du retour en arrière"))


class PostMortemForm(forms.Form):
    """The seven sections; each may wait, it is owed until none is empty."""

    seen = forms.IntegerField(min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        for name, (label, guidance) in SECTIONS.items():
            self.fields[name] = forms.CharField(
                label=_(label),
                help_text=_(guidance),
                required=False,
                max_length=20000,
                widget=forms.Textarea(attrs={"rows": 4}),
                error_messages={"max_length": _("20\u00a0000 caractères au plus.")},
            )

    @property
    def sections(self) -> dict[str, str]:
        """The texts by section."""
        return {name: self.cleaned_data[name] for name in SECTIONS}


class HistoryForm(PageForm):
    """Which of the history to show."""

    environment = forms.ChoiceField(
        label=gettext_lazy("Environnement"),
        required=False,
        choices=[("", gettext_lazy("Les deux")), *choices(ENVIRONMENTS)],
        error_messages={
            "invalid_choice": gettext_lazy("Environnement inconnu\u00a0: «\u00a0%(value)s\u00a0».")
        },
    )
    state = forms.ChoiceField(
        label=gettext_lazy("État"),
        required=False,
        choices=[("", gettext_lazy("Tous")), *choices(STATES)],
        error_messages={
            "invalid_choice": gettext_lazy("État inconnu\u00a0: «\u00a0%(value)s\u00a0».")
        },
    )

    @property
    def filters(self) -> dict[str, str | None]:
        """The parameters of the named queries."""
        return {name: self.cleaned_data[name] or None for name in ("environment", "state")}

    def url(self, **changes: Any) -> str:
        """The history's URL with these filters, some changed; None takes one away."""
        values = {k: v for k, v in {**self.filters, **changes}.items() if v is not None}
        return reverse("deployments:history") + (f"?{urlencode(values)}" if values else "")

    def back(self) -> str:
        """The end of a link to a page that leads back here, as far as the history is narrowed or turned."""
        here = self.url(page=self.cleaned_data["page"])
        return f"?{urlencode({'retour': here})}" if "?" in here else ""

    def chips(self) -> list["Chip"]:
        texts = dict(choices({**ENVIRONMENTS, **STATES}))
        return [
            Chip(
                _("{field}\u00a0: {said}").format(field=self.fields[name].label, said=texts[value]),
                self.url(**{name: None}),
            )
            for name, value in self.filters.items()
            if value
        ]


@dataclass(frozen=True)
class Chip:
    """An active filter and the URL without it."""

    label: str
    url: str
