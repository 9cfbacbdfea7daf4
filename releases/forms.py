"""What the forms of acts on releases share, and the pages of long lists."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mlpp_gov.fields import PageField
from mlpp_gov.forms import is_saved
from mlpp_gov.views import SpokenBadRequest
from releases.acts import Refused
from releases.journal import Words, plain

LONGEST = 4000
SAY_IT = _("Dites-le en quelques mots.")


def choices(words: Words) -> list[tuple[str, Any]]:
    """A table of releases.journal as a field offers it."""
    return [(value, capfirst(word)) for value, word in words.items()]


def text_field(label: Any, missing: Any = SAY_IT, **options: Any) -> forms.CharField:
    """A few lines of at most 4 000 characters, as PostgreSQL keeps them; `missing` asks for them."""
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": missing,
            "max_length": _("Au plus 4\u00a0000\u00a0caractères."),
        },
        **options,
    )


class ActForm(forms.Form):
    """A form whose act may be refused: `unmet` then says every condition that does not hold."""

    unmet: Sequence[str] = ()

    def is_done(self, act: Callable[[], object]) -> bool:
        """Do the act, once what was typed is valid. Conflict is the view's to tell."""

        def attempt() -> None:
            try:
                act()
            except Refused as refusal:
                self.unmet = [plain(condition.said) for condition in refusal.unmet]

        return self.is_valid() and is_saved(self, attempt) and not self.unmet

    @property
    def status(self) -> int:
        """Of the page that shows it: 409 refused, 400 invalid, 200 when nothing was sent."""
        return 409 if self.unmet else 400 if self.is_bound else 200


class PageForm(forms.Form):
    page = PageField()


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, the first by default. Raises SpokenBadRequest."""
    form = PageForm(request.GET)
    if not form.is_valid():
        raise SpokenBadRequest(" ".join(map(str, form.errors["page"])))
    return form.cleaned_data["page"] or 1
