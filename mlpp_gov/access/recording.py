"""From a request to a line of the journal: what is kept of it, and what never is.

Never kept: a path, a query string, a form, a session key, the name typed at a failed sign-in.
"""

import logging
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from mlpp_gov.access import journal
from mlpp_gov.access.events import Event
from mlpp_gov.access.journal import Access
from mlpp_gov.http import client_address
from mlpp_gov.models import User

lines = logging.getLogger("access")
logger = logging.getLogger(__name__)

REPLACEMENT = "\ufffd"
# Control and format characters (a line break, a change of writing direction), lone surrogates.
UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@dataclass(frozen=True)
class Note:
    """Something that happened during a request; `user` is who did it, None being nobody known."""

    event: Event
    user_id: int | None
    role: str
    session: str
    typed_name: str
    detail: str


def record(
    request: HttpRequest | None,
    event: Event,
    *,
    user: User | None = None,
    typed_name: str = "",
    detail: str = "",
) -> None:
    """Note something suspicious, or worth remembering, of this request; never raises.

    It is written with the answer's status once there is one. `user` is the person signed in unless
    given; `typed_name` is kept as an HMAC only; `detail` says what of it in a few words, and is shown.
    """
    try:
        person = user or _person(request)
        note = Note(
            event=event,
            user_id=person.pk if person else None,
            role=person.role if person else "",
            session=_session(request),
            typed_name=hashed_name(typed_name) if typed_name else "",
            detail=neutral(detail, 200),
        )
        notes = getattr(request, "access_notes", None)
        if notes is None:  # outside the middleware: a command, a signal of a made-up request
            _publish(request, note, status=None)
        else:
            notes.append(note)
    except Exception:
        logger.exception("Un événement n’a pas pu être noté au journal des accès.")


def publish(request: HttpRequest, response: HttpResponseBase) -> None:
    """Write down what was noted of a request, now that its answer is known; never raises."""
    for note in request.access_notes:  # type: ignore[attr-defined]
        try:
            _publish(request, note, status=response.status_code)
        except Exception:
            logger.exception("Un événement n’a pas pu être écrit au journal des accès.")


def _publish(request: HttpRequest | None, note: Note, *, status: int | None) -> None:
    meta: dict[str, Any] = request.META if request else {}
    match = request.resolver_match if request else None
    access = Access(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        event=note.event.owasp,
        reason=note.event.reason,
        severity=note.event.severity,
        status=status,
        method=neutral((request.method if request else "") or "", 20),
        route=neutral(match.view_name if match else "", 100),
        user_id=note.user_id,
        role=note.role,
        address=(client_address(request) or None) if request else None,
        user_agent=neutral(meta.get("HTTP_USER_AGENT", ""), 200),
        request_id=getattr(request, "request_id", None),
        session=note.session,
        typed_name=note.typed_name,
        detail=note.detail,
        release=neutral(settings.APP_RELEASE, 100),
    )
    lines.info("%s", access.line)
    journal.journal.add(access, alone=note.event.counts_alone)


def neutral(text: str, length: int) -> str:
    """A text of at most so many characters, on one line wherever it is shown."""
    return "".join(
        REPLACEMENT if unicodedata.category(character) in UNSAFE else character
        for character in text[:length]
    )


def hashed_name(typed: str) -> str:
    """What is kept of a name typed at sign-in: the same for every way of writing it."""
    name = unicodedata.normalize("NFKC", typed.strip()).casefold()
    return _hashed("name", name.encode(errors="replace"))


def hashed_session(key: str) -> str:
    return _hashed("session", key.encode(errors="replace"))


def _hashed(kind: str, value: bytes) -> str:
    """HMAC with a key derived from SECRET_KEY: 128 bits, in hexadecimal."""
    return salted_hmac(f"mlpp_gov.access.{kind}", value, algorithm="sha256").hexdigest()[:32]


def _person(request: HttpRequest | None) -> User | None:
    """Who is signed in, where that is already known: the journal asks the database nothing."""
    user = getattr(request, "_cached_user", None)
    return user if isinstance(user, User) else None


def _session(request: HttpRequest | None) -> str:
    if request is None:
        return ""
    session = getattr(request, "session", None)
    key = session.session_key if session is not None else None
    key = key or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return hashed_session(key) if key else ""
