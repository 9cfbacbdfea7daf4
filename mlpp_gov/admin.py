"""People in the Django admin, for administrators."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice
from procrastinate.contrib.django.models import ProcrastinateJob

from mlpp_gov.access.accounts import record_account
from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.models import User
from mlpp_gov.signin import factor

admin.site.unregister(Group)
admin.site.unregister(ProcrastinateJob)  # in English, with buttons that our own pages don't offer
admin.site.unregister(TOTPDevice)  # shows the secrets


class RemoveFactorForm(forms.Form):
    """Why somebody's second factor is taken away: it stays in the history of the account."""

    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        min_length=10,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "10 caractères ou plus. Exemple : téléphone perdu, identité vérifiée de vive voix."
        ),
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts are deactivated, never deleted: the history of alerts names them."""

    list_display = ("username", "full_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("username", "full_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    actions = ("end_sessions",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (pgettext_lazy("somebody", "Personne"), {"fields": ("full_name", "email")}),
        (gettext_lazy("Droits"), {"fields": ("role", "supabase_user_id", "is_active")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "full_name",
                    "role",
                    "supabase_user_id",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """With Supabase's accounts the role is the profile's: typed here, it would last one request."""
        own = settings.AUTH_MODE == "gotrue" and obj is not None
        return (*self.readonly_fields, "role") if own else self.readonly_fields

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if response.status_code == 302:  # done; refused, the form comes back
            account: Any = self.get_object(request, unquote(id))
            record(request, Event.PASSWORD_CHANGED, detail=str(account and account.username))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        doors = path(
            "<int:user_id>/door/",
            self.admin_site.admin_view(self.door),
            name="mlpp_gov_user_door",
        )
        return [doors, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; closing an account ends its sessions, which would revive with it."""
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            factor.end_sessions_of(obj)
        record_account(request, obj, form, created=not change)

    @admin.action(description=gettext_lazy("Fermer toutes les sessions des personnes choisies"))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            self._end_sessions(request, person)

    def door(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """One person's sessions and second factor: what an administrator may end and take away."""
        person = self.get_object(request, str(user_id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        form = RemoveFactorForm(request.POST if "remove" in request.POST else None)
        if "end" in request.POST:
            self._end_sessions(request, person)
            return redirect("admin:mlpp_gov_user_door", user_id)
        if form.is_valid():
            self._remove_factor(request, person, form.cleaned_data["reason"])
            return redirect("admin:mlpp_gov_user_door", user_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sessions et double authentification de {person}").format(person=person),
            "opts": self.opts,
            "person": person,
            "form": form,
            "enrolled": factor.is_enrolled(person),
            "codes_left": factor.codes_left(person),
        }
        return TemplateResponse(request, "admin/mlpp_gov/user/door.html", context)

    def _end_sessions(self, request: HttpRequest, person: User) -> None:
        factor.end_sessions_of(person)
        self.log_change(request, person, gettext_noop("Sessions fermées."))
        record(request, Event.SESSIONS_ENDED, detail=person.username)
        messages.success(
            request, _("Toutes les sessions de {person} sont fermées.").format(person=person)
        )

    def _remove_factor(self, request: HttpRequest, person: User, reason: str) -> None:
        if factor.remove(person):
            kept = gettext_noop("Double authentification retirée : {reason}")
            self.log_change(request, person, kept.format(reason=reason))
            detail = gettext_noop("{person} : double authentification retirée")
            detail = detail.format(person=person.username)
            record(request, Event.ACCOUNT_CHANGED, detail=detail)
            done = _("La double authentification de {person} est retirée.")
            messages.success(request, done.format(person=person))
        else:
            absent = _("{person} n’a pas de double authentification.")
            messages.warning(request, absent.format(person=person))
