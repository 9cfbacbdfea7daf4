"""Who may come in, and what they carry: token, rate, Idempotency-Key and body.

All raise TurnedAway with the answer to give. What is suspicious of it is in the access journal, under the
token's name where there is such a token.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from django.db import connection
from django.http import HttpRequest, UnreadablePostError

from mlpp_gov.access.events import Event
from mlpp_gov.access.recording import record
from releases import acts
from releases.acts import Bearer
from releases.asks import Ask, Values

LARGEST_BODY = 64 * 1024  # bytes
KEY = re.compile(r"[!-~]{1,200}")
CHALLENGE = 'Bearer realm="releases"'
# Why a token opens nothing, as the journal says it.
STANDINGS = {
    "unknown": "jeton inconnu",
    "revoked": "jeton révoqué",
    "expired": "jeton expiré",
    "owner": "responsable du jeton sans droit",
}


class TurnedAway(Exception):
    """The request is answered without an act."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.body, self.headers = status, body, headers or {}
        super().__init__(status, body)


def errors(*found: tuple[str | None, str]) -> dict[str, list[dict[str, str | None]]]:
    """What is wrong, by field; None where it is no field's."""
    return {"errors": [{"field": field, "said": said} for field, said in found]}


def refuse(
    status: int, field: str | None, said: str, headers: Mapping[str, str] | None = None
) -> NoReturn:
    raise TurnedAway(status, errors((field, said)), headers)


def bearer_of(request: HttpRequest) -> Bearer:
    """The bearer of a token that holds: 401 without one, 403 when its owner lost their role."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        record(request, Event.NOT_SIGNED_IN)
        said = "Donnez le jeton : « Authorization: Bearer mlpp_… »."
        refuse(401, "Authorization", said, {"WWW-Authenticate": CHALLENGE})
    bearer = Bearer.of(token.strip())
    with acts.bearing(bearer), connection.cursor() as cursor:
        cursor.execute("SELECT name, refusal FROM gouvernance.release_token_standing()")
        name, refusal = cursor.fetchone()
    if refusal == "owner":
        record(request, Event.TOKEN_FORBIDDEN, detail=f"{STANDINGS[refusal]} : {name}")
        said = f"Le responsable du jeton « {name} » n’a plus le droit de conduire une release."
        refuse(403, "Authorization", said)
    if refusal:
        detail = f"{STANDINGS[refusal]} : {name}" if name else STANDINGS[refusal]
        record(request, Event.TOKEN_REFUSED, detail=detail)
        headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
        refuse(401, "Authorization", "Jeton inconnu, révoqué ou expiré.", headers)
    return bearer


def count(request: HttpRequest, bearer: Bearer) -> None:
    """Let sixty requests of a token in a minute through; 429 beyond."""
    with acts.bearing(bearer), connection.cursor() as cursor:
        cursor.execute("SELECT gouvernance.count_release_request()")
        (seconds,) = cursor.fetchone()
    if seconds:
        record(request, Event.TOO_MANY_REQUESTS, detail="API des releases")
        said = f"Plus de 60 requêtes en une minute : réessayez dans {seconds} s."
        refuse(429, None, said, {"Retry-After": str(seconds)})


def key_of(request: HttpRequest) -> str:
    """The Idempotency-Key, which every POST carries."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        refuse(
            400,
            "Idempotency-Key",
            "Cet en-tête est obligatoire : de 1 à 200 caractères ASCII visibles, les mêmes pour "
            "réessayer la même demande.",
        )
    return key


def values_of(request: HttpRequest, ask: Ask, place: Values) -> tuple[Values, str]:
    """What is asked, and the SHA-256 by which the same request is known again.

    400 naming every field that is wrong.
    """
    body = _body(request)
    asked = _json(request, body)
    typed = {**asked, **place}
    values, found = {}, []
    for name, field in ask.fields.items():
        if typed.get(name) is None:
            if not field.optional:
                found.append((name, "obligatoire"))
            continue
        try:
            values[name] = field.kind.read(typed[name])
        except ValueError as error:
            found.append((name, str(error)))
    found += [(_shown(name), "champ inconnu") for name in asked if name not in ask.asked]
    if found:
        raise TurnedAway(400, errors(*found))
    head = f"{request.method} {request.path_info}\n".encode()
    return values, hashlib.sha256(head + body).hexdigest()


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.read(LARGEST_BODY + 1)
    except UnreadablePostError:
        refuse(400, None, "L’envoi a été interrompu.")
    if len(body) > LARGEST_BODY:
        _refuse_body(request, "Le corps de la requête dépasse 64 ko.")
    return body


def _json(request: HttpRequest, body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(
            body.decode() or "{}",
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_no_name_twice,
        )
    except (ValueError, ArithmeticError, RecursionError):
        _refuse_body(request, "Le corps de la requête n’est pas du JSON en UTF-8.")
    if not isinstance(read, dict):
        _refuse_body(request, "Le corps de la requête est un objet JSON.")
    return read


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice: readers differ on which of them counts")
    return found


def _refuse_body(request: HttpRequest, said: str) -> NoReturn:
    record(request, Event.INVALID_INPUT)
    refuse(400, None, said)


def _shown(name: str) -> str:
    """A name that somebody made up, as an answer in UTF-8 can repeat it."""
    return name[:100].encode(errors="replace").decode().replace("\0", "␀")
