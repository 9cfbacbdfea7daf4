"""Two people on one release at the same moment: one wins, the other reads who and when."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from mlpp_gov.models import User
from mlpp_gov.roles import Role
from releases import acts, readings
from releases.acts import Conflict, Refused
from releases.timetravel import let_time_pass
from tests.database import Database
from tests.faults.conftest import plant_person, wait_until, waiting_for_a_lock
from tests.releases.conftest import CONFIGURATION, Team

LOCK = "SELECT pg_advisory_lock(hashtext('gouvernance.releases'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('gouvernance.releases'))"


class CommittedTeam(Team):
    """The team on a database where what it does stays done."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self.owner = owner
        admin, directeur, pca = (
            plant_person(owner, role, profile=role.value, name=str(role.label))
            for role in (Role.ADMIN, Role.DIRECTEUR, Role.PCA)
        )
        super().__init__(admin, directeur, pca)

    def all_is_well(self) -> None:
        self.owner.execute(
            "INSERT INTO gouvernance.sync_runs"
            " (started_at, finished_at, opened, refreshed, reopened, resolved)"
            " VALUES (now(), now(), 0, 0, 0, 0)"
        )
        self.owner.execute(
            "SELECT gouvernance.record_rls_audit(now(), 'v1.0.0+0000000', 'command', '[]', NULL)"
        )
        self.owner.execute("SELECT gouvernance.record_contract_check('{}')")

    def time_passes(self, **span: float) -> None:
        with self.owner.transaction(), self.owner.cursor() as cursor:
            let_time_pass(cursor, timedelta(**span))  # type: ignore[arg-type]
        self.all_is_well()

    def at_once(self, *doings: Callable[[], object]) -> list[object]:
        """What became of each: None, or the Conflict or Refused it met. All of them wait for the same
        lock before one may go on."""
        self.owner.execute(LOCK)
        with ThreadPoolExecutor(len(doings)) as pool:
            futures: list[Future[object]] = [pool.submit(outcome_of, doing) for doing in doings]
            try:
                wait_until(
                    lambda: len(waiting_for_a_lock(self.owner, "gouvernance.")) == len(doings),
                    "acts that wait for each other",
                )
            finally:
                self.owner.execute(UNLOCK)
            return [future.result(timeout=60) for future in futures]


def outcome_of(doing: Callable[[], object]) -> object:
    try:
        doing()
    except (Conflict, Refused) as met:
        return met
    finally:
        connection.close()
    return None


@pytest.fixture
def team(
    fresh_database: Database, log_in_as_the_application: Callable[[str], None]
) -> Iterator[CommittedTeam]:
    log_in_as_the_application(fresh_database.url)
    with fresh_database.owner() as owner:
        yield CommittedTeam(owner)


@pytest.fixture
def candidate(team: CommittedTeam) -> int:
    release = team.register(1)
    team.pass_gate(release)
    return release


def done(team: CommittedTeam, kind: str) -> int:
    """How often the journal says that it was done."""
    row = team.owner.execute(
        "SELECT count(*) FROM gouvernance.release_events WHERE kind = %s AND NOT refused", [kind]
    ).fetchone()
    return row[0] if row else 0


def test_of_two_authorisations_and_then_two_starts_one_wins_each_time(
    team: CommittedTeam, candidate: int
) -> None:
    deployment = team.prepare(candidate, "staging", operator=team.directeur)
    met = team.at_once(
        lambda: acts.authorise(deployment, actor=team.pca),
        lambda: acts.authorise(deployment, actor=team.admin),
    )
    [conflict] = [it for it in met if it]
    winner: User = team.pca if met[0] is None else team.admin
    it = readings.deployment(deployment)
    assert it.authorised_by == winner.supabase_user_id
    assert isinstance(conflict, Conflict)
    assert (conflict.state, conflict.by, conflict.at) == (
        "authorised",
        winner.full_name,
        it.authorised_at,
    )
    assert done(team, "deployment_authorised") == 1

    def start() -> None:
        acts.start(
            deployment,
            commit=it.commit,
            configuration=CONFIGURATION["staging"],
            actor=team.directeur,
        )

    [conflict] = [it for it in team.at_once(start, start) if it]
    assert isinstance(conflict, Conflict)
    assert (conflict.state, conflict.by) == ("execution", team.directeur.full_name)
    assert done(team, "deployment_started") == 1


def test_of_two_who_open_a_deployment_there_one_is_told_of_the_other(
    team: CommittedTeam, candidate: int
) -> None:
    met = team.at_once(
        *(
            lambda who=who: acts.open_deployment(
                candidate, environment="staging", plan=acts.Plan(), actor=who
            )
            for who in (team.admin, team.directeur)
        )
    )
    [refusal] = [it for it in met if it]
    assert isinstance(refusal, Refused)
    assert [condition.code for condition in refusal.unmet] == ["busy"]
    [deployment] = readings.deployments_of(candidate)
    assert f"n° {deployment.id} (v1.1.0)" in str(refusal)


def test_a_freeze_and_an_authorisation_at_once_leave_nothing_that_may_start(
    team: CommittedTeam, candidate: int
) -> None:
    """Either the freeze was first and the authorisation is refused for it, or it came after and holds
    the start."""
    team.succeed_in("staging", candidate)
    team.time_passes(hours=49)
    team.night(readings.release(candidate).commit, days_ago=1)
    team.night(readings.release(candidate).commit)
    deployment = team.prepare(candidate, "production")
    authorised, frozen = team.at_once(
        lambda: acts.authorise(deployment, actor=team.directeur),
        lambda: acts.begin_freeze(candidate, reason="Clôture du mois.", actor=team.pca),
    )
    assert frozen is None, "an authorisation does not hold up a freeze"
    it = readings.deployment(deployment)
    if authorised is None:
        assert it.state == "authorised"
    else:
        assert isinstance(authorised, Refused)
        assert [condition.code for condition in authorised.unmet] == ["system_freeze"]
        assert it.state == "preparation"
    with pytest.raises(Refused) as refusal:
        acts.start(
            deployment,
            commit=it.commit,
            configuration=CONFIGURATION["production"],
            actor=team.admin,
        )
    assert "system_freeze" in {condition.code for condition in refusal.value.unmet}


def test_of_two_versions_of_a_post_mortem_written_at_once_one_is_asked_to_read_the_other(
    team: CommittedTeam,
) -> None:
    team.bring_to_production(1)
    team.bring_to_production(2)
    team.roll_back()
    [owed] = readings.post_mortems_owed()
    met = team.at_once(
        *(
            lambda who=who: acts.write_post_mortem(
                owed.id, sections={"cause": f"Celle de {who}."}, seen=0, actor=who
            )
            for who in (team.pca, team.directeur)
        )
    )
    [conflict] = [it for it in met if it]
    winner = team.pca if met[0] is None else team.directeur
    assert isinstance(conflict, Conflict)
    assert (conflict.state, conflict.by) == ("newer_version", winner.full_name)
    assert done(team, "post_mortem_written") == 1
