"""Between the password and the code: somebody whose password was right, and who is not signed in yet.

Nobody is `request.user` before the second factor, so nothing that asks for a signed-in person opens.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import load_backend, login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from mlpp_gov.models import User
from mlpp_gov.signin import factor
from mlpp_gov.signin.sessions import VERIFIED

KEY = "pending_sign_in"
SECONDS = 10 * 60


@dataclass(frozen=True)
class PendingSignIn:
    person: User
    backend: str
    next_url: str
    factor_key: str

    def complete(self, request: HttpRequest) -> None:
        """Sign the person in, in a session of its own."""
        del request.session[KEY]
        login(request, self.person, backend=self.backend)
        request.session[VERIFIED] = True


def begin(request: HttpRequest, person: User, *, next_url: str) -> None:
    """Remember whose password was right, for SECONDS, in a session with a new key."""
    request.session.cycle_key()
    request.session[KEY] = {
        "person": person.pk,
        "backend": person.backend,  # as authenticate() noted it
        "hash": person.get_session_auth_hash(),
        "until": time.time() + SECONDS,
        "next": next_url,
        "factor_key": factor.new_key(),
    }


def pending_sign_in(request: HttpRequest) -> PendingSignIn | None:
    """Whose code is awaited; nobody once it is late, the password changed or the account closed."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    person = _person(kept)
    if person is None:
        del request.session[KEY]
        return None
    return PendingSignIn(person, kept["backend"], kept["next"], kept["factor_key"])


def _person(kept: Mapping[str, Any]) -> User | None:
    if time.time() > kept["until"]:
        return None
    person = load_backend(kept["backend"]).get_user(kept["person"])
    if person is None or not constant_time_compare(kept["hash"], person.get_session_auth_hash()):
        return None
    return person
