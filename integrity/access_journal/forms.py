"""What the URL of the access journal may say."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from alerts.kpis import Span
from integrity.filters import Chip, FilterField
from mlpp_gov.access.events import Event, Severity
from mlpp_gov.access.recording import hashed_name
from mlpp_gov.fields import FIRST_DAY, DayField, PageField
from mlpp_gov.models import User

USUAL_DAYS = 7
MOST_DAYS = 366


class JournalForm(forms.Form):
    event = FilterField(
        label=gettext_lazy("Événement"), choices=[("", gettext_lazy("Tous")), *Event.choices]
    )
    severity = FilterField(
        label=gettext_lazy("Sévérité"), choices=[("", gettext_lazy("Toutes")), *Severity.choices]
    )
    status = forms.IntegerField(
        label=pgettext_lazy("HTTP", "Réponse"),
        required=False,
        min_value=100,
        max_value=599,
        help_text=gettext_lazy("Par exemple 403."),
    )
    route = forms.CharField(label=gettext_lazy("Page (nom exact)"), required=False, max_length=100)
    account = forms.CharField(
        label=gettext_lazy("Compte"),
        required=False,
        max_length=150,
        help_text=gettext_lazy(
            "Le nom exact\u00a0; trouve aussi les connexions refusées à ce nom."
        ),
    )
    address = forms.CharField(
        label=gettext_lazy("Adresse ou réseau"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Ou 10.0.0.0/8."),
    )
    page = PageField()

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["from"] = DayField(label=gettext_lazy("Du"))
        self.fields["to"] = DayField(label=gettext_lazy("Au"))

    def clean_address(self) -> str:
        """An address, or a network, as PostgreSQL reads it."""
        text = self.cleaned_data["address"]
        try:
            network = ip_network(text, strict=False) if text else None
        except ValueError as error:
            raise ValidationError(
                _("Adresse inconnue\u00a0: par exemple 41.243.7.12, ou 41.243.0.0/16.")
            ) from error
        if network is None:
            return ""
        is_one = network.prefixlen == network.max_prefixlen
        return str(network.network_address if is_one else network)

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if self.errors:
            return
        if first and last and first > last:
            self.add_error("to", _("La fin est avant le début."))
        elif len(self.span.days) > MOST_DAYS:
            self.add_error("to", _("{count}\u00a0jours au plus.").format(count=MOST_DAYS))

    @property
    def span(self) -> Span:
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        last = last or max(timezone.localdate(), first or FIRST_DAY)
        return Span(first or max(FIRST_DAY, last - timedelta(days=USUAL_DAYS - 1)), last)


@dataclass(frozen=True)
class JournalFilters:
    """What a valid form asks for."""

    form: JournalForm

    @property
    def page(self) -> int:
        return self.form.cleaned_data["page"] or 1

    @property
    def span(self) -> Span:
        return self.form.span

    @property
    def _values(self) -> dict[str, Any]:
        """What is filled in, the page apart."""
        data = self.form.cleaned_data
        return {name: data[name] for name in data if name != "page" and data[name]}

    @cached_property
    def people(self) -> dict[int, str]:
        """Names of those that the account asked for may be, one query; nobody when none is asked for."""
        account = self._values.get("account")
        if not account:
            return {}
        people = User.objects.filter(username__iexact=account)
        return dict(people.values_list("pk", "username"))

    def parameters(self) -> dict[str, Any]:
        """Those of the named queries."""
        values = self._values
        owasp, _, reason = values.get("event", "").partition(":")
        account = values.get("account")
        return {
            "from": self.span.starts,
            "to": self.span.ends,
            "event": owasp or None,
            "reason": reason if owasp else None,
            "severity": values.get("severity"),
            "status": values.get("status"),
            "route": values.get("route"),
            "users": list(self.people) if account else None,
            "typed": hashed_name(account) if account else None,
            "address": values.get("address"),
        }

    def url(self, **changes: Any) -> str:
        """The journal's URL with these filters, some changed; None takes one away."""
        values = {k: v for k, v in {**self._values, **changes}.items() if v is not None}
        query = urlencode(
            {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
        )
        return reverse("access:journal") + (f"?{query}" if query else "")

    def chips(self) -> list[Chip]:
        return [
            Chip(
                _("{label} : {value}").format(
                    label=self.form.fields[name].label, value=self._text(name, value)
                ),
                self.url(**{name: None}),
            )
            for name, value in self._values.items()
        ]

    def _text(self, name: str, value: Any) -> str:
        match value:
            case date():
                return f"{value:%d/%m/%Y}"
            case str() if name == "event":
                return str(Event(value).label)
        return str(value)
