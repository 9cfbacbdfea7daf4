"""The addresses of the API: one view for all that a token may ask for, one for what it may read.

No session and no page: a program gets JSON whatever happens, and is never led to the sign-in.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from releases import acts, asks, outline
from releases.acts import Bearer, Conflict, Refused
from releases.api import door
from releases.api.door import TurnedAway, errors, refuse
from releases.asks import Ask, NotFound, Values

View = Callable[..., HttpResponse]
Reply = tuple[int, dict[str, Any]]


def program(*methods: str) -> Callable[[View], View]:
    """A view for programs, of these methods: a token is all that it knows its visitors by."""

    def decorate(view: View) -> View:
        @csrf_exempt  # no cookie opens anything here, so no other site can act through a browser
        @login_not_required
        def guarded(request: HttpRequest, **place: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    refuse(405, None, "Méthode inconnue ici.", {"Allow": ", ".join(methods)})
                response = view(request, **place)
            except TurnedAway as answer:
                response = _json(answer.status, answer.body, **answer.headers)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return decorate


def asking(ask: Ask) -> View:
    """The view of one thing that a token may ask for."""

    @program("POST")
    def view(request: HttpRequest, **place: Any) -> HttpResponse:
        bearer = door.bearer_of(request)
        door.count(request, bearer)
        key = door.key_of(request)
        values, digest = door.values_of(request, ask, place)
        try:
            status, body, is_replay = _once(bearer, key, digest, ask, values)
        except InvalidInput as refusal:
            raise TurnedAway(400, errors((None, str(refusal)))) from refusal
        except NotFound as absence:
            raise TurnedAway(404, errors((None, str(absence)))) from absence
        except SpokenRefusal as refusal:
            record(request, Event.TOKEN_FORBIDDEN, detail=str(refusal))
            raise TurnedAway(403, errors((None, str(refusal)))) from refusal
        return _json(status, body, **({"Idempotent-Replay": "true"} if is_replay else {}))

    return view


def _once(
    bearer: Bearer, key: str, digest: str, ask: Ask, values: Values
) -> tuple[int, dict[str, Any], bool]:
    """The act and what is kept of its answer, in one transaction; or the answer already given.

    422 when the key was another request's. What the database did not answer is not kept: the key stays
    free for the request mended.
    """
    with acts.bearing(bearer):
        given = acts.act("begin_release_request", key, digest, actor=bearer)
        if "other" in given:
            refuse(422, "Idempotency-Key", "Cette clé a déjà servi à une autre demande.")
        if given:
            return given["status"], given["response"], True
        status, body = _answer(ask, values, bearer)
        kept = DjangoJSONEncoder(ensure_ascii=False).encode(body)
        acts.act("keep_release_answer", key, digest, status, kept, actor=bearer)
    return status, body, False


def _answer(ask: Ask, values: Values, bearer: Bearer) -> Reply:
    try:
        return 201 if ask.creates else 200, ask.do(**values, actor=bearer)
    except Refused as refusal:
        return 409, {"refused": [asdict(condition) for condition in refusal.unmet]}
    except Conflict as conflict:
        return 409, {"conflict": {"state": conflict.state, "by": conflict.by, "at": conflict.at}}


@program("GET", "HEAD")
def release(request: HttpRequest, tag: str) -> HttpResponse:
    door.bearer_of(request)
    return _json(200, outline.whole_release(_found(asks.release_of, tag)))


@program("GET", "HEAD")
def deployment(request: HttpRequest, deployment: int) -> HttpResponse:
    door.bearer_of(request)
    return _json(200, outline.whole_deployment(_found(asks.deployment_of, deployment)))


@program("GET", "HEAD")
def running(request: HttpRequest) -> HttpResponse:
    door.bearer_of(request)
    return _json(200, outline.running())


def _found(find: Callable[[Any], Any], name: object) -> Any:
    try:
        return find(name)
    except NotFound as absence:
        raise TurnedAway(404, errors((None, str(absence)))) from absence


def _json(status: int, body: Any, **headers: str) -> HttpResponse:
    return JsonResponse(
        body, status=status, headers=headers, json_dumps_params={"ensure_ascii": False}
    )
