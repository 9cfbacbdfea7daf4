"""How messages leave this installation, read from the environment and checked before anything starts.

A refusal names the variable, and the channel, but never repeats an address: it may hold a secret.
"""

import json
import re
import subprocess
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
MAIL_TO_FILES = "django.core.mail.backends.filebased.EmailBackend"
CHANNEL_NAME = re.compile(r"[a-z0-9-]{1,30}", re.ASCII)
# Seconds for each step of a conversation, and for a whole message whatever the service does.
STEP_TIMEOUT, WHOLE_TIMEOUT = 10.0, 20.0


def mail_server(url: str, *, folder: Path | None) -> dict[str, Any]:
    """Return Django's EMAIL_ settings for an EMAIL_URL; without one, files in `folder`, else no mail.

    Raises ImproperlyConfigured when the URL is not a mail server's.
    """
    if not url:
        backend = MAIL_TO_FILES if folder else NO_MAIL
        return {**_server({}), "EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": folder}
    refusal = ImproperlyConfigured(
        "EMAIL_URL n’est pas l’adresse d’un serveur d’e-mail. Exemple : "
        "EMAIL_URL=smtp+tls://utilisateur:motdepasse@smtp.example.org:587 (ou smtp+ssl://, smtp://)."
    )
    try:
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.query or parts.fragment:
            raise refusal
        found = environ.Env.email_url_config(url)
    except ValueError:  # a port that is not a number: the original would show the address
        raise refusal from None
    return _server({**found, "EMAIL_PORT": found["EMAIL_PORT"] or DEFAULT_PORTS[parts.scheme]})


def _server(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "EMAIL_BACKEND": found.get("EMAIL_BACKEND", NO_MAIL),
        "EMAIL_FILE_PATH": None,
        "EMAIL_HOST": found.get("EMAIL_HOST", ""),
        "EMAIL_PORT": found.get("EMAIL_PORT", 25),
        "EMAIL_HOST_USER": found.get("EMAIL_HOST_USER") or "",
        "EMAIL_HOST_PASSWORD": found.get("EMAIL_HOST_PASSWORD") or "",
        "EMAIL_USE_TLS": found.get("EMAIL_USE_TLS", False),
        "EMAIL_USE_SSL": found.get("EMAIL_USE_SSL", False),
    }


def is_sender(value: str) -> bool:
    """Whether it is an address, alone or after a name: « Gouvernance <gouvernance@example.org> »."""
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        return False
    return "\n" not in value and "\r" not in value


def public_url(value: str) -> str:
    """Return the base of the links in messages, without a slash at its end.

    Raises ImproperlyConfigured when it is not http(s)://domain[:port].
    """
    try:
        parts = urlsplit(value)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if (
        not port_is_number
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or any(character.isspace() for character in value)
    ):
        raise ImproperlyConfigured(
            "PUBLIC_URL est obligatoire et doit être l’adresse de cette application, sans chemin. "
            "Exemple : PUBLIC_URL=https://gouvernance.monaluxe.app."
        )
    return f"{parts.scheme}://{parts.netloc}"


def channels(value: str) -> dict[str, str]:
    """Return the apprise URL of each channel of « nom=url;nom=url ».

    Raises ImproperlyConfigured naming the channel whose name or URL is wrong.
    """
    found: dict[str, str] = {}
    for number, entry in enumerate(filter(str.strip, value.split(";")), start=1):
        name, _, url = (part.strip() for part in entry.partition("="))
        if not CHANNEL_NAME.fullmatch(name):
            raise ImproperlyConfigured(
                f"NOTIFY_CHANNELS : le canal n° {number} doit s’écrire nom=adresse, le nom en "
                "minuscules, chiffres et tirets, 30 caractères au plus. Un « ; » dans une adresse "
                "s’écrit %3B."
            )
        if name in found:
            raise ImproperlyConfigured(f"NOTIFY_CHANNELS : deux canaux s’appellent « {name} ».")
        found[name] = url
    for name in _malformed(found):
        raise ImproperlyConfigured(
            f"NOTIFY_CHANNELS : l’adresse du canal « {name} » n’est pas celle d’un service "
            "connu d’apprise, ou il lui manque une partie. Voir docs/canaux.md."
        )
    return found


def _malformed(found: dict[str, str]) -> list[str]:
    """The channels whose address apprise does not take. Asked of a process of its own: every web process
    would keep its 18 MB, and only workers send.
    """
    if not found:
        return []
    child = subprocess.run(
        [sys.executable, "-m", "mlpp_gov.messaging"],
        cwd=Path(__file__).parent.parent,
        input=json.dumps(found),  # not as an argument, which other accounts can read
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where apprise may quote an address
        text=True,
        check=True,
    )
    malformed: list[str] = json.loads(child.stdout)
    return malformed


def service_at(url: str) -> Any:
    """The apprise service behind a URL, held to our limits whatever the URL asks; None when malformed.

    It follows no redirection, which could carry the secret elsewhere, and leaves retries to the queue.
    """
    import apprise  # 0.1 s, which an installation without channels does not pay

    asset = apprise.AppriseAsset(http_redirects=False, service_timeout=WHOLE_TIMEOUT)
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.redirects, service.retry = False, 0
        service.socket_connect_timeout = service.socket_read_timeout = STEP_TIMEOUT
    return service


if __name__ == "__main__":  # for _malformed()
    asked = json.load(sys.stdin)
    json.dump([name for name, url in asked.items() if service_at(url) is None], sys.stdout)
