"""Entry point for gunicorn: `gunicorn mlpp_gov.wsgi`."""

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlpp_gov.settings")
application = get_wsgi_application()

# A login with too many rights must stop the start-up; a database that is away must not.
with suppress(OperationalError):
    connection.ensure_connection()
connection.close()
