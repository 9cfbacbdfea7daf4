"""What the self-test says of the e-mails."""

from django.conf import settings

from alerts.notifications.channels import ChannelError, mail_is_configured, reach_mail_server
from mlpp_gov.doctor.registry import Finding, check, fail, ok, warn
from mlpp_gov.messaging import MAIL_TO_FILES


@check("mail", "E-mail")
def mail_server_lets_us_in() -> Finding:
    if settings.EMAIL_BACKEND == MAIL_TO_FILES:
        return ok(f"Écrits dans des fichiers, {settings.EMAIL_FILE_PATH}.")
    if not mail_is_configured():
        return warn(
            "Aucun serveur\u00a0: ni mot de passe oublié, ni message à une personne ne partent.",
            "Donnez EMAIL_URL et DEFAULT_FROM_EMAIL (docs/canaux.md).",
        )
    try:
        reach_mail_server()
    except ChannelError as error:
        return fail(
            error.reason,
            "Vérifiez l’hôte, le port, le compte et le mot de passe d’EMAIL_URL, et que cette machine "
            "a le droit de sortir vers ce port.",
        )
    return ok(f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} nous ouvre ; rien n’a été envoyé.")
