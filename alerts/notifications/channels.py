"""The ways out: e-mail to a person, and the services of NOTIFY_CHANNELS, whose addresses are secrets.

Why a message did not leave is kept in French, and the pages say it in the reader's language: the reasons
are marked, those with a hole as mlpp_gov.sentences finds them again.
"""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext_noop, pgettext

from mlpp_gov.messaging import NO_MAIL, STEP_TIMEOUT, WHOLE_TIMEOUT, service_at
from mlpp_gov.models import User

HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")  # as apprise writes it, for every service


class ChannelError(Exception):
    """A message did not leave. `reason`, in French, holds no address; `permanent`: trying again is vain."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        self.reason, self.permanent = reason, permanent
        super().__init__(reason)


def kind(name: str) -> str | None:
    """The kind of service behind a channel, as its URL's scheme says it; None when there is no such one."""
    url = settings.NOTIFY_CHANNELS.get(name)
    return urlsplit(url).scheme if url else None


def mail_is_configured() -> bool:
    return settings.EMAIL_BACKEND != NO_MAIL


def send(recipient: str, subject: str, body: str, *, message: int | None = None) -> None:
    """Send plain text to « person:<user id> » or « channel:<name> », in some 20 seconds at most.

    `message` is its id, which stays in the e-mail: the receiver recognises one that comes twice.
    Raises ChannelError.
    """
    sort, _, name = recipient.partition(":")
    subject = " ".join(subject.split())  # a header is one line
    match sort:
        case "person" if name.isascii() and name.isdecimal() and len(name) < 19:
            _send_mail(int(name), subject, body, message)
        case "channel":
            _send_to_service(name, subject, body)
        case _:
            raise ChannelError(gettext_noop("Destinataire inconnu."), permanent=True)


def _send_mail(user_id: int, subject: str, body: str, message: int | None) -> None:
    if not mail_is_configured():
        raise ChannelError(
            gettext_noop("Aucun serveur d’e-mail n’est configuré (EMAIL_URL)."),
            permanent=True,
        )
    mail = EmailMessage(subject, body, to=[_address_of(user_id)])
    if message is not None:
        mail.extra_headers["Message-ID"] = (
            f"<notification-{message}@{urlsplit(settings.PUBLIC_URL).hostname}>"
        )
    with _mail_server() as connection:
        connection.send_messages([mail])


def reach_mail_server() -> None:
    """Greet the mail server and sign in, without sending anything. Raises ChannelError."""
    with _mail_server():
        pass


@contextmanager
def _mail_server() -> Iterator[Any]:
    """Signed in to the mail server. Raises ChannelError, for what is done in the block too."""
    try:
        with get_connection() as connection:  # closed even where the server refuses our password
            yield connection
    except smtplib.SMTPException as error:
        raise _mail_refusal(error) from None
    except OSError as error:
        raise _mail_unreachable(error) from None


def _address_of(user_id: int) -> str:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise ChannelError(gettext_noop("Cette personne n’a plus de compte actif."), permanent=True)
    if not person.email:
        raise ChannelError(gettext_noop("Cette personne n’a pas d’adresse e-mail."), permanent=True)
    try:
        validate_email(person.email)
    except ValidationError:
        raise ChannelError(
            gettext_noop("L’adresse e-mail de cette personne est incorrecte."), permanent=True
        ) from None
    return person.email


def _mail_refusal(error: smtplib.SMTPException) -> ChannelError:
    """What went wrong in our own words: a server repeats names and addresses in its own."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code = next(code for code, _ in refused.values())
            return ChannelError(
                pgettext("sql", "Le serveur d’e-mail a refusé l’adresse de cette personne (%s).")
                % code,
                permanent=code >= 500,
            )
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            return ChannelError(
                pgettext("sql", "Le serveur d’e-mail a refusé notre mot de passe (%s).") % code
            )
        case smtplib.SMTPResponseException(smtp_code=code):
            return ChannelError(
                pgettext("sql", "Le serveur d’e-mail a refusé le message (%s).") % code
            )
        case smtplib.SMTPNotSupportedError():
            return ChannelError(
                gettext_noop("Le serveur d’e-mail ne sait pas transmettre ce message.")
            )
    return _mail_unreachable(error.__context__)


def _mail_unreachable(cause: BaseException | None) -> ChannelError:
    if isinstance(cause, TimeoutError):
        late = pgettext("sql", "Le serveur d’e-mail n’a pas répondu en %s\u00a0s.")
        return ChannelError(late % f"{STEP_TIMEOUT:.0f}")
    return ChannelError(
        gettext_noop("La connexion a échoué\u00a0: le serveur d’e-mail est injoignable ou a coupé.")
    )


def _send_to_service(name: str, subject: str, body: str) -> None:
    url = settings.NOTIFY_CHANNELS.get(name)
    service = service_at(url) if url else None
    if service is None:
        raise ChannelError(gettext_noop("Ce canal n’est pas dans NOTIFY_CHANNELS."), permanent=True)
    import apprise

    sender = apprise.Apprise()
    sender.add(service)
    outcome = sender.notify(body=body, title=subject, body_format=apprise.NotifyFormat.TEXT)
    if not outcome:
        raise ChannelError(_service_refusal(outcome))


def _service_refusal(outcome: Any) -> str:
    """What went wrong: apprise's own lines may hold the address, so only the HTTP status is kept."""
    attempts = [attempt for result in outcome.results for attempt in result.attempts]
    lines = " ".join(entry.message for attempt in attempts for entry in attempt.logs)
    if status := HTTP_STATUS.search(lines):
        return pgettext("sql", "Le service a refusé le message (HTTP %s).") % status[1]
    if outcome.elapsed >= STEP_TIMEOUT:
        seconds = min(outcome.elapsed, WHOLE_TIMEOUT)
        return pgettext("sql", "Le service n’a pas répondu en %s\u00a0s.") % f"{seconds:.0f}"
    if "onnection error" in lines:
        return gettext_noop("La connexion a échoué\u00a0: le service est injoignable ou a coupé.")
    return gettext_noop("Le service n’a pas accepté le message.")
