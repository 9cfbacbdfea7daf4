"""The filters of the alert list: everything that its URL may say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.listing import Listing, read_listing
from alerts.models import (
    ACTIVE,
    ENTITY_LABELS,
    Severity,
    Status,
    is_accepted,
    is_late,
    is_unassigned,
    mentions,
)
from integrity.checks.catalogue import catalogue
from integrity.checks.other_sources import OTHER_SOURCES
from mlpp_gov.sentences import spoken

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
LONGEST_SEARCH = 200  # characters
STATUS_CHOICES = [
    ("active", gettext_lazy("Actives")),
    (Status.OPEN, gettext_lazy("Ouvertes")),
    (Status.ACK, gettext_lazy("Acquittées")),
    ("late", gettext_lazy("En retard")),
    ("unassigned", gettext_lazy("Confiées à personne")),
    (Status.RESOLVED, gettext_lazy("Résolues")),
    ("accepted", gettext_lazy("Acceptées")),
    ("all", gettext_lazy("Tous les états")),
]
COSTLY_STATUSES = ("late", "unassigned", "accepted")  # they are in other tables
SORT_CHOICES = [("severity", gettext_lazy("Gravité")), ("due", gettext_lazy("Échéance"))]


class FilterField(forms.ChoiceField):
    """A choice that a URL may leave out."""

    default_error_messages: ClassVar = {
        "invalid_choice": gettext_lazy("Valeur inconnue : « %(value)s ».")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


def check_choices() -> list[tuple[str, str]]:
    checks = [(check.code, spoken(check.label)) for check in catalogue().values()]
    others = [(source.code, spoken(source.label)) for source in OTHER_SOURCES.values()]
    return [("", _("Tous")), *checks, *others]


class FilterForm(forms.Form):
    severity = FilterField(
        label=gettext_lazy("Sévérité"), choices=[("", gettext_lazy("Toutes")), *Severity.choices]
    )
    entity_type = FilterField(
        label=gettext_lazy("Type d’entité"),
        choices=[("", gettext_lazy("Tous")), *ENTITY_LABELS.items()],
    )
    status = FilterField(label=gettext_lazy("État"), choices=STATUS_CHOICES)
    check = FilterField(label=gettext_lazy("Check"), choices=check_choices)
    q = forms.CharField(
        label=gettext_lazy("Recherche"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    sort = FilterField(label=gettext_lazy("Tri"), choices=SORT_CHOICES)
    page_size = forms.IntegerField(
        label=gettext_lazy("Par page"),
        required=False,
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        widget=forms.NumberInput(attrs={"placeholder": PAGE_SIZE}),
    )
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Chip:
    """An active filter and the URL without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Filters:
    """Valid values of FilterForm, with their defaults left out."""

    values: dict[str, Any]

    @classmethod
    def of(cls, form: FilterForm) -> "Filters":
        defaults = {"status": "active", "sort": "severity", "page_size": PAGE_SIZE, "page": 1}
        return cls(
            {
                name: value
                for name, value in form.cleaned_data.items()
                if value not in (None, "") and value != defaults.get(name)
            }
        )

    @property
    def page(self) -> int:
        return self.values.get("page", 1)

    @property
    def page_size(self) -> int:
        return self.values.get("page_size", PAGE_SIZE)

    @property
    def narrowing(self) -> dict[str, Any]:
        """What takes rows away, order and paging apart."""
        return {k: v for k, v in self.values.items() if k not in ("sort", "page", "page_size")}

    def read_listing(self, since: datetime | None = None) -> Listing:
        """The page that is asked for, the counters above it, and the news since a moment, if one is
        given; call it inside db_identity()."""
        return read_listing(
            self.condition(),
            page=self.page,
            size=self.page_size,
            due_first=self.values.get("sort") == "due",
            is_costly="q" in self.values or self.values.get("status") in COSTLY_STATUSES,
            since=since,
        )

    def condition(self) -> Q:
        """The rows these filters keep."""
        condition = Q(
            **{
                field: self.values[name]
                for name, field in (
                    ("severity", "severity"),
                    ("entity_type", "entity_type"),
                    ("check", "check_code"),
                )
                if name in self.values
            }
        )
        status = self.values.get("status", "active")
        if status == "active":
            condition &= Q(status__in=ACTIVE)
        elif status == "accepted":
            condition &= is_accepted()
        elif status == "late":
            condition &= is_late()
        elif status == "unassigned":
            condition &= is_unassigned()
        elif status != "all":
            condition &= Q(status=status)
        if "q" in self.values:
            condition &= mentions(self.values["q"])
        return condition

    def url(self, **changes: Any) -> str:
        """The list's URL with these filters, some changed; None takes one away."""
        values = {k: v for k, v in {**self.values, **changes}.items() if v is not None}
        return _address("integrity:list", values)

    def export_urls(self) -> dict[str, str]:
        """Where all the rows that these filters keep are, in each format."""
        return {
            kind: _address(f"integrity:export_{kind}", self.narrowing) for kind in ("csv", "json")
        }

    def severity_urls(self) -> dict[str, str]:
        """Where the three counters lead."""
        return {
            "total": self.url(severity=None, page=None),
            "accepted": Filters({}).url(status="accepted"),
            "critical": self.url(severity=Severity.CRITICAL, page=None),
            "warn": self.url(severity=Severity.WARN, page=None),
        }

    def chips(self, form: FilterForm) -> list[Chip]:
        return [
            Chip(said, self.url(**{name: None, "page": None}))
            for name, said in self.said(form).items()
        ]

    def said(self, form: FilterForm) -> dict[str, str]:
        """Each active filter in words: « Sévérité : WARN »."""
        return {
            name: _("{filter} : {value}").format(
                filter=form.fields[name].label, value=_text(form, name, value)
            )
            for name, value in self.narrowing.items()
        }


def _address(route: str, values: dict[str, Any]) -> str:
    query = urlencode(values)
    return reverse(route) + (f"?{query}" if query else "")


def _text(form: FilterForm, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices)[value])  # type: ignore[arg-type]
    return _("« {text} »").format(text=value)
