"""What every form of an act on releases shares, and the pages of long lists."""

from collections.abc import Callable, Sequence

from django import forms
from django.http import HttpRequest

from mlpp_gov.forms import is_saved
from mlpp_gov.views import SpokenBadRequest
from releases.acts import Refused, Unmet

MOST_PAGES = 10**9


class ActForm(forms.Form):
    """A form whose act may be refused: `unmet` then names every condition that does not hold."""

    unmet: Sequence[Unmet] = ()

    def is_done(self, act: Callable[[], object]) -> bool:
        """Do the act, once what was typed is valid. Conflict is the view's to tell."""

        def attempt() -> None:
            try:
                act()
            except Refused as refusal:
                self.unmet = refusal.unmet

        return self.is_valid() and is_saved(self, attempt) and not self.unmet

    @property
    def status(self) -> int:
        """Of the page that shows it: 409 refused, 400 invalid, 200 when nothing was sent."""
        return 409 if self.unmet else 400 if self.is_bound else 200


class PageForm(forms.Form):
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_PAGES,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Page inconnue."),
    )


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, the first by default. Raises SpokenBadRequest."""
    form = PageForm(request.GET)
    if not form.is_valid():
        raise SpokenBadRequest(" ".join(map(str, form.errors["page"])))
    return form.cleaned_data["page"] or 1
