"""Supabase's accounts (GoTrue): its password grant, and the proof that a token is one of its own.

Nothing of what it answers is kept but whose token it was. Roles are not asked of it: a person may
edit their own metadata there (see `profiles`).
"""

import json
import logging
import time
from functools import cache
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

import jwt
from django.conf import settings
from jwt.exceptions import PyJWKClientConnectionError, PyJWKSetError, PyJWTError

logger = logging.getLogger(__name__)

# Signed with a private key that GoTrue alone has; its public half can't sign in its place.
ALGORITHMS = ("ES256", "RS256")
LEGACY = "HS256"  # a secret shared with every service of the project: GoTrue itself is asked
CLAIMS = ("exp", "iss", "aud", "sub")
CLOCKS_DIFFER_BY = 30  # seconds
KEYS_KEPT = 300  # seconds; an unknown key is looked up at once
MOST_BYTES = 64 * 1024
# The name, the password or the account itself is refused; any other answer is GoTrue's trouble.
REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)


class GoTrueAway(Exception):
    """GoTrue does not answer, or answers what can't be understood."""


class BadToken(Exception):
    """A token that is not GoTrue's, not for us, or no longer valid."""


def person_behind(email: str, password: str) -> UUID | None:
    """`auth.users.id` of the person with that address and password; None when GoTrue refuses them.

    Raises GoTrueAway; BadToken when the token that it gives does not hold.
    """
    body = json.dumps({"email": email, "password": password}).encode()
    status, answer = _call("/token?grant_type=password", body=body)
    if status in REFUSALS:
        return None
    token = answer.get("access_token") if status == HTTPStatus.OK else None
    if not isinstance(token, str):
        raise GoTrueAway(f"/token : {status}")
    return subject_of(token)


def subject_of(token: str) -> UUID:
    """Whose access token this is, once its signature, issuer, audience and expiry hold.

    Raises BadToken; GoTrueAway when its keys, or its opinion of an HS256 token, can't be had.
    """
    try:
        if jwt.get_unverified_header(token).get("alg") == LEGACY:
            return _subject_according_to_gotrue(token)
        return UUID(_claims(token, key=_key_of(token))["sub"])
    except (PyJWTError, ValueError) as error:
        raise BadToken(str(error)) from error


def _key_of(token: str) -> jwt.PyJWK:
    """Raises GoTrueAway; PyJWTError when none of GoTrue's keys has the name that the token gives."""
    try:
        return _keys(settings.GOTRUE_URL, settings.GOTRUE_API_KEY).get_signing_key_from_jwt(token)
    except (PyJWKClientConnectionError, PyJWKSetError, ValueError) as error:
        raise GoTrueAway("/.well-known/jwks.json") from error


def _claims(token: str, *, key: jwt.PyJWK | None) -> dict[str, Any]:
    """Raises PyJWTError. Without a key the signature is not looked at, and everything else is."""
    return jwt.decode(
        token,
        key or "",
        algorithms=ALGORITHMS if key else [LEGACY],
        issuer=settings.GOTRUE_ISSUER,
        audience=settings.GOTRUE_AUDIENCE,
        leeway=CLOCKS_DIFFER_BY,
        options={
            "require": list(CLAIMS),
            "verify_signature": key is not None,
            "verify_exp": True,
            "verify_iss": True,
            "verify_aud": True,
            "verify_sub": True,
        },
    )


def _subject_according_to_gotrue(token: str) -> UUID:
    """For projects that still sign with a shared secret, which we had better not know."""
    subject = UUID(_claims(token, key=None)["sub"])
    status, answer = _call("/user", token=token)
    if status in (HTTPStatus.UNAUTHORIZED, *REFUSALS):
        raise BadToken("/user")
    if status != HTTPStatus.OK:
        raise GoTrueAway(f"/user : {status}")
    if answer.get("id") != str(subject):
        raise BadToken("/user : id")
    return subject


@cache
def _keys(url: str, api_key: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(
        f"{url}/.well-known/jwks.json",
        headers={"apikey": api_key},
        lifespan=KEYS_KEPT,
        timeout=settings.GOTRUE_TIMEOUT,
        cooldown_duration=0,  # only GoTrue itself makes us look at a token
    )


class _NoRedirect(HTTPRedirectHandler):
    """A password goes where the setting says and nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _call(path: str, *, body: bytes | None = None, token: str = "") -> tuple[int, dict[str, Any]]:
    """Status and JSON object of GoTrue's answer. Raises GoTrueAway."""
    headers = {"apikey": settings.GOTRUE_API_KEY, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(f"{settings.GOTRUE_URL}{path}", data=body, headers=headers)  # noqa: S310
    try:
        with _answer(request) as response:
            answer = json.loads(_read(response))
            return response.status, answer if isinstance(answer, dict) else {}
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("GoTrue : %s ne donne pas de réponse (%s)", path, type(error).__name__)
        raise GoTrueAway(path) from error


def _answer(request: Request) -> Any:
    """The response, a refusal too."""
    try:
        return build_opener(_NoRedirect).open(request, timeout=settings.GOTRUE_TIMEOUT)
    except HTTPError as refusal:
        return refusal


def _read(response: Any) -> bytes:
    """The body, if it is short and comes in time: a trickle would never meet a time limit per read."""
    deadline = time.monotonic() + settings.GOTRUE_TIMEOUT
    body = b""
    while chunk := response.read1(MOST_BYTES):
        body += chunk
        if len(body) > MOST_BYTES or time.monotonic() > deadline:
            raise ValueError("too much, or too slow")
    return body
