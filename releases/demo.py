"""A plausible past of releases for the demonstration, made by the database's own rules.

Two releases went to production; the second was taken back after an incident, and its post-mortem is
written; a third has been in staging for thirty hours. Nothing is planted but what the system would have
answered then: every act is the function that people call.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.transaction import atomic
from django.utils import timezone

from mlpp_gov.demo.accounts import ACCOUNTS
from mlpp_gov.roles import Role
from releases.timetravel import TABLES, let_time_pass

PEOPLE = {account.role: account.supabase_user_id for account in ACCOUNTS}
CONFIGURATION = {
    "staging": "5f1d8a0c7be24996a3d1e0f2c4b86d70",
    "production": "c20b97e6514f4d38b7a90e1f6d83a25c",
}
EVIDENCE = {
    "ci_reviewed": "https://ci.example.org/mlpp/pulls?etat=fusionnees",
    "tests_none_skipped": "https://ci.example.org/mlpp/nightly : 0 test ignoré",
    "docs_changelog": "CHANGELOG.md, section du tag",
    "smoke_business": "Réception et sortie d’essai saisies par le gérant de Daipn.",
}
POST_MORTEM = {
    "context": "Mise en production dans la fenêtre du soir, après 49 h en staging.",
    "symptoms": "Les sorties de gasoil étaient refusées : « stock insuffisant », citernes pleines.",
    "cause": "La nouvelle garde comparait le volume à 15 °C avec la capacité de sécurité.",
    "sql_proof": "SELECT count(*) FROM sorties_produit WHERE statut = 'brouillon' : 14 en une heure.",
    "fix": "Retour à la version précédente en 12 minutes, puis correction de la garde.",
    "prevention": "Un smoke test saisit une sortie dans chaque citerne avant la fin de la fenêtre.",
    "validation": "Rejoué en staging avec les 14 sorties refusées : toutes passent.",
}
# What the gate asks of the system itself, as it was then.
ALL_IS_WELL = """
    INSERT INTO gouvernance.sync_runs (started_at, finished_at, opened, refreshed, reopened, resolved)
    VALUES (now(), now(), 0, 0, 0, 0);
    SELECT gouvernance.record_rls_audit(now(), %(release)s, 'command', '[]', NULL);
"""
# It was ours to say for the past only: the true evaluation and the true audit come next.
FORGET_THAT = """
    SET LOCAL session_replication_role = replica;
    DELETE FROM gouvernance.sync_runs WHERE finished_at = now();
    DELETE FROM gouvernance.rls_audits WHERE at = now();
    DELETE FROM gouvernance.contract_checks;
    SET LOCAL session_replication_role = origin;
"""


class Unexpected(Exception):
    """An act of the demonstration was refused; the text says which and why."""


@dataclass(frozen=True)
class Past:
    """The owner's hand in a throw-away database: acts in people's names, and time that goes by."""

    cursor: CursorWrapper

    def act(self, role: Role, function: str, *parameters: Any) -> dict[str, Any]:
        """An act of the person who has that role. Raises Unexpected when it is refused."""
        claims = json.dumps({"sub": str(PEOPLE[role]), "role": "authenticated"})
        places = ", ".join(["%s"] * len(parameters))
        self.cursor.execute(
            f"SELECT set_config('request.jwt.claims', %s, true), gouvernance.{function}({places})::text",
            [claims, *parameters],
        )
        answer = json.loads(self.cursor.fetchone()[1] or "{}")
        if "refused" in answer or "conflict" in answer:
            raise Unexpected(f"{function} : {answer}")
        return answer

    def admin(self, function: str, *parameters: Any) -> dict[str, Any]:
        return self.act(Role.ADMIN, function, *parameters)

    def time_passes(self, **span: float) -> None:
        let_time_pass(self.cursor, timedelta(**span))
        self.cursor.execute("SELECT gouvernance.record_contract_check('{}')")

    def two_green_nights(self, commit: str) -> None:
        for nights_ago in (1, 0):
            finished_at = timezone.now() - timedelta(days=nights_ago)
            evidence = "https://ci.example.org/mlpp/nightly"
            self.admin("report_nightly", "main", commit, finished_at, True, evidence)

    def candidate(self, tag: str, commit: str, category: str, notes: str) -> int:
        """A release that passed its gate, but for one condition that is to be seen again."""
        release = self.admin("register_release", tag, commit, category, notes)["id"]
        self.two_green_nights(commit)
        self.admin("open_gate", release, json.dumps(CONFIGURATION))
        for item in self._items("gate"):
            answer: tuple[Any, ...] = (
                "ok",
                EVIDENCE.get(item, "Vu avec l’équipe technique."),
                None,
                None,
            )
            if item == "tests_flaky":
                until = timezone.now().date() + timedelta(days=30)
                answer = ("conditional", "", "Un seul test instable, relancé à la main.", until)
            self.admin("answer_gate", release, item, *answer)
        return release

    def deploy(self, release: int, environment: str, commit: str) -> int:
        """As far as the smoke tests, all of them passed."""
        opens = timezone.now() - timedelta(minutes=15)  # the transaction's clock stands still
        window = (opens, opens + timedelta(hours=4))
        plan = ("backups/prod_avant.dump", "docs/ROLLBACK_WEB_RUNBOOK.md", *window)
        deployment = self.admin("open_deployment", release, environment, *plan)["id"]
        self._answer(deployment, "preparation", environment)
        authority = Role.PCA if environment == "staging" else Role.DIRECTEUR
        self.act(authority, "authorise_deployment", deployment)
        self.admin("start_deployment", deployment, commit, CONFIGURATION[environment])
        for step in ("build", "deploy"):
            self.admin("report_attempt", deployment, step, True, "")
        self._answer(deployment, "smoke", environment)
        return deployment

    def stage(self, release: int, commit: str) -> None:
        self.admin("succeed_deployment", self.deploy(release, "staging", commit))

    def _answer(self, deployment: int, list_name: str, environment: str) -> None:
        scenario = "A" if environment == "staging" else "B"
        for item in self._items(list_name, scenario):
            evidence = EVIDENCE.get(item, "Vu.")
            self.admin("answer_deployment", deployment, item, "ok", evidence)

    def _items(self, list_name: str, scenario: str = "B") -> Sequence[str]:
        self.cursor.execute(
            "SELECT code FROM gouvernance.checklist_items"
            " WHERE list = %s AND %s = ANY (scenarios) AND NOT computed ORDER BY position",
            [list_name, scenario],
        )
        return [code for (code,) in self.cursor.fetchall()]


def load(connection: BaseDatabaseWrapper, *, replace: bool) -> bool:
    """Write the past of releases in one transaction; whether it did. What is there already stays, unless
    `replace`. For the owner of a stand-in database only. Raises Unexpected.
    """
    with atomic(using=connection.alias), connection.cursor() as cursor:
        if replace:
            cursor.execute("SET LOCAL session_replication_role = replica")
            tables = ", ".join(f"gouvernance.{table}" for table in TABLES)
            cursor.execute(f"TRUNCATE {tables} CASCADE")
            cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SELECT EXISTS (SELECT FROM gouvernance.releases)")
        if cursor.fetchone() == (True,):
            return False
        cursor.execute(ALL_IS_WELL, {"release": settings.APP_RELEASE})
        past = Past(cursor)
        past.time_passes(seconds=0)
        _make(past)
        cursor.execute(FORGET_THAT)
        cursor.execute("SELECT set_config('request.jwt.claims', '', true)")
    return True


def _make(past: Past) -> None:
    """The past, told forwards: each step pushes what came before it further back."""
    first = past.candidate(
        "v1.1.0", "0c5c2b7", "MAINTENANCE", "Correction des libellés de citernes."
    )
    past.stage(first, "0c5c2b7")
    past.time_passes(hours=49)
    past.two_green_nights("0c5c2b7")
    production = past.deploy(first, "production", "0c5c2b7")
    past.time_passes(hours=2)
    past.admin("report_watch", production, 0.2, 0, "Rien à signaler.")
    past.admin("succeed_deployment", production)

    past.time_passes(days=12)
    second = past.candidate(
        "v1.2.0", "1d6d3c8", "POST-PROD FEATURE", "Garde sur les sorties à 15 °C."
    )
    past.stage(second, "1d6d3c8")
    past.time_passes(hours=50)
    past.two_green_nights("1d6d3c8")
    past.deploy(second, "production", "1d6d3c8")
    past.time_passes(minutes=25)
    incident = "Les sorties de gasoil sont toutes refusées."
    past.act(Role.DIRECTEUR, "declare_incident", "production", "critical", incident)
    rollback = past.admin("begin_rollback", "production", incident)["id"]
    past.admin("report_attempt", rollback, "deploy", True, "")
    past._answer(rollback, "smoke", "production")
    past.admin("succeed_deployment", rollback)
    past.time_passes(days=2)
    past.cursor.execute("SELECT id FROM gouvernance.post_mortems")
    past.act(
        Role.DIRECTEUR, "write_post_mortem", past.cursor.fetchone()[0], json.dumps(POST_MORTEM)
    )

    past.time_passes(days=4)
    third = past.candidate("v1.3.0", "2e7e4d9", "MAINTENANCE", "La garde des sorties, corrigée.")
    past.stage(third, "2e7e4d9")
    past.time_passes(hours=30)
    past.two_green_nights("2e7e4d9")
