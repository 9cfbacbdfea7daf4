"""What an address may say in more than one place."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# What is beyond is a slip of the keyboard.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class PageField(forms.IntegerField):
    """The page of a long list, which an address may leave out."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            min_value=1,
            max_value=10**9,
            widget=forms.HiddenInput,
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value"), gettext_lazy("Page inconnue.")
            ),
        )


class DayField(forms.DateField):
    """A day of this century or so, which an address may leave out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **options,
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(_("Une date entre 2000 et 2100."))
