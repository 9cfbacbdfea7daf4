"""Log lines for machines."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, empty

from mlpp_gov import producer

# None outside of one.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def with_request(record: logging.LogRecord) -> bool:
    """Filter that keeps every record, and says of which request and of whose it is.

    Django logs some when the request is over: it passes it along.
    """
    request = getattr(record, "request", None) or current_request.get()
    record.request_id = getattr(request, "request_id", None) or "-"
    record.user = _primary_key(request)
    return True


def _primary_key(request: HttpRequest | None) -> int | None:
    """Of who is signed in, where the request already knows: a log line asks the database nothing."""
    person = getattr(request, "user", None)
    if isinstance(person, SimpleLazyObject) and person._wrapped is empty:
        return None
    return getattr(person, "pk", None)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: at (UTC), level, logger, message, request_id, user, environment, release;
    exception when there is one.

    `user` is a primary key, never a name; null outside a request and where nobody is signed in.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            "user": getattr(record, "user", None),
            **producer.keys(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
