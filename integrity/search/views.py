"""One field for everything that has a name: from the header of every page."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_safe

from integrity.checks.evaluation import evaluation_context
from integrity.entities import entity_label
from integrity.filters import LONGEST_SEARCH
from integrity.search.reading import SHOWN, as_uuid, find_alerts, find_checks, find_things
from mlpp_gov.http import PersonRequest
from mlpp_gov.identity import db_identity
from mlpp_gov.roles import Permission, require_permission

SHORTEST = 2  # characters; one letter is in everything


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Rechercher"),
        required=False,
        min_length=SHORTEST,
        max_length=LONGEST_SEARCH,
        error_messages={
            "min_length": _("Tapez au moins %(limit_value)d caractères."),
            "max_length": ngettext_lazy(
                "Au plus %(limit_value)d caractère\u00a0; vous en avez tapé %(show_value)d.",
                "Au plus %(limit_value)d caractères\u00a0; vous en avez tapé %(show_value)d.",
                "limit_value",
            ),
        },
        widget=forms.TextInput(attrs={"type": "search", "maxlength": None, "minlength": None}),
    )


@require_safe
@require_permission(Permission.VIEW_INTEGRITY)
def search(request: PersonRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    text = form.cleaned_data.get("q", "")
    typed = request.GET.get("q", "")  # to be corrected where it is, when it is refused
    context = {"form": form, "sought": typed, "text": text, "shown": SHOWN}
    if text:
        with db_identity(request.user):
            groups = find_things(text)
            found = find_alerts(text)
        if any(alert.pk == as_uuid(text) for alert in found.alerts):
            return redirect("integrity:detail", as_uuid(text))
        groups += find_checks(text)
        back = urlencode({"retour": request.get_full_path()})
        context |= {
            "groups": groups,
            "found": found,
            "alerts": [
                (
                    alert,
                    entity_label(alert),
                    f"{reverse('integrity:detail', args=[alert.pk])}?{back}",
                )
                for alert in found.alerts
            ],
            "total": found.total + sum(group.total for group in groups),
        }
    context |= evaluation_context()
    return render(request, "integrity/search/search.html", context, status=200 if is_valid else 400)
