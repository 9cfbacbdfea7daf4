"""Gunicorn, for `make run` and for the image alike; docs/conteneur.md says how to size and restart it."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

# The image, where a proxy stands in front, passes --bind 0.0.0.0:8000.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# Pages wait for the database more than they compute: threads share one process's memory, and the
# second process answers while the first is replaced. Processes x threads = connections to PostgreSQL.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 4

# Seconds without a sign of life from a process; its threads may wait longer, for PostgreSQL's own limits.
timeout = 30
# Below the ten seconds that a container runtime waits between SIGTERM and SIGKILL.
graceful_timeout = 8

# Seconds that an idle connection stays open: longer than the proxy keeps it (60 in deploy/Caddyfile), or
# now and then a form would be sent into a connection that is just being closed.
keepalive = 75

# Whatever leaks, here or in a library, ends with its process; the jitter keeps the processes from
# being replaced all at once.
max_requests = 2000
max_requests_jitter = 400

# The sign of life is a file's time: in memory, it never waits for a disk and needs none that is writable.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # not on macOS

# Only a proxy on this machine may set the scheme; the application itself decides whom it believes.
forwarded_allow_ips = "127.0.0.1,::1"

# The proxy keeps the access log; here it would only repeat it.
accesslog = None

# Nobody drives this server from outside, and its socket would stay in the home directory.
control_socket_disable = True


class JsonLines(logging.Formatter):
    """Gunicorn's own lines under LOG_FORMAT=json, by the keys of mlpp_gov.logs.

    That one must not serve here: SIGHUP renews this file, but nothing that its process has imported.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "environment": os.environ.get("APP_ENV") or "development",
            "release": os.environ.get("APP_RELEASE", ""),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


if os.environ.get("LOG_FORMAT") == "json":
    logconfig_dict = {
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"]},
        "loggers": {"gunicorn.error": {"handlers": ["stderr"], "propagate": False}},
    }
