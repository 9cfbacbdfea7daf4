"""The second factor: six digits of an application (TOTP, RFC 6238), or a recovery code.

One authenticator a person. Recovery codes are kept as HMACs, and each works once.
"""

import secrets
from base64 import b32encode
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from mlpp_gov.models import RecoveryCode, User
from mlpp_gov.roles import Role

REQUIRED_FOR = frozenset({Role.ADMIN, Role.DIRECTEUR})
RECOVERY_CODES = 10
# Digits alone: a telephone shows its number pad. 40 bits, guessed online only, behind two brakes.
RECOVERY_DIGITS = 12
CODE_DIGITS = 6


class WrongCode(Exception):
    """The code is not the person's, or was used already."""


class TooManyTries(Exception):
    """No code is looked at before `until`; the wait doubles with each wrong one."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class AlreadyEnrolled(Exception):
    """The person has an authenticator: it must go before another comes."""


def is_required(person: User) -> bool:
    return settings.SECOND_FACTOR_REQUIRED and person.role in REQUIRED_FOR


def is_enrolled(person: User) -> bool:
    return TOTPDevice.objects.filter(user=person).exists()


def new_key() -> str:
    """A secret of 160 bits, in hexadecimal."""
    return secrets.token_hex(20)


def typed_key(key: str) -> str:
    """The secret as people type it where no camera helps: base32, in groups of four."""
    text = b32encode(bytes.fromhex(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def provisioning_url(person: User, key: str) -> str:
    """What the QR code says: otpauth://…, with whom and what it is for."""
    return TOTPDevice(user=person, key=key).config_url


@transaction.atomic
def enrol(person: User, *, key: str, code: str) -> list[str]:
    """Add the authenticator that shows `code`, and return the recovery codes, readable here only.

    The person's sessions end. Raises WrongCode; AlreadyEnrolled.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    if is_enrolled(locked):
        raise AlreadyEnrolled
    device = TOTPDevice.objects.create(user=locked, name="TOTP", key=key)
    if not device.verify_token(digits_of(code)):
        raise WrongCode
    end_sessions_of(person)
    return _new_codes(person)


def check(person: User, text: str) -> None:
    """Use up a code of the authenticator, or a recovery code.

    Raises WrongCode; TooManyTries. A wrong code is counted before anything is raised.
    """
    code = digits_of(text)
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=person).first()
        if device is None:
            raise WrongCode
        allowed, refusal = device.verify_is_allowed()
        if not allowed:
            raise TooManyTries(timezone.localtime(refusal["locked_until"]))
        if len(code) == RECOVERY_DIGITS:
            right = _use_up(person, code)
            device.throttle_reset() if right else device.throttle_increment()
        else:
            right = device.verify_token(code if len(code) == CODE_DIGITS else "")
    if not right:
        raise WrongCode


@transaction.atomic
def renew_codes(person: User) -> list[str]:
    """Replace the recovery codes, used or not, and return the new ones, readable here only."""
    User.objects.select_for_update().get(pk=person.pk)
    return _new_codes(person)


@transaction.atomic
def remove(person: User) -> bool:
    """Take the authenticator and its recovery codes away; whether there was one. Sessions end."""
    removed, _ = TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    end_sessions_of(person)
    return bool(removed)


def codes_left(person: User) -> int:
    return RecoveryCode.objects.filter(user=person).count()


def digits_of(text: str) -> str:
    """A code as it was meant: people add spaces and dashes. Empty when it is no number."""
    code = "".join(text.replace("-", "").split())
    return code if code.isascii() and code.isdecimal() else ""


def end_sessions_of(person: User) -> None:
    """End every session of a person, and know the new generation, so that this one may go on."""
    User.objects.filter(pk=person.pk).end_sessions()
    person.refresh_from_db(fields=["session_generation"])


def _new_codes(person: User) -> list[str]:
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=person).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, digest=_digest(person, digits_of(code))) for code in codes
    )
    return codes


def _new_code() -> str:
    digits = f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}"
    return " ".join(digits[start : start + 4] for start in range(0, RECOVERY_DIGITS, 4))


def _use_up(person: User, code: str) -> bool:
    deleted, _ = RecoveryCode.objects.filter(user=person, digest=_digest(person, code)).delete()
    return bool(deleted)


def _digest(person: User, code: str) -> str:
    text = f"{person.pk}:{code}"
    return salted_hmac("mlpp_gov.signin.recovery", text, algorithm="sha256").hexdigest()
