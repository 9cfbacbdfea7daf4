"""Send one message, once: the attempt is committed before anything leaves."""

import json
import logging
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from alerts.notifications.channels import ChannelError, send
from alerts.notifications.wording import Claim, text_of

logger = logging.getLogger(__name__)


class Undelivered(Exception):
    """A message did not leave; `retry_at` is when to try again, None when it is given up."""

    told = True  # the page of the notifications shows it

    def __init__(self, message: int, reason: str, retry_at: datetime | None) -> None:
        self.retry_at = retry_at
        super().__init__(f"Message {message} : {reason}")


def deliver(message: int) -> bool:
    """Send a message if it is due and still says something true; returns whether it was sent.

    Raises Undelivered. An error of any other kind leaves the attempt unfinished: nobody knows what
    became of the message then, and it is not sent again unless an administrator asks.
    """
    claim = _claim(message)
    if claim is None:
        return False
    try:
        send(claim.recipient, claim.subject, claim.body, message=message)
    except ChannelError as error:
        retry_at = _finish(claim.attempt, error)
        logger.warning("Message %d non envoyé : %s", message, error.reason)
        raise Undelivered(message, error.reason, retry_at) from error
    _finish(claim.attempt)
    return True


@transaction.atomic(durable=True)
def _claim(message: int) -> Claim | None:
    """The message to send, its words kept; None when there is nothing to send."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attempt, recipient, topic, details, subject, body, facts"
            " FROM gouvernance.claim_notification(%s, %s)",
            [message, timezone.get_current_timezone_name()],
        )
        if (row := cursor.fetchone()) is None:
            return None
        attempt, recipient, topic, details, subject, body, facts = row
        claim = text_of(Claim(attempt, recipient, topic, details, subject, body, json.loads(facts)))
        cursor.execute(
            "SELECT gouvernance.word_notification(%s, %s, %s)",
            [claim.attempt, claim.subject, claim.body],
        )
        return claim


def _finish(attempt: int, error: ChannelError | None = None) -> datetime | None:
    """Record how the attempt ended; returns when the next one is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gouvernance.finish_notification(%s, %s, %s)",
            [attempt, error.reason if error else None, error.permanent if error else False],
        )
        (retry_at,) = cursor.fetchone()
        return retry_at
