"""People with a password, and the telephone of those who have a second factor."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from mlpp_gov.models import User
from mlpp_gov.signin import factor

PASSWORD = "un mot de passe d’essai"
SCREEN = "/governance/integrity/"


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 at its least: these tests sign in by the hundred."""

    time_cost, memory_cost, parallelism = 1, 8, 1


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.{QuickArgon2.__name__}"]


class Door:
    """A browser of its own, before the login page."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(**headers)

    def sign_in(self, username: str, password: str = PASSWORD, **fields: str) -> Any:
        return self.client.post("/login/", {"username": username, "password": password, **fields})

    def give(self, code: str, path: str = "/login/code/") -> Any:
        return self.client.post(path, {"code": code})

    @property
    def is_open(self) -> bool:
        return self.client.get("/account/").status_code == 200


class Telephone:
    """An authenticator application that knows the person's key."""

    def __init__(self, key: str) -> None:
        self.key = bytes.fromhex(key)

    def code(self, *, steps_ahead: int = 0) -> str:
        return f"{totp(self.key, drift=steps_ahead):06}"

    @property
    def wrong_code(self) -> str:
        """None of the codes that could be taken now."""
        near = {self.code(steps_ahead=step) for step in range(-3, 4)}
        return next(f"{number:06}" for number in range(8) if f"{number:06}" not in near)


@pytest.fixture
def door(db: None) -> Door:
    return Door()


@pytest.fixture
def make_door(db: None) -> type[Door]:
    return Door


@pytest.fixture
def person(pca: User) -> User:
    """Somebody whose role asks for no second factor."""
    return with_password(pca)


@pytest.fixture
def boss(directeur: User) -> User:
    """Somebody whose role asks for a second factor, outside development."""
    return with_password(directeur)


@pytest.fixture
def telephone() -> Telephone:
    return Telephone(factor.new_key())


@pytest.fixture
def enrolled(boss: User, telephone: Telephone) -> User:
    TOTPDevice.objects.create(user=boss, name="TOTP", key=telephone.key.hex())
    return boss


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user
