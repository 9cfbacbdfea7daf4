"""Releases as people and tokens make them, and time that passes over them."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from releases import acts, readings
from releases.acts import Bearer, Plan
from releases.timetravel import let_time_pass
from tests import database
from tests.conftest import make_person

CONFIGURATION = {"staging": "aaaaaaaa00000001", "production": "bbbbbbbb00000002"}
COMMITS = ("0c5c2b7", "1d6d3c8", "2e7e4d9", "3f8f5ea")


class Team:
    """The four who make a release, and what they usually do."""

    def __init__(self, admin: User, directeur: User, pca: User) -> None:
        self.admin, self.directeur, self.pca = admin, directeur, pca
        self.all_is_well()

    def all_is_well(self) -> None:
        """What the system answers itself, as of now."""
        with database.as_owner() as cursor:
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
        with database.as_owner() as cursor:
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
        commit = readings.release(release).commit
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
        found = readings.deployment(deployment)
        acts.start(
            deployment,
            commit=readings.release(found.release).commit,
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
        if readings.deployment(deployment).environment == "production":
            self.time_passes(hours=2)
            acts.report_watch(deployment, error_percent=0, unavailable_minutes=0, actor=self.admin)
        acts.succeed(deployment, actor=self.admin)

    def succeed_in(self, environment: str, release: int) -> int:
        """The whole way of one scenario; its deployment."""
        deployment = self.prepare(release, environment)
        self.deploy(deployment)
        self.validate(deployment)
        return deployment

    def bring_to_production(self, number: int) -> tuple[int, int]:
        """A, 48 hours, B: the release and its deployment in production."""
        release = self.register(number)
        self.pass_gate(release)
        self.succeed_in("staging", release)
        self.time_passes(hours=49)
        self.night(readings.release(release).commit, days_ago=1)
        self.night(readings.release(release).commit)
        return release, self.succeed_in("production", release)

    def roll_back(self, environment: str = "production") -> int:
        """A whole rollback; its deployment."""
        rollback = acts.begin_rollback(
            environment=environment, reason="Les sorties ne passent plus.", actor=self.admin
        )
        acts.report_attempt(rollback, step="deploy", succeeded=True, actor=self.admin)
        self.answer(rollback, "smoke")
        acts.succeed(rollback, actor=self.admin)
        return rollback


@pytest.fixture
def team(admin: User, directeur: User, pca: User) -> Team:
    return Team(admin, directeur, pca)


@pytest.fixture
def second_directeur(db: None) -> User:
    return make_person(Role.DIRECTEUR, profile="directeur")


@pytest.fixture
def token(admin: User) -> Callable[..., Bearer]:
    """A token of the administrator's with those scopes."""

    def issue(*scopes: str, **span: float) -> Bearer:
        digest = hashlib.sha256(secrets.token_bytes()).hexdigest()
        acts.issue_token(
            name="deploy.sh",
            scopes=list(scopes),
            digest=digest,
            expires_at=timezone.now() + timedelta(**(span or {"days": 30})),
            actor=admin,
        )
        return Bearer(digest)

    return issue


def codes(refusal: pytest.ExceptionInfo[acts.Refused]) -> set[str]:
    """What a refusal names."""
    return {condition.code for condition in refusal.value.unmet}


def events(**columns: Any) -> list[tuple[str, bool]]:
    """Kind and refusal of the journal's lines with those values, in order."""
    where = " AND ".join(f"{name} = %s" for name in columns) or "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, refused FROM gouvernance.release_events WHERE {where} ORDER BY id",
            list(columns.values()),
        )
        return cursor.fetchall()
