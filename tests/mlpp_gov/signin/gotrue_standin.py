"""A GoTrue of our own on loopback: it checks passwords, signs real tokens, and can be made to lie."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

API_KEY = "cle-anon"
SHARED_SECRET = "le secret partagé de tout le projet Supabase"


class Key:
    """A key pair of GoTrue, or of somebody who would like to be."""

    def __init__(self, kid: str, alg: str = "ES256") -> None:
        self.kid, self.alg = kid, alg
        self.private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if alg == "ES256"
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )

    @property
    def jwk(self) -> dict[str, Any]:
        algorithm = ECAlgorithm if self.alg == "ES256" else RSAAlgorithm
        public = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": self.alg, "use": "sig"}

    @property
    def pem(self) -> bytes:
        """The public half as text: the « secret » of a key confusion."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private, algorithm=self.alg, headers={"kid": self.kid})


def signed_by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [json.dumps(part).encode() for part in (header, claims)] + [signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class GoTrue:
    """What the stand-in knows and does; tests change it."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[str, UUID]] = {}
        self.keys = [Key("k1")]
        self.url = ""
        self.token: Callable[[UUID], str] = self.true_token
        self.answer: tuple[int, bytes] | None = None
        self.silence: Event | None = None
        self.calls: list[str] = []

    def claims(self, subject: UUID, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "sub": str(subject),
            "aud": "authenticated",
            "iss": self.url,
            "iat": now,
            "exp": now + 3600,
            "role": "authenticated",
            "user_metadata": {"role": "admin"},
            "app_metadata": {"role": "admin"},
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def true_token(self, subject: UUID) -> str:
        return self.keys[0].sign(self.claims(subject))

    def legacy_token(self, subject: UUID, secret: Any = SHARED_SECRET, **changes: Any) -> str:
        return jwt.encode(self.claims(subject, **changes), secret, algorithm="HS256")

    def respond(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        self.calls.append(f"{method} {path}")
        if self.silence:
            self.silence.wait(10)
        if self.answer:
            return self.answer
        if headers["apikey"] != API_KEY:
            return 401, b'{"message":"Invalid API key"}'
        match method, path:
            case "POST", "/auth/v1/token?grant_type=password":
                status, answer = self._grant(json.loads(body))
            case "GET", "/auth/v1/.well-known/jwks.json":
                status, answer = 200, {"keys": [key.jwk for key in self.keys]}
            case "GET", "/auth/v1/user":
                status, answer = self._user(headers["Authorization"])
            case _:
                status, answer = 404, {}
        return status, json.dumps(answer).encode()

    def _grant(self, credentials: dict[str, str]) -> tuple[int, dict[str, Any]]:
        password, subject = self.people.get(credentials["email"], ("", None))
        if subject is None or credentials["password"] != password:
            return 400, {"error_code": "invalid_credentials"}
        return 200, {"access_token": self.token(subject), "refresh_token": "a-garder-nulle-part"}

    def _user(self, authorization: str) -> tuple[int, dict[str, Any]]:
        try:
            claims = jwt.decode(
                authorization.removeprefix("Bearer "),
                SHARED_SECRET,
                algorithms=["HS256"],
                audience="authenticated",
            )
        except jwt.PyJWTError:
            return 403, {"error_code": "bad_jwt"}
        return 200, {"id": claims["sub"]}


@contextmanager
def running(gotrue: GoTrue) -> Iterator[GoTrue]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(b"")

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["Content-Length"])))

        def reply(self, body: bytes) -> None:
            status, answer = gotrue.respond(self.command, self.path, self.headers, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", answer.decode())
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """The test's own assertions say what matters."""

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client did not wait for the end
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    gotrue.url = f"http://127.0.0.1:{server.server_port}/auth/v1"
    try:
        yield gotrue
    finally:
        if gotrue.silence:
            gotrue.silence.set()
        server.shutdown()
        server.server_close()
        thread.join()
