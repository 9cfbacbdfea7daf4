"""Errors reported to Sentry, with the release they come from and nothing about people."""

import re
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import sentry_sdk
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.integrations.stdlib import StdlibIntegration
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.types import Breadcrumb, BreadcrumbHint, Event, Hint, SamplingContext
from sentry_sdk.utils import BadDsn

# Share of the requests whose timings are kept.
TRACES_RATE = 0.05
# « invalid input syntax for type uuid: "…" »; names of relations and constraints follow no colon.
QUOTED_VALUE = re.compile(r': ".*"')


def start_sentry(*, dsn: str, environment: str, release: str) -> None:
    """Start the error reports when a DSN is given; called by the settings, before Django's set-up.

    Raises ImproperlyConfigured naming SENTRY_DSN when it is not a DSN.
    """
    if not dsn:
        return
    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            release=release,
            # send_default_pii stays unset, which means False: the SDK deprecates naming it, and
            # its successor `data_collection` switches the scrubber off.
            max_request_body_size="never",
            include_local_variables=False,
            event_scrubber=EventScrubber(recursive=True),
            ignore_errors=[DisallowedHost],
            # They note the address of every HTTP request that we make, and that of a channel is a
            # secret; and what was typed after a command, such as the name of an account.
            disabled_integrations=[StdlibIntegration(), ArgvIntegration()],
            traces_sampler=_sampled,
            before_breadcrumb=_bare_line,
            before_send=_about_nobody,
            before_send_transaction=_about_nobody,
        )
    except BadDsn as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN n’est pas une adresse Sentry. Exemple : "
            "SENTRY_DSN=https://cle@sentry.example.org/1. Laissez-la vide pour ne rien envoyer."
        ) from error
    ignore_logger("access")  # addresses and accounts are no breadcrumbs
    ignore_logger("procrastinate.worker")  # each failure of a row: see failing_jobs
    ignore_logger("apprise")  # it names the addresses of channels


def report(problem: str) -> None:
    """Send one message to Sentry, if it is configured, about what no exception of a page shows."""
    sentry_sdk.capture_message(problem, level="error")


def report_error(error: BaseException) -> None:
    """Send an error to Sentry, if it is configured, that no page and no logger of theirs shows."""
    sentry_sdk.capture_exception(error)


def tag_request(request_id: str) -> None:
    """Name the request at hand in whatever is reported of it, by the identifier that its logs have."""
    sentry_sdk.get_isolation_scope().set_tag("request_id", request_id)


def _about_nobody(event: Event, hint: Hint) -> Event:
    """Drop what a person typed, where they were and who they are; the logs have it by request_id.

    A search may hold a driver's name or a plate, an address the key of a forgotten password, and an
    error of PostgreSQL the row that it refuses.
    """
    request = event.get("request", {})
    request.pop("query_string", None)
    cast(dict[str, str], request.get("headers", {})).pop("Referer", None)
    if "url" in request:
        site = urlsplit(str(request["url"]))
        route = event.get("transaction", "")
        path = route if route.startswith("/") else "/"
        request["url"] = urlunsplit((site.scheme, site.netloc, path, "", ""))
    for name in ("request", "user"):  # of a log record
        event.get("extra", {}).pop(name, None)
    for error in event.get("exception", {}).get("values", []):
        if (error.get("module") or "").startswith(("psycopg", "django.db")):
            error["value"] = without_values(error.get("value") or "")
    return event


def _bare_line(crumb: Breadcrumb, hint: BreadcrumbHint) -> Breadcrumb:
    """Of a log line only its words: beside them comes the request, with all that was asked."""
    if crumb.get("type") == "log":
        crumb["message"] = without_values(crumb.get("message") or "")
        crumb.pop("data", None)
    return crumb


def without_values(text: str) -> str:
    """The first line of an error of PostgreSQL, the value that it quotes left out.

    The lines below it (DETAIL, LINE, CONTEXT) repeat the row or the statement.
    """
    first = next(iter(text.splitlines()), "")
    return QUOTED_VALUE.sub(': "…"', first)


def _sampled(context: SamplingContext) -> float:
    path = context.get("wsgi_environ", {}).get("PATH_INFO", "")
    return 0.0 if path.startswith("/health") else TRACES_RATE
