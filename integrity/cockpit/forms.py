"""What the URLs of the cockpit, of the periods and of the weekly report may say."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from alerts.kpis import Choice, Metric, Span
from alerts.models import Severity
from integrity.checks.evaluation import label_of
from integrity.cockpit.indicators import LABELS
from integrity.filters import FilterField, check_choices
from mlpp_gov.fields import FIRST_DAY, LAST_DAY, DayField, PageField

DAYS = (7, 30, 90)
USUAL_DAYS = 30
WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


class SpanForm(forms.Form):
    span = forms.TypedChoiceField(
        required=False,
        choices=[(days, days) for days in DAYS],
        coerce=int,
        empty_value=None,
        error_messages={
            "invalid_choice": gettext_lazy(
                "Durée inconnue\u00a0: choisissez 7, 30 ou 90\u00a0jours."
            )
        },
    )

    @property
    def days(self) -> int:
        return self.cleaned_data["span"] or USUAL_DAYS


class ChoiceForm(forms.Form):
    """Which periods count."""

    severity = FilterField(
        label=gettext_lazy("Sévérité"), choices=[("", gettext_lazy("Toutes")), *Severity.choices]
    )
    check = FilterField(label=gettext_lazy("Contrôle"), choices=check_choices)

    @property
    def choice(self) -> Choice:
        data = self.cleaned_data
        return Choice(severity=data["severity"] or None, check=data["check"] or None)

    @property
    def said(self) -> str:
        """« sévérité WARN, contrôle Stock négatif », or « aucun »."""
        choice = self.choice
        parts = (
            [_("sévérité {severity}").format(severity=choice.severity)] if choice.severity else []
        )
        if choice.check:
            parts.append(_("contrôle {check}").format(check=label_of(choice.check)))
        return ", ".join(parts) or pgettext("filtre", "aucun")


class WeekForm(ChoiceForm):
    """An ISO week; the last whole one when none is given."""

    week = forms.CharField(
        label=gettext_lazy("Semaine"),
        required=False,
        max_length=8,
        widget=forms.TextInput({"type": "week"}),
    )
    field_order = ("week", "severity", "check")

    def clean_week(self) -> Span:
        """The week's days. Raises ValidationError when there is no such week."""
        text = self.cleaned_data["week"]
        if not text:
            last = (timezone.localdate() - timedelta(days=7)).isocalendar()
            return Span.week(last.year, last.week)
        found = WEEK.fullmatch(text)
        try:
            span = Span.week(int(found[1]), int(found[2])) if found else None
        except (ValueError, OverflowError):
            span = None
        if span is None or not FIRST_DAY <= span.first <= LAST_DAY:
            raise ValidationError(
                _("Semaine inconnue\u00a0: écrivez l’année et le numéro, par exemple 2026-W47.")
            )
        return span

    @property
    def span(self) -> Span:
        return self.cleaned_data["week"]


class PeriodsForm(ChoiceForm):
    """Which figure's periods to show; the last 30 days when no date is given."""

    metric = forms.TypedChoiceField(
        label=gettext_lazy("Indicateur"),
        required=False,
        choices=[(metric, gettext_lazy(label)) for metric, label in LABELS.items()],
        coerce=Metric,
        empty_value=Metric.OPENED,
        error_messages=FilterField.default_error_messages,
    )
    page = PageField()
    field_order = ("metric", "severity", "check")

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["from"] = DayField(label=gettext_lazy("Du"))
        self.fields["to"] = DayField(label=gettext_lazy("Au"))

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("to", _("La fin est avant le début."))

    @property
    def span(self) -> Span:
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        last = last or max(timezone.localdate(), first or FIRST_DAY)
        return Span(first or max(FIRST_DAY, last - timedelta(days=USUAL_DAYS - 1)), last)

    @property
    def metric_chosen(self) -> Metric:
        return self.cleaned_data["metric"]

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"] or 1
