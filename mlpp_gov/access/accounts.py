"""What an administrator does to accounts, in the words of the journal."""

from collections.abc import Iterator

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.models import User
from mlpp_gov.roles import Role


@translation.override(settings.LANGUAGE_CODE)  # the journal is kept in one language
def record_account(
    request: HttpRequest, account: User, form: forms.ModelForm, *, created: bool
) -> None:
    """Note that an account was created or changed by a form that has just been saved."""
    if created:
        detail = f"{account.username} : {account.get_role_display()}"
        record(request, Event.ACCOUNT_CREATED, detail=detail)
        return
    for event, what in _changes(account, form):
        record(request, event, detail=f"{account.username} : {what}")


def _changes(account: User, form: forms.ModelForm) -> Iterator[tuple[Event, str]]:
    changed = list(form.changed_data)
    if "role" in changed:
        before = dict(Role.choices).get(form.initial.get("role", ""), "inconnu")
        yield Event.ROLE_CHANGED, f"{before} → {account.get_role_display()}"
    if "supabase_user_id" in changed:
        yield Event.ROLE_CHANGED, "identifiant Supabase"
    if "is_active" in changed:
        closed = not account.is_active
        yield (
            Event.ACCOUNT_CLOSED if closed else Event.ACCOUNT_CHANGED,
            ("désactivé" if closed else "réactivé"),
        )
    others = [n for n in changed if n not in ("role", "supabase_user_id", "is_active")]
    if others:
        labels = [str(form.fields[name].label or name).lower() for name in others]
        yield Event.ACCOUNT_CHANGED, ", ".join(labels)
