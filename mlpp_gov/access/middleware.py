"""What passes through the door, seen from outside everything else."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mlpp_gov.access.events import Event
from mlpp_gov.access.probes import is_probe
from mlpp_gov.access.recording import publish, record
from mlpp_gov.logs import current_request
from mlpp_gov.observability import tag_request


class AccessMiddleware:
    """Give each request an identifier of ours, and write to the journal what came of it.

    Outside all that can refuse, so that it sees the answer as it leaves; whoever refuses may say why
    with `record`, and what nobody explained is told from the status.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = str(uuid4())  # never the client's: it could carry what it likes into the logs
        request.request_id = request_id  # type: ignore[attr-defined]
        request.access_notes = []  # type: ignore[attr-defined]
        tag_request(request_id)
        token = current_request.set(request)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            note_outcome(request, response)
            publish(request, response)
        finally:
            current_request.reset(token)
        return response


def note_outcome(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note what the answer alone says: a refusal that nobody explained, a probe, an export."""
    disposition = response.get("Content-Disposition", "")
    if response.status_code == 200 and disposition.startswith("attachment"):
        record(request, Event.EXPORTED)
    if request.access_notes:  # type: ignore[attr-defined]
        return
    match response.status_code:
        case 403:
            record(request, Event.REFUSED)
        case 404 if is_probe(request.path_info):
            record(request, Event.PROBE)
        case 429:
            record(request, Event.TOO_MANY_REQUESTS)
