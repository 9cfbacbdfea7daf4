"""Entry point for gunicorn: `gunicorn mlpp_gov.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlpp_gov.settings")
application = get_wsgi_application()
