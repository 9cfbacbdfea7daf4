"""What the gate says of the SQL contract: looked at by the application itself, and kept."""

from datetime import timedelta

from django.db import connection, transaction

from mlpp_gov import contract
from releases.readings import fetch

FRESHNESS = timedelta(minutes=10)


def record() -> None:
    """Verify the contract and record it, as far as the application's login sees: definitions, rights and
    what was deployed, never ML_PP's rows.

    Takes half a second, hence FRESHNESS; outside db_identity(), since it is nobody's act.
    """
    with transaction.atomic():
        differences = [str(state) for state in contract.status(connection) if not state.conforms]
        transaction.set_rollback(True)  # the search path, which the verification empties
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT gouvernance.record_contract_check(%s)", [differences])


def refresh() -> None:
    """Look again when the last look is older than FRESHNESS: before an act that the contract could keep back."""
    if fetch("contract_check_is_due", freshness=FRESHNESS)[0]["due"]:
        record()
