"""What is true and not yet told becomes messages that wait; the rules of it are alerts/sql/notifications."""

import json
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from mlpp_gov.models import User
from mlpp_gov.roles import GRANTS, Permission

# Those whose job waits, or is at work, are somebody's already.
DUE = """
    SELECT id FROM gouvernance.notification_messages AS m
    WHERE state = 'waiting' AND due_at <= now() AND NOT EXISTS (
        SELECT FROM gouvernance.procrastinate_jobs AS j
        WHERE j.queueing_lock = 'send:' || m.id AND j.status IN ('todo', 'doing')
    )
    ORDER BY due_at, id
"""


@transaction.atomic
def queue_notifications() -> list[int]:
    """Queue what is news, and return the ids of the messages to send now, the oldest first.

    Raises django.db.DatabaseError; nothing is queued then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gouvernance.queue_notifications(%s, %s)",
            [json.dumps(people()), timezone.get_current_timezone_name()],
        )
        cursor.execute(DUE)
        return [message for (message,) in cursor.fetchall()]


def people() -> list[dict[str, Any]]:
    """Whom rules may mean; the database leaves out those whose profile is not admitted."""
    roles = [role for role, rights in GRANTS.items() if Permission.VIEW_INTEGRITY in rights]
    people = User.objects.filter(is_active=True, role__in=roles, supabase_user_id__isnull=False)
    return [
        {
            "person": person.pk,
            "role": person.role,
            "user": str(person.supabase_user_id),
            "since": person.date_joined.isoformat(),
            "mail": bool(person.email),
        }
        for person in people
    ]
