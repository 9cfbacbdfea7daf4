"""The six demonstration accounts: who signs in here, and who they are to PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from mlpp_gov.demo.referentials import DEPOT_DAIPN
from mlpp_gov.demo.rows import AuthUser, Profil, Row, demo_id
from mlpp_gov.models import User
from mlpp_gov.roles import Role


@dataclass(frozen=True)
class Account:
    role: Role

    @property
    def username(self) -> str:
        return self.role.value

    @property
    def full_name(self) -> str:
        return f"{self.role.label} (démo)"

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"

    @property
    def supabase_user_id(self) -> uuid.UUID:
        return demo_id("auth.users", self.username)


ADMIN = Account(Role.ADMIN)
DIRECTEUR = Account(Role.DIRECTEUR)
GERANT = Account(Role.GERANT)
ACCOUNTS = (
    ADMIN,
    DIRECTEUR,
    Account(Role.PCA),
    GERANT,
    Account(Role.OPERATEUR),
    Account(Role.LECTURE),
)


def password() -> str:
    """The password of every demonstration account: MLPP_DEMO_PASSWORD, or a public default."""
    return os.environ.get("MLPP_DEMO_PASSWORD") or "mlpp-demo"


def account_rows() -> Iterator[Row]:
    """ML_PP's side of the accounts.

    The CHECK on profils refuses `operateur` a profile: there an account would be ambiguous.
    """
    for account in ACCOUNTS:
        if account.role is not Role.OPERATEUR:
            yield AuthUser(id=account.supabase_user_id, email=account.email)
            yield Profil(
                id=demo_id("profils", account.username),
                user_id=account.supabase_user_id,
                nom_complet=account.full_name,
                role=account.role.value,
                depot_id=DEPOT_DAIPN.id if account.role is Role.GERANT else None,
                email=account.email,
            )


def create_users(using: str) -> None:
    """Create or reset the users who sign in here, all with the same password."""
    hashed = make_password(password())
    for account in ACCOUNTS:
        User.objects.using(using).update_or_create(
            username=account.username,
            defaults={
                "role": account.role,
                "full_name": account.full_name,
                "email": account.email,
                "supabase_user_id": account.supabase_user_id,
                "password": hashed,
                "is_active": True,
            },
        )
