#!/usr/bin/env python3
"""Django's command line; in development it brings its own PostgreSQL when DATABASE_URL is unset."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlpp_gov.settings")
    if not os.environ.get("DATABASE_URL") and _in_development():
        from mlpp_gov import embedded

        try:
            embedded.start(embedded.data_dir())
        except embedded.EmbeddedError as error:
            sys.exit(str(error))

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def _in_development() -> bool:
    return os.environ.get("APP_ENV", "development") == "development"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
