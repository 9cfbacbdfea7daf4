"""Scenario C and the way back: a freeze holds everybody up but a rollback; a rollback is paid for."""

import pytest
from django.db import DatabaseError

from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from releases.acts import Conflict, Plan, Refused
from tests import database
from tests.releases.conftest import COMMITS, CONFIGURATION, Team, codes, events

REASON = "Clôture du mois."


@pytest.fixture
def release(team: Team) -> int:
    release = team.register()
    team.pass_gate(release)
    return release


def test_a_freeze_needs_a_reason_and_an_authority(team: Team, release: int) -> None:
    with pytest.raises(InvalidInput, match="Un gel demande sa raison"):
        acts.begin_freeze(release, reason=" ", actor=team.pca)
    with pytest.raises(SpokenRefusal):
        acts.begin_freeze(release, reason=REASON, actor=team.directeur)
    with pytest.raises(InvalidInput, match="Release inconnue"):
        acts.begin_freeze(10**12, reason=REASON, actor=team.pca)


def test_two_freezes_do_not_hold_at_once(team: Team, release: int) -> None:
    acts.begin_freeze(release, reason=REASON, actor=team.pca)
    with pytest.raises(Conflict) as conflict:
        acts.begin_freeze(release, reason=REASON, actor=team.admin)
    assert (conflict.value.state, conflict.value.by) == ("frozen", str(team.pca))
    with pytest.raises(DatabaseError, match="freezes_one"), database.as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.freezes (release, gate, reason, began_by, began_role)"
            " SELECT release, gate, reason, began_by, began_role FROM gouvernance.freezes"
        )


def test_a_freeze_leaves_staging_open_and_closes_production_to_tokens_too(
    team: Team, token
) -> None:
    release = team.register()
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night(COMMITS[0], days_ago=1)
    team.night(COMMITS[0])
    deployment = team.prepare(release, "production")
    acts.authorise(deployment, actor=team.pca)
    acts.begin_freeze(release, reason=REASON, actor=team.admin)
    for actor in (team.admin, token("deploy:production")):
        with pytest.raises(Refused, match=f"gel en cours : {REASON}") as refusal:
            acts.start(
                deployment,
                commit=COMMITS[0],
                configuration=CONFIGURATION["production"],
                actor=actor,
            )
        assert codes(refusal) == {"system_freeze"}
    assert team.succeed_in("staging", release)


def test_what_is_under_way_when_a_freeze_begins_finishes_and_is_marked(team: Team) -> None:
    release = team.register()
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night(COMMITS[0], days_ago=1)
    team.night(COMMITS[0])
    under_way = team.prepare(release, "production")
    team.start(under_way)
    freeze = acts.begin_freeze(release, reason=REASON, actor=team.pca)
    acts.report_attempt(under_way, step="deploy", succeeded=True, actor=team.admin)
    team.validate(under_way)
    found = readings.deployment(under_way)
    assert (found.state, found.freeze_id) == ("success", freeze)


def test_leaving_a_freeze_says_whether_its_gate_still_holds(team: Team, release: int) -> None:
    acts.begin_freeze(release, reason=REASON, actor=team.pca)
    acts.answer_gate(
        release, item="security_keys", verdict="no", evidence="Clé publiée.", actor=team.admin
    )
    assert not acts.end_freeze(purpose="planned", why="Fin prévue.", actor=team.admin)
    with pytest.raises(Refused, match="à la sortie du gel, il ne tenait plus") as refusal:
        acts.authorise(team.prepare(release, "staging"), actor=team.pca)
    assert "no_gate" in codes(refusal)


def test_a_directeur_ends_it_for_an_urgent_fix_only_and_then_waits_like_everybody(
    team: Team, release: int
) -> None:
    acts.begin_freeze(release, reason=REASON, actor=team.pca)
    with pytest.raises(SpokenRefusal):
        acts.end_freeze(purpose="planned", why="Fin prévue.", actor=team.directeur)
    with pytest.raises(InvalidInput, match="Dites pourquoi"):
        acts.end_freeze(purpose="urgent_fix", why="", actor=team.directeur)
    assert acts.end_freeze(
        purpose="urgent_fix", why="Stock négatif au dépôt.", actor=team.directeur
    )
    with pytest.raises(Refused) as refusal:
        acts.authorise(team.prepare(release, "production"), actor=team.pca)
    assert codes(refusal) == {"system_soak"}, "no bypass: 48 hours all the same"
    with pytest.raises(Conflict) as conflict:
        acts.end_freeze(purpose="urgent_fix", why="Encore.", actor=team.admin)
    assert (conflict.value.state, conflict.value.by) == ("not_frozen", str(team.directeur))


def test_there_is_nothing_to_go_back_to_before_two_successes(team: Team) -> None:
    with pytest.raises(Refused, match="Aucune release précédente n’a réussi"):
        acts.begin_rollback(environment="production", reason="Panne.", actor=team.admin)
    team.bring_to_production(1)
    with pytest.raises(Refused) as refusal:
        acts.begin_rollback(environment="production", reason="Panne.", actor=team.admin)
    assert codes(refusal) == {"no_target"}


def test_a_rollback_goes_to_the_previous_success_and_no_freeze_holds_it_up(
    team: Team, token
) -> None:
    _, first = team.bring_to_production(1)
    second_release, second = team.bring_to_production(2)
    team.pass_gate(team.register(3))  # a later tag, never deployed
    acts.begin_freeze(second_release, reason=REASON, actor=team.pca)
    assert readings.rollback_target("production").id == first
    with pytest.raises(InvalidInput, match="sa raison"):
        acts.begin_rollback(environment="production", reason="", actor=team.admin)
    with pytest.raises(SpokenRefusal):
        acts.begin_rollback(environment="production", reason="Panne.", actor=team.pca)
    rollback = acts.begin_rollback(
        environment="production", reason="Panne.", actor=token("deploy:production")
    )
    with pytest.raises(Refused, match="déjà en cours"):
        acts.begin_rollback(environment="production", reason="Panne.", actor=team.directeur)
    assert readings.running("production").id == second, "until the old code is back"
    acts.report_attempt(rollback, step="deploy", succeeded=True, actor=team.directeur)
    assert readings.running("production").id == rollback
    with pytest.raises(Refused) as refusal:
        acts.succeed(rollback, actor=team.directeur)
    assert codes(refusal) == {"smoke_login", "smoke_navigation", "smoke_modules"}
    team.answer(rollback, "smoke")
    acts.succeed(rollback, actor=team.directeur)
    assert (readings.deployment(second).state, readings.deployment(first).state) == (
        "rolled_back",
        "success",
    )
    assert events(kind="rollback_began", refused=True) == [("rollback_began", True)]


def test_a_second_rollback_goes_one_further_back(team: Team) -> None:
    _, first = team.bring_to_production(1)
    team.bring_to_production(2)
    with database.as_owner() as cursor:
        cursor.execute("SELECT gouvernance.record_contract_check('{}')")
    team.bring_to_production(3)
    team.roll_back()
    assert readings.running("production").tag == "v1.2.0"
    assert readings.rollback_target("production").id == first
    team.roll_back()
    assert readings.running("production").tag == "v1.1.0"
    assert readings.rollback_target("production") is None
    assert len(readings.post_mortems_owed()) == 2


def test_a_rollback_under_validation_ends_what_it_takes_back(team: Team) -> None:
    team.bring_to_production(1)
    release = team.register(2)
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night(COMMITS[2], days_ago=1)
    team.night(COMMITS[2])
    watched = team.prepare(release, "production")
    team.deploy(watched)
    acts.begin_rollback(environment="production", reason="Lent.", actor=team.admin)
    found = readings.deployment(watched)
    assert (found.state, found.outcome) == ("failed", "Retour en arrière : Lent.")


def test_a_rollback_in_staging_owes_no_post_mortem(team: Team) -> None:
    for number in (1, 2):
        release = team.register(number)
        team.pass_gate(release)
        team.succeed_in("staging", release)
        team.time_passes(hours=1)
    team.roll_back("staging")
    assert readings.running("staging").tag == "v1.1.0"
    assert readings.post_mortems_owed() == []


def test_a_post_mortem_that_nobody_owes_is_refused(team: Team) -> None:
    with pytest.raises(InvalidInput, match="Post-mortem inconnu"):
        acts.write_post_mortem(10**12, sections={}, actor=team.admin)


def test_preparing_is_open_while_a_freeze_holds(team: Team, release: int) -> None:
    acts.begin_freeze(release, reason=REASON, actor=team.pca)
    assert acts.open_deployment(
        release, environment="production", plan=Plan(), actor=team.directeur
    )


def test_every_page_says_that_production_is_frozen_until_it_is_not(
    team: Team, release: int, client_of
) -> None:
    reader = client_of(team.pca)
    acts.begin_freeze(release, reason=REASON, actor=team.pca)
    for page in ("/governance/integrity/", "/governance/", "/governance/operations/"):
        assert "Mises en production gelées" in reader.get(page).content.decode()
    assert acts.end_freeze(purpose="planned", why="Clôture faite.", actor=team.pca)
    assert "Mises en production gelées" not in reader.get("/governance/").content.decode()
