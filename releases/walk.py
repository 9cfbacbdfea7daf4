"""How a release usually goes, from its tag to production and back; for rehearsals and tests.

In a throw-away database: its owner plants what the system answers itself, and lets time pass.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from mlpp_gov.models import User
from releases import acts, readings
from releases.acts import Plan
from releases.asks import deployment_of
from releases.timetravel import let_time_pass

AsOwner = Callable[[], AbstractContextManager[CursorWrapper]]

CONFIGURATION = {"staging": "aaaaaaaa00000001", "production": "bbbbbbbb00000002"}
COMMITS = ("0c5c2b7", "1d6d3c8", "2e7e4d9", "3f8f5ea")


class Team:
    """The three who make a release, and what they usually do; `as_owner` opens the owner's cursor."""

    def __init__(self, admin: User, directeur: User, pca: User, *, as_owner: AsOwner) -> None:
        self.admin, self.directeur, self.pca = admin, directeur, pca
        self.as_owner = as_owner
        self.all_is_well()

    def all_is_well(self) -> None:
        """What the system answers itself, as of now."""
        with self.as_owner() as cursor:
            cursor.execute(
                "INSERT INTO gouvernance.sync_runs"
                " (started_at, finished_at, opened, refreshed, reopened, resolved)"
                " VALUES (now(), now(), 0, 0, 0, 0)"
            )
            cursor.execute(
                "SELECT gouvernance.record_rls_audit(now(), 'v1.0.0+0000000', 'command', '[]', NULL)"
            )
            cursor.execute("SELECT gouvernance.record_contract_check('{}')")

    def time_passes(self, **span: float) -> None:
        """Hours or days go by, while the system goes on looking and the nights are green."""
        with self.as_owner() as cursor:
            let_time_pass(cursor, timedelta(**span))
        self.all_is_well()

    def night(self, commit: str, *, passed: bool = True, days_ago: float = 0) -> None:
        acts.report_nightly(
            branch="main",
            commit=commit,
            finished_at=timezone.now() - timedelta(days=days_ago),
            passed=passed,
            evidence="https://ci.example.org/nightly/1",
            actor=self.admin,
        )

    def register(self, number: int = 0) -> int:
        return acts.register(
            tag=f"v1.{number}.0",
            commit=COMMITS[number],
            category="MAINTENANCE",
            actor=self.admin,
        )

    def pass_gate(self, release: int, *, besides: tuple[str, ...] = ()) -> None:
        """Two green nights, a gate, and ✅ to all that people answer."""
        commit = commit_of(release)
        self.night(commit, days_ago=1)
        self.night(commit)
        acts.open_gate(release, configuration=CONFIGURATION, actor=self.admin)
        for item in readings.gate_checklist(release, "B"):
            if not item.computed and item.code not in besides:
                acts.answer_gate(
                    release, item=item.code, verdict="ok", evidence="Vu.", actor=self.admin
                )

    def prepare(self, release: int, environment: str, *, operator: User | None = None) -> int:
        """A deployment of which nothing is missing but the authorisation."""
        now = timezone.now()
        deployment = acts.open_deployment(
            release,
            environment=environment,
            plan=Plan(
                backup="backups/prod_2026.dump",
                rollback="docs/ROLLBACK_WEB_RUNBOOK.md",
                window_from=now - timedelta(minutes=1),
                window_to=now + timedelta(hours=4),
            ),
            actor=operator or self.admin,
        )
        self.answer(deployment, "preparation")
        return deployment

    def answer(self, deployment: int, list_name: str) -> None:
        for item in readings.deployment_checklist(deployment, list_name):
            acts.answer_deployment(
                deployment, item=item.code, verdict="ok", evidence="Vu.", actor=self.admin
            )

    def start(self, deployment: int, *, operator: User | None = None) -> None:
        """Authorised by the PCA, and begun with what the gate saw."""
        acts.authorise(deployment, actor=self.pca)
        found = deployment_of(deployment)
        acts.start(
            deployment,
            commit=found.commit,
            configuration=CONFIGURATION[found.environment],
            actor=operator or self.admin,
        )

    def deploy(self, deployment: int) -> None:
        """From prepared to what is to be validated."""
        self.start(deployment)
        acts.report_attempt(deployment, step="build", succeeded=True, actor=self.admin)
        acts.report_attempt(deployment, step="deploy", succeeded=True, actor=self.admin)

    def validate(self, deployment: int) -> None:
        """Smoke tests, in production two quiet hours, and the success."""
        self.answer(deployment, "smoke")
        if deployment_of(deployment).environment == "production":
            self.time_passes(hours=2)
            acts.report_watch(
                deployment,
                error_percent=Decimal(0),
                unavailable_minutes=Decimal(0),
                actor=self.admin,
            )
        acts.succeed(deployment, actor=self.admin)

    def succeed_in(self, environment: str, release: int) -> int:
        """The whole way of one scenario; its deployment."""
        deployment = self.prepare(release, environment)
        self.deploy(deployment)
        self.validate(deployment)
        return deployment

    def wait_for_production(self, number: int) -> tuple[int, int]:
        """A and 48 hours: the release and its deployment in production, prepared."""
        release = self.register(number)
        self.pass_gate(release)
        self.succeed_in("staging", release)
        self.time_passes(hours=49)
        self.night(commit_of(release), days_ago=1)
        self.night(commit_of(release))
        return release, self.prepare(release, "production")

    def bring_to_production(self, number: int) -> tuple[int, int]:
        """A, 48 hours, B: the release and its deployment in production."""
        release, deployment = self.wait_for_production(number)
        self.deploy(deployment)
        self.validate(deployment)
        return release, deployment

    def roll_back(self, environment: str = "production") -> int:
        """A whole rollback; its deployment."""
        rollback = acts.begin_rollback(
            environment=environment, reason="Les sorties ne passent plus.", actor=self.admin
        )
        acts.report_attempt(rollback, step="deploy", succeeded=True, actor=self.admin)
        self.answer(rollback, "smoke")
        acts.succeed(rollback, actor=self.admin)
        return rollback


def commit_of(release: int) -> str:
    """Raises LookupError for a release that is not there."""
    found = readings.release(release)
    if found is None:
        raise LookupError(release)
    return found.commit
