"""The messages as an operator reads them: to whom, in which state, and what was tried."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integrity.checks.evaluation import label_of
from integrity.notifications.rules import TOPICS, recipient_text
from integrity.queries import fetch
from mlpp_gov.identity import db_identity
from mlpp_gov.models import UNKNOWN_PERSON, User, actor_name, names_by_supabase_id
from mlpp_gov.sentences import spoken

STATES = {
    "waiting": gettext_noop("En attente"),
    "sending": gettext_noop("Envoi en cours"),
    "sent": gettext_noop("Envoyé"),
    "given_up": gettext_noop("Abandonné"),
    "unknown": gettext_noop("Issue inconnue"),
    "void": gettext_noop("Sans objet"),
}
PLURALS = {
    "sending": gettext_noop("En cours"),
    "sent": gettext_noop("Envoyés"),
    "given_up": gettext_noop("Abandonnés"),
}
MEANINGS = {
    "unknown": gettext_noop(
        "Le worker a disparu pendant l’envoi\u00a0: le message est peut-être arrivé. Il n’est pas "
        "renvoyé de lui-même."
    ),
    "void": gettext_noop(
        "Plus rien de ce qu’il disait n’était vrai au moment de l’envoi\u00a0: il n’est pas parti."
    ),
    "given_up": gettext_noop(
        "Les essais sont épuisés, ou il n’y avait pas d’adresse\u00a0: il n’est pas parti."
    ),
}
ALL_TOPICS = {
    **TOPICS,
    "recovered": gettext_noop("Rétabli"),
    "flapping": gettext_noop("Alerte instable"),
    "test": gettext_noop("Essai"),
}
RESENDABLE = ("given_up", "unknown")
PERSON = "person:"


@dataclass(frozen=True)
class Attempt:
    """A try to send; no outcome yet, or never: it was cut short."""

    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    failure: str | None

    @property
    def text(self) -> str:
        match self.outcome:
            case "sent":
                return _("envoyé")
            case "failed":
                return _("échec\u00a0: {why}").format(
                    why=spoken(self.failure) if self.failure else _("raison inconnue")
                )
        return _("en cours, ou interrompu")


@dataclass(frozen=True)
class Message:
    """A row of gouvernance.notification_messages; `to_whom` is a name, never an address."""

    id: int
    topic: str
    check_code: str | None
    created_at: datetime
    due_at: datetime
    state: str
    subject: str | None
    to_whom: str
    attempts: list[Attempt] = field(default_factory=list)
    rule: int | None = None
    body: str | None = None
    asked_by: str = ""

    @property
    def topic_label(self) -> str:
        return _(ALL_TOPICS.get(self.topic, self.topic))

    @property
    def title(self) -> str:
        """Its subject; before it is written, what it is about."""
        if self.subject:
            return self.subject
        if not self.check_code:
            return self.topic_label
        return _("{topic}\u00a0: {check}").format(
            topic=self.topic_label, check=label_of(self.check_code)
        )

    @property
    def state_text(self) -> str:
        return _(STATES.get(self.state, self.state))

    @property
    def meaning(self) -> str:
        meaning = MEANINGS.get(self.state)
        return _(meaning) if meaning else ""

    @property
    def needs_a_person(self) -> bool:
        return self.state in RESENDABLE


def counts(reader: User) -> dict[str, int]:
    """How many messages are in each state, in the order of STATES; one query."""
    with db_identity(reader):
        found = {row["state"]: row["count"] for row in fetch("notification_counts")}
    return {state: found.get(state, 0) for state in STATES}


def page_of(state: str | None, *, offset: int, size: int, reader: User) -> list[Message]:
    """Messages in that state, or in any, the latest first; three queries at most."""
    with db_identity(reader):
        rows = fetch("notification_messages", state=state, offset=offset, size=size)
    return _in_words(rows)


def message(message_id: int, *, reader: User) -> Message | None:
    """One of them with its text; None when there is no such one."""
    with db_identity(reader):
        rows = fetch("notification_message", message=message_id)
    asked = {row["requested_by"] for row in rows if row["requested_by"]}
    names = names_by_supabase_id(asked) if asked else {}
    for row in rows:
        person: UUID | None = row.pop("requested_by")
        row["asked_by"] = actor_name(person, names) if person else ""
    return next(iter(_in_words(rows)), None)


def _in_words(rows: Sequence[dict[str, Any]]) -> list[Message]:
    attempts = defaultdict(list)
    if rows:
        for attempt in fetch("notification_attempts", messages=[row["id"] for row in rows]):
            attempts[attempt.pop("message")].append(Attempt(**attempt))
    people = {
        int(row["recipient"].removeprefix(PERSON))
        for row in rows
        if row["recipient"].startswith(PERSON)
    }
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=people)}
    found = []
    for row in rows:
        to_whom = _to_whom(row.pop("recipient"), names)
        found.append(Message(**row, attempts=attempts[row["id"]], to_whom=to_whom))
    return found


def _to_whom(recipient: str, names: dict[int, str]) -> str:
    if recipient.startswith(PERSON):
        return names.get(int(recipient.removeprefix(PERSON)), _(UNKNOWN_PERSON))
    return recipient_text(recipient)
