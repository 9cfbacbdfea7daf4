"""What an administrator types to tune a check or to declare an opening stock."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrity.checks.opening_stocks import Places
from integrity.checks.states import CheckState, TunedThreshold, decimal_text

OWNERS = [("MONALUXE", "MONALUXE"), ("PARTENAIRE", "PARTENAIRE")]
NOTHING, MOST_LITRES = Decimal(0), Decimal(10**9)


class NumberField(forms.DecimalField):
    """A number as people write it: « 0,5 », « 0.5 », « 10 000 »."""

    def __init__(self, *, unit: str, lowest: Decimal, highest: Decimal, **options: Any) -> None:
        bounds = format_lazy(
            gettext_lazy("Une valeur entre {lowest} et {highest}\u00a0{unit}."),
            lowest=decimal_text(lowest),
            highest=decimal_text(highest),
            unit=unit,
        )
        super().__init__(
            min_value=lowest,
            max_value=highest,
            localize=True,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "min_value": bounds,
                "max_value": bounds,
                "invalid": gettext_lazy("Donnez un nombre."),
            },
            **options,
        )

    def to_python(self, value: Any) -> Any:
        """A Decimal, or None when nothing was typed. Raises ValidationError."""
        return super().to_python("".join(value.split()) if isinstance(value, str) else value)


class TuningForm(forms.Form):
    """Settings of one check; a field for each of its thresholds."""

    enabled = forms.BooleanField(
        label=gettext_lazy("En service"),
        required=False,
        help_text=gettext_lazy(
            "Éteint, un contrôle ne signale plus rien, et ses alertes se ferment."
        ),
    )
    time_limit = NumberField(
        label=gettext_lazy("Limite de temps (s)"),
        unit="s",
        lowest=Decimal("0.1"),
        highest=Decimal(300),
        decimal_places=3,
        help_text=gettext_lazy(
            "Au-delà, l’évaluation de ce contrôle est interrompue et comptée en échec."
        ),
    )

    def __init__(
        self, data: Any, *, state: CheckState, thresholds: Sequence[TunedThreshold]
    ) -> None:
        super().__init__(data)
        self._names = {f"threshold_{tuned.threshold.name}": tuned for tuned in thresholds}
        self.initial = {
            "enabled": state.enabled,
            "time_limit": Decimal(state.time_limit_ms or 0) / 1000,
        }
        for field, tuned in self._names.items():
            self.initial[field] = Decimal(f"{tuned.value.normalize():f}")
            self.fields[field] = NumberField(
                label=f"{tuned.label} ({tuned.unit})",
                unit=tuned.unit,
                lowest=tuned.lowest,
                highest=tuned.highest,
                decimal_places=6,
                help_text=tuned.hint,
            )

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in (*self._names, "time_limit")]

    @property
    def settings(self) -> dict[str, Any]:
        """What tune() takes."""
        data = self.cleaned_data
        return {
            "enabled": data["enabled"],
            "time_limit_ms": int(data["time_limit"] * 1000),
            "thresholds": {tuned.threshold.name: data[f] for f, tuned in self._names.items()},
        }


class OpeningStockKeyForm(forms.Form):
    """Which declaration to withdraw; what it is about may be gone."""

    citerne = forms.UUIDField()
    produit = forms.UUIDField()
    proprietaire = forms.ChoiceField(label=gettext_lazy("Propriétaire"), choices=OWNERS)


class OpeningStockForm(OpeningStockKeyForm):
    """The stock of one owner and one product in a tank that is there."""

    ambiant = NumberField(
        label=gettext_lazy("Stock ambiant (L)"),
        unit="L",
        lowest=NOTHING,
        highest=MOST_LITRES,
        decimal_places=3,
    )
    v15c = NumberField(
        label=gettext_lazy("Stock à 15\u00a0°C (L)"),
        unit="L",
        lowest=NOTHING,
        highest=MOST_LITRES,
        decimal_places=3,
    )

    def __init__(self, data: Any, *, places: Places) -> None:
        super().__init__(data)
        for name, label, choices in (
            ("citerne", _("Citerne"), places.tanks),
            ("produit", _("Produit"), places.products),
        ):
            self.fields[name] = forms.TypedChoiceField(
                label=label, choices=[("", _("Choisir")), *choices], coerce=UUID
            )
