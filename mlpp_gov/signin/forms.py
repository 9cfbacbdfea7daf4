"""What people type to sign in, and to look after their password and their second factor."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from mlpp_gov.roles import SpokenRefusal
from mlpp_gov.signin.factor import TooManyTries, WrongCode
from mlpp_gov.signin.gotrue import GoTrueAway
from mlpp_gov.signin.profiles import ProfileRefused

ACCOUNTS_AWAY = gettext_noop(
    "Le service des comptes ML_PP ne répond pas\u00a0: personne ne peut se connecter pour l’instant. "
    "Les sessions déjà ouvertes continuent. Réessayez dans quelques minutes."
)


class LoginForm(auth.AuthenticationForm):
    """Django's login form; one refusal for a wrong name, a wrong password and a closed account."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if settings.AUTH_MODE == "gotrue":
            self.fields["username"].label = _("Adresse e-mail de votre compte ML_PP")
            self.fields["username"].widget.attrs["inputmode"] = "email"

    def get_invalid_login_error(self) -> ValidationError:
        return ValidationError(
            _("Adresse e-mail ou mot de passe incorrect.")
            if settings.AUTH_MODE == "gotrue"
            else _("Nom d’utilisateur ou mot de passe incorrect."),
            code="invalid_login",
        )

    def clean(self) -> dict[str, Any]:
        """Raises SpokenRefusal when the password is right and the person's profile gives no entry."""
        try:
            return super().clean()
        except GoTrueAway as error:
            raise ValidationError(_(ACCOUNTS_AWAY), code="away") from error
        except ProfileRefused as refusal:
            raise SpokenRefusal(
                _("{refusal} Demandez à un administrateur.").format(refusal=refusal)
            ) from refusal


class CodeForm(forms.Form):
    """A code of the authenticator or, where `check()` reads it, a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def refuse(self, refusal: WrongCode | TooManyTries) -> None:
        if isinstance(refusal, TooManyTries):
            told = _("Trop d’essais\u00a0: réessayez après le {day} à {time}.").format(
                day=formats.date_format(refusal.until, "j F"), time=f"{refusal.until:%H:%M:%S}"
            )
            self.add_error("code", told)
        else:
            self.add_error("code", _("Ce code n’est pas le bon, ou il a déjà servi."))


class NewPasswordForm(auth.SetPasswordForm):
    """Django's form, with labels of ours."""

    new_password1 = forms.CharField(
        label=gettext_lazy("Nouveau mot de passe"),
        strip=False,
        help_text=format_lazy(
            gettext_lazy("{count} caractères ou plus, rien qui se devine."),
            count=settings.PASSWORD_LENGTH,
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    new_password2 = forms.CharField(
        label=gettext_lazy("Le même, une seconde fois"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    error_messages = {  # noqa: RUF012
        "password_mismatch": gettext_lazy("Les deux mots de passe sont différents.")
    }


class ChangePasswordForm(NewPasswordForm, auth.PasswordChangeForm):
    old_password = forms.CharField(
        label=gettext_lazy("Mot de passe actuel"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    error_messages = {  # noqa: RUF012
        **NewPasswordForm.error_messages,
        "password_incorrect": gettext_lazy("Ce n’est pas votre mot de passe actuel."),
    }

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        del self.fields["new_password1"].widget.attrs["autofocus"]


class ForgottenPasswordForm(forms.Form):
    """The address of somebody who can't sign in; what comes of it is nobody else's business."""

    email = forms.EmailField(
        label=gettext_lazy("Adresse e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
