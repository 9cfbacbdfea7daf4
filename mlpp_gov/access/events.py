"""What the access journal knows how to name.

Names are the OWASP logging vocabulary's (cheatsheetseries.owasp.org, Logging Vocabulary), so that any
log tool knows them. Severities are ours: there a refusal is CRITICAL, here a directeur's assistant who
clicks on a page that is not theirs is not.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy, pgettext_lazy


class Severity(TextChoices):
    INFO = "INFO", "INFO"
    WARN = "WARN", "WARN"
    CRITICAL = "CRITICAL", "CRITICAL"


class Event(TextChoices):
    """An OWASP event, then where it needs one a reason of ours; what a person reads of it."""

    SIGNED_IN = "authn_login_success", pgettext_lazy("event", "Connexion")
    SIGN_IN_FAILED = "authn_login_fail", gettext_lazy("Connexion refusée")
    LOCKED_OUT = (
        "authn_login_lock:maxretries",
        gettext_lazy("Connexion bloquée après trop d’essais"),
    )
    SIGNED_OUT = "session_expired:logout", gettext_lazy("Déconnexion")
    SESSIONS_ENDED = (
        "session_expired:revoked",
        gettext_lazy("Sessions fermées par un administrateur"),
    )
    SESSION_LOST = "session_use_after_expire", gettext_lazy("Session inconnue ou expirée")
    NOT_SIGNED_IN = "authz_fail:anonymous", gettext_lazy("Page demandée sans connexion (401)")
    ROLE_REFUSED = "authz_fail:role", gettext_lazy("Refusé par le rôle (403)")
    DATABASE_REFUSED = "authz_fail:database", gettext_lazy("Refusé par la base (403)")
    CSRF_REFUSED = "authz_fail:csrf", gettext_lazy("Formulaire sans jeton valide (403)")
    REFUSED = "authz_fail", gettext_lazy("Refusé (403)")
    TOKEN_REFUSED = "authn_login_fail:token", gettext_lazy("Jeton inconnu, révoqué ou expiré (401)")
    TOKEN_FORBIDDEN = "authz_fail:token", gettext_lazy("Refusé à un jeton (403)")
    HOSTILE_HOST = "malicious_extraneous:host", gettext_lazy("Nom de domaine étranger")
    PROBE = "malicious_excess_404:probe", gettext_lazy("Adresse d’attaque connue (404)")
    INVALID_INPUT = "input_validation_fail", gettext_lazy("Requête invalide (400)")
    TOO_MANY_REQUESTS = "excess_rate_limit_exceeded", gettext_lazy("Trop de requêtes (429)")
    EXPORTED = "sensitive_read:export", pgettext_lazy("event", "Export")
    ACCOUNT_CREATED = "user_created", gettext_lazy("Compte créé")
    ACCOUNT_CHANGED = "user_updated", gettext_lazy("Compte modifié")
    ACCOUNT_CLOSED = "user_archived", gettext_lazy("Compte désactivé")
    ROLE_CHANGED = "authz_change", gettext_lazy("Rôle ou identité changés")
    PASSWORD_CHANGED = "authn_password_change", gettext_lazy("Mot de passe changé")

    @property
    def owasp(self) -> str:
        return self.value.partition(":")[0]

    @property
    def reason(self) -> str:
        return self.value.partition(":")[2]

    @property
    def severity(self) -> Severity:
        return SEVERITIES.get(self, Severity.WARN)

    @property
    def counts_alone(self) -> bool:
        """Whether each one is a row of its own, however many there are: rare, and never a flood."""
        return self in CHANGES

    @classmethod
    def of(cls, owasp: str, reason: str) -> "Event | None":
        """The event of a row; None when a later release wrote it."""
        try:
            return cls(f"{owasp}:{reason}" if reason else owasp)
        except ValueError:
            return None


# WARN where nothing is said: worth a look when there are several.
SEVERITIES = {
    Event.SIGNED_IN: Severity.INFO,
    Event.SIGNED_OUT: Severity.INFO,
    Event.SESSION_LOST: Severity.INFO,
    Event.NOT_SIGNED_IN: Severity.INFO,
    Event.INVALID_INPUT: Severity.INFO,
    Event.EXPORTED: Severity.INFO,
    Event.PASSWORD_CHANGED: Severity.INFO,
    Event.HOSTILE_HOST: Severity.CRITICAL,  # nobody does these by accident
    Event.PROBE: Severity.CRITICAL,
}
CHANGES = frozenset(
    {
        Event.ACCOUNT_CREATED,
        Event.ACCOUNT_CHANGED,
        Event.ACCOUNT_CLOSED,
        Event.ROLE_CHANGED,
        Event.PASSWORD_CHANGED,
        Event.SESSIONS_ENDED,
    }
)
