# docker build --build-arg APP_RELEASE=v1.4.0+0c5c2b7 --tag mlpp-gouvernance .
# docker run --env-file .env --read-only --tmpfs /tmp --publish 127.0.0.1:8000:8000 mlpp-gouvernance
# The worker, and all that docs/conteneur.md adds: compose.yaml.
FROM python:3.11-slim-bookworm AS dependencies
WORKDIR /build
# Without pip, which nothing needs at run time: the one of the base image installs.
RUN python -m venv --without-pip /venv
COPY requirements/base.txt .
RUN pip --python /venv/bin/python install --no-cache-dir --require-hashes -r base.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home gouvernance
COPY --from=dependencies /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 APP_ENV=production
WORKDIR /app
COPY . .
# The settings refuse to start without these; none of them stays in the image. Compiled here, because
# nothing can be written at run time.
RUN APP_RELEASE=build+0000000 SECRET_KEY=build ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgresql:///build PUBLIC_URL=https://build.invalid \
    python manage.py collectstatic --no-input && python -m compileall -q .

# Last, so that a new release rebuilds nothing else.
ARG APP_RELEASE
ENV APP_RELEASE=$APP_RELEASE
# The number, with which an orchestrator can see that it is not root.
USER 10001
EXPOSE 8000
# http.client ignores proxy variables; the route answers without the database.
HEALTHCHECK --interval=30s --timeout=4s --start-period=15s CMD ["python", "-c", "\
from http.client import HTTPConnection; \
probe = HTTPConnection('127.0.0.1', 8000, timeout=3); \
probe.request('HEAD', '/health/live'); \
raise SystemExit(probe.getresponse().status != 200)"]
# Itself process 1, gunicorn gets SIGTERM, finishes the requests at hand and reaps its own children.
CMD ["gunicorn", "mlpp_gov.wsgi", "--bind", "0.0.0.0:8000"]
