"""The running product as the browser tests know it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, Page

from mlpp_gov.roles import Role
from tests.database import Database

DATABASE = Database("mlpp_e2e")
LIST = "/governance/integrity/"
PASSWORD = "un mot de passe de test"


@dataclass(frozen=True)
class Cockpit:
    """Where the product is, who may sign in, and what its database says."""

    url: str
    people: dict[Role, UUID]

    def ask(self, sql: str, *values: object) -> Any:
        """The row that a question to the database returns, asked as its owner."""
        with DATABASE.owner() as connection:
            return connection.execute(sql, values).fetchone()

    def alert(self, text: str) -> UUID:
        """The id of the alert whose message contains the text."""
        found = self.ask("SELECT id FROM public.system_alerts WHERE message LIKE %s", f"%{text}%")
        assert found, f"no alert says « {text} »"
        return found[0]

    def mend(self) -> None:
        """Take away the cause of every alert."""
        with DATABASE.owner() as connection:
            connection.execute("UPDATE public.cours_de_route SET statut = 'TRANSIT'")
            connection.execute("DELETE FROM public.stocks_adjustments")

    def state(self, alert: UUID) -> tuple[str, UUID | None, UUID | None]:
        """Status, who acknowledged, who resolved."""
        return self.ask(
            "SELECT status, acknowledged_by, resolved_by FROM public.system_alerts WHERE id = %s",
            alert,
        )


def fill_login(page: Page, role: Role) -> None:
    page.get_by_label("Nom d’utilisateur").fill(role)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def row_of(page: Page, alert: UUID) -> Locator:
    return page.locator(f"#alert-{alert}")
