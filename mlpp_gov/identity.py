"""Run SQL as the signed-in person, so that PostgreSQL's row-level security decides too."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg.pq import TransactionStatus

from mlpp_gov.models import User
from mlpp_gov.roles import GRANTS, SpokenRefusal

NO_GOVERNANCE_PROFILE = gettext_noop(
    "{reason} : la base refuse de vous montrer les alertes. Demandez à un administrateur de vérifier "
    "votre identifiant Supabase et votre profil ML_PP (un seul, de rôle admin, directeur ou pca)."
)


class NoGovernanceProfile(SpokenRefusal):
    """The person's ML_PP profile gives no access, whatever their role in this application."""


@contextmanager
def db_identity(user: User, *, source: str = "person") -> Iterator[None]:
    """Open a transaction in which every query runs as `user`: role `authenticated`, JWT claims.

    Evaluate querysets before leaving the block: afterwards the login has no right to read them.
    Durable, because a nested SET LOCAL outlives its savepoint and would leak outward.

    `source` is what the journal says of a change made in the block: person, or admin.

    All of it ends with the transaction, for the next of a pooled connection too.

    Raises NoGovernanceProfile, saying why, when the person has not exactly one profile, of an admitted
    role (contract, trap 14), so that an empty list is never mistaken for "nothing wrong";
    OperationalError when the transaction was lost in the block, even if the block caught that.
    """
    claims = json.dumps({"sub": str(user.supabase_user_id or ""), "role": "authenticated"})
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "SELECT gouvernance.profile_roles(%s), set_config('request.jwt.claims', %s, true),"
            " set_config('gouvernance.source', %s, true), set_config('role', 'authenticated', true)",
            [user.supabase_user_id, claims, source],
        )
        if reason := _why_refused(cursor.fetchone()[0]):
            raise NoGovernanceProfile(_(NO_GOVERNANCE_PROFILE).format(reason=reason))
        yield
        # Lost or failed, and the block went on as if it were one bad query: COMMIT would not say so.
        if connection.connection.info.transaction_status is not TransactionStatus.INTRANS:
            raise OperationalError("transaction lost during db_identity()")
        if connection.savepoint_ids:  # a test's transaction, in which COMMIT ends nothing yet
            cursor.execute(
                "SELECT set_config('role', 'none', true), set_config('request.jwt.claims', '', true),"
                " set_config('gouvernance.context', '', true)"
            )


def _why_refused(profile_roles: list[str]) -> str:
    """What is wrong with somebody's profiles, as the beginning of a sentence; nothing when all is well."""
    match profile_roles:
        case []:
            return _("Votre compte n’est relié à aucun profil ML_PP")
        case [role] if role in GRANTS:
            return ""
        case [role]:
            return _("Votre profil ML_PP a le rôle « {role} », qui ne donne pas accès").format(
                role=role
            )
        case _:
            return _(
                "Votre compte est relié à {count} profils ML_PP, et lequel vaut est incertain"
            ).format(count=len(profile_roles))
