"""LOG_FORMAT=json: one object per line, whatever is logged."""

import json
import logging
import sys
from typing import Any

from mlpp_gov.logs import JsonFormatter


def logged(message: str, *arguments: object, exc_info: Any = None) -> dict[str, str]:
    record = logging.LogRecord(
        "alerts.tasks", logging.WARNING, __file__, 1, message, arguments, exc_info
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_line_says_when_how_grave_who_and_what() -> None:
    entry = logged("résolues %d", 3)

    assert (entry["level"], entry["logger"]) == ("WARNING", "alerts.tasks")
    assert entry["message"] == "résolues 3"
    assert entry["at"].endswith("+00:00")
    assert (entry["environment"], entry["release"]) == ("development", "v0.0.0+0000000")
    assert "exception" not in entry


def test_an_exception_stays_on_the_line() -> None:
    try:
        raise ValueError("deux\nlignes")
    except ValueError:
        entry = logged("échec", exc_info=sys.exc_info())

    assert "Traceback" in entry["exception"]
    assert "deux\nlignes" in entry["exception"]
