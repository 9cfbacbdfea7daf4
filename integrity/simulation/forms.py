"""What a simulation report may be narrowed to, and how it computes: everything that its URL may say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrity.filters import Chip, FilterField
from integrity.simulation.approvals import MAX_NOTE, MIN_NOTE
from integrity.simulation.report import Parameters, Rounding

CORRECTED, AS_READ = "yes", "no"
Places = Mapping[str, Mapping[UUID, str]]


class SimulationForm(forms.Form):
    first_day = forms.DateField(
        label=gettext_lazy("Reçues du"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last_day = forms.DateField(
        label=gettext_lazy("Au"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    depot = FilterField(label=gettext_lazy("Dépôt"))
    tank = FilterField(label=gettext_lazy("Citerne"))
    rounding = FilterField(label=gettext_lazy("Arrondis"), choices=Rounding.choices)
    hydrometer = FilterField(
        label=gettext_lazy("Densimètre"),
        choices=[
            (CORRECTED, gettext_lazy("Verre, corrigé")),
            (AS_READ, gettext_lazy("Non corrigé")),
        ],
    )
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, places: Places) -> None:
        super().__init__(data)
        for name, nobody in (("depot", _("Tous")), ("tank", _("Toutes"))):
            choices = [(str(place), label) for place, label in places[name].items()]
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [("", nobody), *choices]

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("La période finit avant de commencer."))

    @property
    def parameters(self) -> Parameters:
        """Of a valid form."""
        data = self.cleaned_data
        return Parameters(
            first_day=data["first_day"],
            last_day=data["last_day"],
            depot=UUID(data["depot"]) if data["depot"] else None,
            tank=UUID(data["tank"]) if data["tank"] else None,
            rounding=Rounding(data["rounding"] or Rounding.ML_PP),
            hydrometer=data["hydrometer"] != AS_READ,
        )

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"] or 1


class ApprovalForm(forms.Form):
    """What an approver sends: the checksum of the report that they read, and why they approve it."""

    checksum = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        min_length=MIN_NOTE,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Ce qui a été vérifié et ce que vous autorisez. Elle ne se modifie plus."
        ),
    )


def report_url(route: str, parameters: Parameters, **more: Any) -> str:
    """URL of a page of that report; what is by default stays out of it."""
    values = {
        "first_day": parameters.first_day,
        "last_day": parameters.last_day,
        "depot": parameters.depot,
        "tank": parameters.tank,
        "rounding": None if parameters.rounding == Rounding.ML_PP else parameters.rounding.value,
        "hydrometer": None if parameters.hydrometer else AS_READ,
        **more,
    }
    query = urlencode({name: value for name, value in values.items() if value is not None})
    return reverse(route) + (f"?{query}" if query else "")


def filters_in_words(parameters: Parameters, places: Places) -> list[tuple[str, str, Parameters]]:
    """What narrows the report: a label, a value, and the parameters without it."""
    first, last, depot, tank = (
        parameters.first_day,
        parameters.last_day,
        parameters.depot,
        parameters.tank,
    )
    found = []
    if first:
        found.append((_("Reçues du"), f"{first:%d/%m/%Y}", replace(parameters, first_day=None)))
    if last:
        found.append((_("Au"), f"{last:%d/%m/%Y}", replace(parameters, last_day=None)))
    if depot:
        name = places["depot"].get(depot, str(depot))
        found.append((_("Dépôt"), name, replace(parameters, depot=None)))
    if tank:
        name = places["tank"].get(tank, str(tank))
        found.append((_("Citerne"), name, replace(parameters, tank=None)))
    return found


def chips(parameters: Parameters, places: Places) -> list[Chip]:
    """The active filters, each with the URL of the report without it."""
    return [
        Chip(
            _("{filter} : {value}").format(filter=label, value=value),
            report_url("integrity:simulation", without),
        )
        for label, value, without in filters_in_words(parameters, places)
    ]
