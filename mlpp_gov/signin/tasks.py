"""What the workers do for the door: the mail of a forgotten password, the sessions that ended."""

import logging
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from mlpp_gov import producer
from mlpp_gov.models import User

logger = logging.getLogger(__name__)

# A second mail sooner would only be somebody else's doing.
BETWEEN_MAILS = timedelta(minutes=5)
# Seconds that a request waits in the queue, where the next one for the same person finds it.
WAIT = 10


def ask_for_reset(email: str) -> None:
    """Have the mail of a forgotten password sent to the people of that address, if there are any.

    The same queries whoever they are: neither the answer nor its time tells whether an account exists.
    The job names people by number; the address stays out of the queue.
    """
    people = sorted(
        person.pk
        for person in User.objects.filter(email__iexact=email, is_active=True)
        if person.has_usable_password()
    )
    job = mail_password_reset.configure(
        queueing_lock=f"password_reset {people}", schedule_in={"seconds": WAIT}
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(people=people)


@app.task(name="mail_password_reset", retry=RetryStrategy(max_attempts=4, exponential_wait=5))
def mail_password_reset(people: list[int]) -> None:
    """Mail each of these people a link, unless one left less than BETWEEN_MAILS ago.

    Raises OSError when the mail server refuses: the job is tried again.
    """
    for person in User.objects.filter(pk__in=people, is_active=True).exclude(email=""):
        with transaction.atomic(), translation.override(person.language):
            if _claim(person):
                send_mail(
                    subject=_("Nouveau mot de passe · ML_PP Gouvernance"),
                    message=render_to_string(
                        "signin/reset_mail.txt",
                        {"link": reset_link(person), "producer": producer.line()},
                    ),
                    from_email=None,
                    recipient_list=[person.email],
                )


def reset_link(person: User) -> str:
    """The address of the page that takes a new password; it works once, for an hour."""
    identifier = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return settings.PUBLIC_URL + reverse("password-reset-confirm", args=[identifier, token])


def _claim(person: User) -> bool:
    """Whether this job may write to the person; a failure after it gives the turn back."""
    now = timezone.now()
    turn = User.objects.filter(
        Q(reset_mailed_at=None) | Q(reset_mailed_at__lt=now - BETWEEN_MAILS), pk=person.pk
    )
    return turn.update(reset_mailed_at=now) == 1


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_old_sessions", queueing_lock="forget_old_sessions")
def forget_old_sessions(timestamp: int) -> None:
    """Delete the sessions that are over."""
    SessionStore.clear_expired()
