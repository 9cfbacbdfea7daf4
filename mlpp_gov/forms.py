"""What every form shares whose values the database has the last word on."""

from collections.abc import Callable

from django import forms
from django.utils.translation import gettext as _

from mlpp_gov.calls import InvalidInput


def is_saved(form: forms.Form, save: Callable[[], None]) -> bool:
    """Save a valid form; what the database refuses of it becomes an error of the form."""
    try:
        save()
    except InvalidInput as refusal:
        form.add_error(
            None,
            _("La base de données a refusé : {refusal} Rien n’a été modifié.").format(
                refusal=refusal
            ),
        )
        return False
    return True
