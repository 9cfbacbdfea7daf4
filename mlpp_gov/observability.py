"""Errors reported to Sentry, with the release they come from and nothing about people."""

from typing import cast

import sentry_sdk
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.integrations.stdlib import StdlibIntegration
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.types import Event, Hint, SamplingContext
from sentry_sdk.utils import BadDsn

# Share of the requests whose timings are kept.
TRACES_RATE = 0.05


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
            # It notes the address of every HTTP request that we make: that of a channel is a secret.
            disabled_integrations=[StdlibIntegration()],
            traces_sampler=_sampled,
            before_send=_without_queries,
            before_send_transaction=_without_queries,
        )
    except BadDsn as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN n’est pas une adresse Sentry. Exemple : "
            "SENTRY_DSN=https://cle@sentry.example.org/1. Laissez-la vide pour ne rien envoyer."
        ) from error
    ignore_logger("access")  # addresses and accounts are no breadcrumbs
    ignore_logger("procrastinate.worker")  # an error for each period of one and the same failure
    ignore_logger("apprise")  # it names the addresses of channels


def report(problem: str) -> None:
    """Send one message to Sentry, if it is configured, about what no exception of a page shows."""
    sentry_sdk.capture_message(problem, level="error")


def tag_request(request_id: str) -> None:
    """Name the request at hand in whatever is reported of it, by the identifier that its logs have."""
    sentry_sdk.get_isolation_scope().set_tag("request_id", request_id)


def _without_queries(event: Event, hint: Hint) -> Event:
    """Drop what a person typed: a search may hold a driver's name or a plate."""
    request = event.get("request", {})
    request.pop("query_string", None)
    cast(dict[str, str], request.get("headers", {})).pop("Referer", None)
    return event


def _sampled(context: SamplingContext) -> float:
    path = context.get("wsgi_environ", {}).get("PATH_INFO", "")
    return 0.0 if path.startswith("/health") else TRACES_RATE
