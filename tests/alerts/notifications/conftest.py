"""People with an address, passes of the queue, and what then is in the mailboxes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from alerts.notifications.delivery import Undelivered, deliver
from alerts.notifications.queue import queue_notifications
from mlpp_gov.models import User
from tests.database import as_owner


def ask(sql: str, *params: Any) -> list[Any]:
    with as_owner() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def only(**rule: Any) -> int:
    """Leave one rule, made an hour ago."""
    values = {
        "topic": "opened",
        "recipient": "role:directeur",
        "delivery": "at_once",
        "since": timezone.now() - timedelta(hours=1),
        **rule,
    }
    ask("DELETE FROM gouvernance.notification_rules")
    return ask(
        f"INSERT INTO gouvernance.notification_rules ({', '.join(values)})"
        f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
        *values.values(),
    )[0][0]


def tell() -> list[Any]:
    """One pass, and all that is due sent; returns the e-mails that left."""
    before = len(mail.outbox)
    for message in queue_notifications():
        try:
            deliver(message)
        except Undelivered:
            continue
    return mail.outbox[before:]


def states() -> list[str]:
    rows = ask("SELECT state FROM gouvernance.notification_messages ORDER BY id")
    return [state for (state,) in rows]


def with_mail(person: User) -> User:
    """The person has an address, and was here before anything that the test plants."""
    person.email = f"{person.username}@example.org"
    person.date_joined = timezone.now() - timedelta(days=900)
    person.save()
    return person


@pytest.fixture
def directeur(directeur: User) -> User:
    return with_mail(directeur)


@pytest.fixture
def admin(admin: User) -> User:
    return with_mail(admin)


@pytest.fixture
def resolve(db: None) -> Callable[..., None]:
    """The cause of an alert is gone, or comes back."""

    def change(alert: Any, status: str = "RESOLVED") -> None:
        ask("UPDATE public.system_alerts SET status = %s WHERE id = %s", status, alert)

    return change
