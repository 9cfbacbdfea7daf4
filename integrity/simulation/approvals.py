"""Who approved which simulation report: the STOP gate before anything is migrated."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from integrity.queries import fetch
from integrity.simulation.report import Parameters, simulate
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User, actor_name, names_by_supabase_id
from mlpp_gov.refusals import translated
from mlpp_gov.roles import MissingPermission, Permission, SpokenRefusal, role_grants

APPROVALS_SHOWN = 50
MIN_NOTE, MAX_NOTE = 10, 2000  # characters
PARTIAL_VIEW = gettext_noop(
    "Vos droits ne montrent pas toutes les réceptions de ce rapport : la base refuse que vous "
    "l’approuviez. Demandez à un administrateur de vérifier votre profil ML_PP."
)


class DataChanged(Exception):
    """The report is no longer the one that the person read."""


class NothingToApprove(ValueError):
    """The database refused what was asked; the text says why."""


@dataclass(frozen=True)
class Approval:
    """Somebody's approval of a report; counts and litres are those that were approved."""

    checksum: str
    note: str
    stop_gate: str
    approved_by: UUID
    approved_at: datetime
    is_whole: bool  # of a report that left nothing out: no period, depot or tank
    receptions: int
    unknown: int
    out_of_tolerance: int
    difference: Decimal | None
    is_current: bool  # of the report that is shown


def read_approvals(checksum: str) -> list[Approval]:
    """Approvals of that report, then the latest of others; call it inside db_identity()."""
    rows = fetch("simulation_approvals", checksum=checksum, limit=APPROVALS_SHOWN)
    return [Approval(**row) for row in rows]


def with_names(approvals: list[Approval]) -> list[tuple[Approval, str]]:
    """Each approval with its author's name; at most one query, of the application's own."""
    people = {approval.approved_by for approval in approvals}
    names = names_by_supabase_id(people) if people else {}
    return [(approval, actor_name(approval.approved_by, names)) for approval in approvals]


def approve(parameters: Parameters, *, checksum: str, note: str, actor: User) -> bool:
    """Approve the report of that checksum as `actor`; False when they had already.

    Recomputed as they may read it, then by the database over everything there is, in one transaction.
    Raises DataChanged when either differs, the second as a SpokenRefusal; NothingToApprove,
    MissingPermission, TooManyLines.
    """
    if not role_grants(actor.role, Permission.APPROVE_SIMULATION):
        raise MissingPermission(role=actor.role, permission=Permission.APPROVE_SIMULATION)
    try:
        with db_identity(actor), connection.cursor() as cursor:
            if simulate(connection, parameters).checksum != checksum:
                raise DataChanged
            cursor.execute(
                "SELECT gouvernance.approve_simulation(%(checksum)s, %(first_day)s, %(last_day)s,"
                " %(depot)s, %(tank)s, %(rounding)s, %(hydrometer)s, %(note)s)",
                {**parameters.as_sql(), "checksum": checksum, "note": note},
            )
            return cursor.fetchone()[0] is not None
    except DatabaseError as error:
        raise translated(
            error, NothingToApprove, GV001=lambda refusal: SpokenRefusal(_(PARTIAL_VIEW))
        ) from error
