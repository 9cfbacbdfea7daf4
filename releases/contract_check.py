"""What the gate says of the SQL contract: looked at by the application itself, and kept."""

from datetime import timedelta

from django.db import connection, transaction

from mlpp_gov import contract
from releases.readings import fetch

FRESHNESS = timedelta(minutes=10)


def refresh() -> None:
    """Verify the contract and record it, unless that was done in the last ten minutes.

    As far as the application's login sees: definitions, rights and what was deployed, never ML_PP's
    rows. Takes half a second; outside db_identity(), since it is nobody's act.
    """
    (last,) = fetch("contract_check_is_due", freshness=FRESHNESS)
    if not last["due"]:
        return
    differences = [str(state) for state in contract.status(connection) if not state.conforms]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT gouvernance.record_contract_check(%s)", [differences])
