"""What an operator reads about an alert's state."""

from uuid import UUID

from alerts.models import Alert, Status
from alerts.transitions import Conflict
from mlpp_gov.models import actor_name
from mlpp_gov.templatetags.governance import moment


def state_sentence(alert: Alert, names: dict[UUID, str]) -> str:
    """« Ouverte », « Acquittée par … », « Résolue par … »."""
    match alert.status:
        case Status.ACK:
            return f"Acquittée par {actor_name(alert.acknowledged_by, names)}"
        case Status.RESOLVED:
            return f"Résolue par {actor_name(alert.resolved_by, names)}"
    return "Ouverte"


def conflict_sentence(conflict: Conflict) -> str:
    """« Rien n’a été modifié : … » with who was faster and when."""
    participle = "acquittée" if conflict.status == Status.ACK else "résolue"
    return (
        f"Rien n’a été modifié : alerte déjà {participle} par {conflict.by}, {moment(conflict.at)}."
    )
