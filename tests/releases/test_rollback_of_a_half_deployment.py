"""A deployment that did not get there leaves nobody knowing what is there: it is what is taken back."""

import pytest

from releases import acts, readings
from releases.acts import Refused
from tests.releases.conftest import Team, codes


def test_a_rollback_takes_back_what_was_tried_and_goes_back_to_what_ran(team: Team) -> None:
    first, _ = team.bring_to_production(1)
    second = team.register(2)
    team.pass_gate(second)
    team.succeed_in("staging", second)
    team.time_passes(hours=49)
    team.pass_gate(second)
    production = team.prepare(second, "production")
    team.start(production)
    acts.report_attempt(production, step="build", succeeded=False, actor=team.admin)
    with pytest.raises(Refused) as refusal:
        acts.begin_rollback(environment="production", reason="Rien à reprendre.", actor=team.admin)
    assert codes(refusal) == {"no_target"}, "only a build was tried: what runs was not touched"

    acts.report_attempt(production, step="deploy", succeeded=False, actor=team.admin)
    assert readings.to_take_back("production").id == production
    assert readings.rollback_target("production").release == first
    acts.report_attempt(production, step="deploy", succeeded=False, actor=team.admin)
    assert readings.deployment(production).state == "failed"
    team.roll_back()
    assert readings.deployment(production).state == "rolled_back"
    assert readings.running("production").release == first
    assert readings.to_take_back("production").kind == "rollback"
