"""An operation of a test's own beside the seeded one, and the pages before the people who see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse

from mlpp_gov.models import User
from releases.operations import actions
from releases.operations.actions import NewStep
from tests.database import as_owner

PAGE = "/governance/operations/"
EVIDENCE = "Sauvegarde relue : prod_20260301.dump"
STEPS = (
    NewStep("step", "Sauvegarder"),
    NewStep("step", "Prévenir le dépôt"),
    NewStep("stop", "Sauvegarde vérifiée", "la référence du fichier"),
    NewStep("step", "Migrer"),
)


@pytest.fixture
def running(admin: User) -> str:
    """The code of an operation that runs, opened by the administrator: two steps, a STOP, a step."""
    actions.open_operation(
        "BASCULE",
        "Bascule du dépôt",
        "Le dépôt change de citerne.",
        ["Transferts"],
        STEPS,
        actor=admin,
    )
    actions.start("BASCULE", actor=admin)
    return "BASCULE"


@pytest.fixture
def act(admin: User, client_of: Any) -> Callable[..., tuple[HttpResponse, list[str]]]:
    """Post as the administrator, or as another; returns (response, texts of the messages)."""

    def posted(path: str, data: dict[str, Any] | None = None, *, who: User = admin) -> Any:
        response = client_of(who).post(f"{PAGE}{path}", data or {})
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return posted


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with as_owner() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def log_of(code: str) -> list[tuple[Any, ...]]:
    """(kind, position or activity) of each entry, the first first."""
    return rows(
        "SELECT l.kind, coalesce(s.position::text, l.activity)"
        " FROM gouvernance.operation_log AS l"
        " JOIN gouvernance.operations AS o ON o.id = l.operation AND o.code = %s"
        " LEFT JOIN gouvernance.operation_steps AS s ON s.id = l.step ORDER BY l.id",
        code,
    )
