"""The messages as an operator reads them: to whom, in which state, and what was tried."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integrity.checks.evaluation import label_of
from integrity.notifications.rules import TOPICS, recipient_text
from integrity.queries import fetch, fetch_together
from mlpp_gov.identity import db_identity
from mlpp_gov.models import UNKNOWN_PERSON, User, actor_name, names_of
from mlpp_gov.queries import Rows
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


def by_state(rows: Rows) -> dict[str, int]:
    """How many messages are in each state, in the order of STATES."""
    found = {row["state"]: row["count"] for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def read_page(
    state: str | None, *, page: int, size: int, reader: User
) -> tuple[dict[str, int], list[Message]]:
    """How many messages are in each state, and a page of those in that one, or in any, the latest first.

    A page beyond the last is the last one; three journeys to the server, and what db_identity() costs.
    """
    asked = {"state": state, "page": page, "size": size}
    with db_identity(reader):
        counts, rows = fetch_together(("notification_counts", {}), ("notification_messages", asked))
    return by_state(counts), _in_words(rows)


def message(message_id: int, *, reader: User) -> Message | None:
    """One of them with its text; None when there is no such one."""
    with db_identity(reader):
        rows = fetch("notification_message", message=message_id)
    return next(iter(_in_words(rows)), None)


def _in_words(rows: Rows) -> list[Message]:
    attempts = defaultdict(list)
    if rows:
        for attempt in fetch("notification_attempts", messages=[row["id"] for row in rows]):
            attempts[attempt.pop("message")].append(Attempt(**attempt))
    people = _people_in(rows)
    by_key = {person.pk: str(person) for person in people}
    names = names_of(people)
    found = []
    for row in rows:
        to_whom = _to_whom(row.pop("recipient"), by_key)
        asked_by: UUID | None = row.pop("requested_by", None)
        found.append(
            Message(
                **row,
                attempts=attempts[row["id"]],
                to_whom=to_whom,
                asked_by=actor_name(asked_by, names) if asked_by else "",
            )
        )
    return found


def _people_in(rows: Rows) -> list[User]:
    """Whom messages go to, and who asked for them."""
    recipients = {_person(row["recipient"]) for row in rows} - {None}
    asking = {row["requested_by"] for row in rows if row.get("requested_by")}
    if not recipients and not asking:
        return []
    return list(User.objects.filter(Q(pk__in=recipients) | Q(supabase_user_id__in=asking)))


def _person(recipient: str) -> int | None:
    return int(recipient.removeprefix(PERSON)) if recipient.startswith(PERSON) else None


def _to_whom(recipient: str, names: dict[int, str]) -> str:
    person = _person(recipient)
    return recipient_text(recipient) if person is None else names.get(person, _(UNKNOWN_PERSON))
