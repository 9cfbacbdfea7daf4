"""A → 48 h → B → incident → rollback → post-mortem → freeze → exit, as the plan of execution has it."""

import pytest

from releases import acts, readings
from releases.acts import Refused
from tests.releases.conftest import Team, codes, events

SECTIONS = (
    "context",
    "symptoms",
    "cause",
    "sql_proof",
    "fix",
    "prevention",
    "validation",
)


def test_the_whole_way_of_two_releases_an_incident_and_a_freeze(team: Team) -> None:
    first, first_production = team.bring_to_production(1)
    assert readings.running("production").tag == "v1.1.0"

    second = team.register(2)
    team.pass_gate(second)
    with pytest.raises(Refused) as refusal:
        acts.authorise(team.prepare(second, "production"), actor=team.pca)
    assert codes(refusal) == {"system_soak"}, "nothing skips staging"
    team.succeed_in("staging", second)
    team.time_passes(hours=47)
    waiting = [d for d in readings.deployments_of(second) if d.state == "preparation"]
    acts.fail(waiting[0].id, why="La fenêtre est passée.", actor=team.admin)
    production = team.prepare(second, "production")
    team.night(readings.release(second).commit)
    with pytest.raises(Refused) as refusal:
        acts.authorise(production, actor=team.pca)
    assert codes(refusal) == {"system_soak"}, "47 hours are not 48"
    team.time_passes(hours=2)
    team.night(readings.release(second).commit)
    team.deploy(production)

    acts.declare_incident(
        environment="production",
        severity="critical",
        description="Les sorties ne passent plus.",
        actor=team.directeur,
    )
    assert readings.deployment(production).state == "failed"
    assert readings.running("production").tag == "v1.2.0", "it is still what runs"
    assert readings.rollback_target("production").id == first_production
    rollback = team.roll_back()
    assert readings.running("production").release == first
    assert readings.deployment(production).state == "rolled_back"
    assert readings.deployment(rollback).state == "success"

    third = team.register(3)
    team.pass_gate(third)
    team.succeed_in("staging", third)
    team.time_passes(hours=49)
    team.night(readings.release(third).commit, days_ago=1)
    team.night(readings.release(third).commit)
    production = team.prepare(third, "production")
    with pytest.raises(Refused) as refusal:
        acts.authorise(production, actor=team.pca)
    assert codes(refusal) == {"docs_post_mortem"}
    [owed] = readings.post_mortems_owed()
    sections = dict.fromkeys(SECTIONS, "Rempli comme il se doit.")
    assert not acts.write_post_mortem(owed.id, sections={**sections, "cause": ""}, actor=team.admin)
    with pytest.raises(Refused):
        acts.authorise(production, actor=team.pca)
    assert acts.write_post_mortem(owed.id, sections=sections, actor=team.admin)
    assert readings.post_mortems_owed() == []

    acts.begin_freeze(third, reason="Clôture du mois.", actor=team.pca)
    with pytest.raises(Refused) as refusal:
        acts.authorise(production, actor=team.pca)
    assert codes(refusal) == {"system_freeze"}
    assert acts.end_freeze(purpose="planned", why="Clôture faite.", actor=team.pca)
    team.deploy(production)
    team.validate(production)
    assert readings.running("production").tag == "v1.3.0"
    assert ("rollback_began", False) in events(release=first)
    assert events(refused=True) == [("deployment_authorised", True)] * 5
