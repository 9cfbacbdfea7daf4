"""Log lines for machines."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from mlpp_gov import producer

# Of the request at hand; a dash outside of one.
current_request_id = ContextVar("current_request_id", default="-")


def with_request_id(record: logging.LogRecord) -> bool:
    """Filter that keeps every record, and says of which request it is: Django logs some when it is over."""
    request = getattr(record, "request", None)
    record.request_id = getattr(request, "request_id", None) or current_request_id.get()
    return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line: at (UTC), level, logger, message, request_id, environment, release;
    exception when there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            **producer.keys(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
