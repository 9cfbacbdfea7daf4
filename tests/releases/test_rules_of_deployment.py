"""Scenarios A and B: nothing that the plan asks can be left out, by nobody and in no order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from mlpp_gov.calls import InvalidInput
from mlpp_gov.identity import db_identity
from mlpp_gov.models import User
from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from releases.acts import Bearer, Conflict, Plan, Refused
from tests import database
from tests.releases.conftest import COMMITS, CONFIGURATION, Team, codes, events


@pytest.fixture
def release(team: Team) -> int:
    release = team.register()
    team.pass_gate(release)
    return release


@pytest.fixture
def soaked(team: Team, release: int) -> int:
    """A release that ran in staging for 49 quiet hours."""
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night(COMMITS[0], days_ago=1)
    team.night(COMMITS[0])
    return release


@pytest.fixture
def watched(team: Team, soaked: int) -> int:
    """A deployment of production that is being validated."""
    deployment = team.prepare(soaked, "production")
    team.deploy(deployment)
    return deployment


def state(deployment: int) -> str:
    return readings.deployment(deployment).state


def test_a_deployment_that_nothing_prepared_is_refused_with_all_that_is_missing(
    team: Team,
) -> None:
    release = team.register()
    bare = acts.open_deployment(
        release, environment="production", plan=Plan(), actor=team.directeur
    )
    with pytest.raises(Refused) as refusal:
        acts.authorise(bare, actor=team.pca)
    assert {
        "no_gate",
        "ci_nightly",
        "ci_reviewed",
        "system_soak",
        "prep_clean",
        "prep_rollback",
        "backup",
        "rollback_plan",
        "window",
    } <= codes(refusal)
    assert events(deployment=bare) == [
        ("deployment_opened", False),
        ("deployment_authorised", True),
    ]


def test_an_act_looks_at_the_contract_itself_when_nobody_did_for_a_while(
    team: Team, release: int
) -> None:
    deployment = team.prepare(release, "staging")
    with database.as_owner() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM gouvernance.contract_checks")
        cursor.execute("SET LOCAL session_replication_role = origin")
    acts.authorise(deployment, actor=team.pca)
    assert state(deployment) == "authorised"


def test_nobody_authorises_what_they_conduct(team: Team, soaked: int) -> None:
    deployment = team.prepare(soaked, "production", operator=team.directeur)
    with pytest.raises(Refused) as refusal:
        acts.authorise(deployment, actor=team.directeur)
    assert codes(refusal) == {"self"}
    acts.authorise(deployment, actor=team.pca)


def test_who_authorised_does_not_conduct_either(
    team: Team, soaked: int, second_directeur: User
) -> None:
    deployment = team.prepare(soaked, "production")
    acts.authorise(deployment, actor=second_directeur)
    with pytest.raises(Refused) as refusal:
        acts.start(
            deployment,
            commit=COMMITS[0],
            configuration=CONFIGURATION["production"],
            actor=second_directeur,
        )
    assert codes(refusal) == {"self"}


def test_not_even_the_owner_of_the_table_writes_somebody_authorising_themself(
    team: Team, release: int
) -> None:
    deployment = team.prepare(release, "staging")
    with pytest.raises(DatabaseError, match="deployments_check"), database.as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.deployments SET state = 'authorised', authorised_by = operator,"
            " authorised_role = 'admin', authorised_at = now() WHERE id = %s",
            [deployment],
        )


@pytest.mark.parametrize(
    ("environment", "who"), [("staging", "directeur"), ("production", "admin")]
)
def test_each_scenario_has_its_own_authority(
    team: Team, release: int, environment: str, who: str
) -> None:
    deployment = team.prepare(release, environment, operator=team.admin)
    with pytest.raises(SpokenRefusal, match="Votre profil ML_PP ne le permet pas"):
        acts.authorise(deployment, actor=getattr(team, who))
    assert state(deployment) == "preparation"


def test_the_second_to_authorise_is_told_who_was_first(
    team: Team, soaked: int, second_directeur: User
) -> None:
    deployment = team.prepare(soaked, "production")
    acts.authorise(deployment, actor=team.pca)
    with pytest.raises(Conflict) as conflict:
        acts.authorise(deployment, actor=second_directeur)
    assert (conflict.value.state, conflict.value.by) == ("authorised", str(team.pca))
    assert conflict.value.at is not None
    assert events(deployment=deployment)[-1] == ("deployment_authorised", True)


def test_nothing_starts_unauthorised(team: Team, release: int) -> None:
    deployment = team.prepare(release, "staging")
    with pytest.raises(Refused) as refusal:
        acts.start(
            deployment,
            commit=COMMITS[0],
            configuration=CONFIGURATION["staging"],
            actor=team.admin,
        )
    assert codes(refusal) == {"authorised"}


@pytest.mark.parametrize(
    ("commit", "configuration", "said"),
    [
        (COMMITS[3], CONFIGURATION["staging"], "le commit à déployer est 3f8f5ea"),
        (COMMITS[0], "cccccccc00000003", "la configuration de staging n’est plus celle du gate"),
    ],
)
def test_what_the_gate_did_not_see_voids_it_and_the_authorisation(
    team: Team, release: int, commit: str, configuration: str, said: str
) -> None:
    deployment = team.prepare(release, "staging")
    acts.authorise(deployment, actor=team.pca)
    with pytest.raises(Refused, match=said) as refusal:
        acts.start(deployment, commit=commit, configuration=configuration, actor=team.admin)
    assert {"no_gate", "lapsed"} <= codes(refusal)
    found = readings.deployment(deployment)
    assert (found.state, found.authorised_by) == ("preparation", None)


def test_an_authorisation_lapses_with_its_gate_even_when_a_new_one_holds(
    team: Team, release: int
) -> None:
    deployment = team.prepare(release, "staging")
    acts.authorise(deployment, actor=team.pca)
    team.pass_gate(release)
    with pytest.raises(Refused) as refusal:
        acts.start(
            deployment,
            commit=COMMITS[0],
            configuration=CONFIGURATION["staging"],
            actor=team.admin,
        )
    assert codes(refusal) == {"lapsed"}
    team.start(deployment)
    assert state(deployment) == "execution"


def test_a_gate_without_that_environment_s_configuration_is_not_enough(team: Team) -> None:
    release = team.register()
    team.pass_gate(release)
    acts.open_gate(
        release, configuration={"production": CONFIGURATION["production"]}, actor=team.admin
    )
    with pytest.raises(Refused) as refusal:
        acts.authorise(team.prepare(release, "staging"), actor=team.pca)
    assert "configuration" in codes(refusal)


def test_production_is_deployed_within_its_window(team: Team, soaked: int) -> None:
    deployment = team.prepare(soaked, "production")
    now = timezone.now()
    plan = {"backup": "dump", "rollback": "docs/ROLLBACK_WEB_RUNBOOK.md"}
    ahead = Plan(**plan, window_from=now + timedelta(hours=1), window_to=now + timedelta(hours=2))
    acts.plan_deployment(deployment, plan=ahead, actor=team.admin)
    acts.authorise(deployment, actor=team.pca)
    begin = {"commit": COMMITS[0], "configuration": CONFIGURATION["production"]}
    with pytest.raises(Refused) as refusal:
        acts.start(deployment, **begin, actor=team.admin)
    assert codes(refusal) == {"window_ahead"}
    with pytest.raises(Conflict):
        acts.plan_deployment(deployment, plan=Plan(), actor=team.admin)
    team.time_passes(hours=3)
    with pytest.raises(Refused) as refusal:
        acts.start(deployment, **begin, actor=team.admin)
    assert codes(refusal) == {"window_over"}


def test_an_incident_in_staging_starts_the_48_hours_again(team: Team, release: int) -> None:
    team.succeed_in("staging", release)
    team.time_passes(hours=40)
    acts.declare_incident(
        environment="staging", severity="minor", description="Lent à 8 h.", actor=team.pca
    )
    team.time_passes(hours=40)
    team.night(COMMITS[0], days_ago=1)
    team.night(COMMITS[0])
    soak = {item.code: item for item in readings.gate_checklist(release, "B")}["system_soak"]
    assert (soak.verdict, soak.evidence) == (
        "no",
        "40 h depuis le dernier incident, 48 demandées",
    )
    team.time_passes(hours=9)
    team.night(COMMITS[0])
    acts.authorise(team.prepare(release, "production"), actor=team.pca)


def test_another_release_in_staging_takes_its_place(team: Team, soaked: int) -> None:
    other = team.register(1)
    team.pass_gate(other)
    team.succeed_in("staging", other)
    with pytest.raises(Refused, match="aucun déploiement réussi de cette release") as refusal:
        acts.authorise(team.prepare(soaked, "production"), actor=team.pca)
    assert "system_soak" in codes(refusal)


def test_one_deployment_at_a_time_in_an_environment(team: Team, release: int) -> None:
    first = team.prepare(release, "staging")
    with pytest.raises(Refused, match=rf"n° {first} \(v1\.0\.0\) est déjà en cours"):
        acts.open_deployment(release, environment="staging", plan=Plan(), actor=team.directeur)
    acts.fail(first, why="Reporté.", actor=team.directeur)
    assert state(first) == "abandoned"
    assert team.prepare(release, "staging")


@pytest.mark.parametrize("step", ["build", "deploy"])
def test_the_second_failure_is_the_end(team: Team, release: int, step: str) -> None:
    deployment = team.prepare(release, "staging")
    team.start(deployment)
    other = {"build": "deploy", "deploy": "build"}[step]
    for attempt in (step, other):
        acts.report_attempt(deployment, step=attempt, succeeded=False, actor=team.admin)
    assert state(deployment) == "execution", "one failure of each"
    acts.report_attempt(deployment, step=step, succeeded=False, actor=team.admin)
    assert state(deployment) == "failed"
    assert readings.deployment(deployment).outcome.startswith("Deux ")
    with pytest.raises(Conflict):
        acts.report_attempt(deployment, step=step, succeeded=True, actor=team.admin)


@pytest.mark.parametrize(
    ("errors", "minutes", "ends"), [("5", "5", False), ("5.1", "0", True), ("0", "5.5", True)]
)
def test_the_criteria_of_abandonment_end_a_deployment(
    team: Team, watched: int, errors: str, minutes: str, ends: bool
) -> None:
    acts.report_watch(
        watched,
        error_percent=Decimal(errors),
        unavailable_minutes=Decimal(minutes),
        actor=team.admin,
    )
    assert state(watched) == ("failed" if ends else "validation")


def test_minutes_without_service_add_up(team: Team, watched: int) -> None:
    for _ in range(2):
        acts.report_watch(
            watched, error_percent=Decimal(0), unavailable_minutes=Decimal(3), actor=team.admin
        )
    assert readings.deployment(watched).outcome == "Indisponible 6 minutes en tout, plus de 5."


def test_a_critical_smoke_test_that_fails_is_the_end_and_another_is_not(
    team: Team, watched: int
) -> None:
    acts.answer_deployment(watched, item="smoke_audit", verdict="no", actor=team.admin)
    assert state(watched) == "validation"
    acts.answer_deployment(watched, item="smoke_login", verdict="no", actor=team.admin)
    assert state(watched) == "failed"


def test_success_takes_every_smoke_test_and_two_watched_hours(team: Team, watched: int) -> None:
    with pytest.raises(Refused) as refusal:
        acts.succeed(watched, actor=team.admin)
    assert codes(refusal) >= {"smoke_login", "smoke_business", "watch", "watch_reading"}
    team.answer(watched, "smoke")
    quiet = {"error_percent": Decimal(0), "unavailable_minutes": Decimal(0)}
    acts.report_watch(watched, **quiet, actor=team.admin)
    team.time_passes(hours=1, minutes=59)
    with pytest.raises(Refused) as refusal:
        acts.succeed(watched, actor=team.admin)
    assert codes(refusal) == {"watch", "watch_reading"}
    acts.report_watch(watched, **quiet, actor=team.admin)
    team.time_passes(minutes=1)
    acts.succeed(watched, actor=team.admin)
    assert state(watched) == "success"


def test_a_gate_voided_during_a_deployment_keeps_it_from_success(team: Team, watched: int) -> None:
    release = readings.deployment(watched).release
    team.answer(watched, "smoke")
    team.time_passes(hours=2)
    acts.report_watch(
        watched, error_percent=Decimal(0), unavailable_minutes=Decimal(0), actor=team.admin
    )
    acts.report_change(release, cause="code", reason="Correctif à chaud.", actor=team.directeur)
    with pytest.raises(Refused) as refusal:
        acts.succeed(watched, actor=team.admin)
    assert codes(refusal) == {"gate_void"}
    acts.open_gate(release, configuration=CONFIGURATION, actor=team.admin)
    with pytest.raises(Refused):
        acts.succeed(watched, actor=team.admin)
    team.pass_gate(release)
    acts.succeed(watched, actor=team.admin)


def test_a_correction_is_a_new_line_and_what_is_over_stays(team: Team, release: int) -> None:
    deployment = team.succeed_in("staging", release)
    acts.correct(deployment, text="La sauvegarde était celle de 22 h.", actor=team.pca)
    assert events(deployment=deployment)[-1] == ("correction", False)
    for act, said in (
        (lambda: acts.fail(deployment, why="Finalement non.", actor=team.admin), "success"),
        (lambda: acts.succeed(deployment, actor=team.admin), "success"),
    ):
        with pytest.raises(Conflict) as conflict:
            act()
        assert conflict.value.state == said


@pytest.mark.parametrize(
    "change",
    [
        "state = 'preparation'",
        "state = 'rolled_back', finished_at = now() - interval '1 day'",
        "environment = 'production'",
        "authorised_by = gen_random_uuid()",
        "backup_reference = 'une autre'",
    ],
)
def test_history_is_not_rewritten_by_the_owner_either(
    team: Team, release: int, change: str
) -> None:
    deployment = team.succeed_in("staging", release)
    with pytest.raises(DatabaseError, match="ne se réécrit pas"), database.as_owner() as cursor:
        cursor.execute(f"UPDATE gouvernance.deployments SET {change} WHERE id = %s", [deployment])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gouvernance.release_events SET person = NULL",
        "DELETE FROM gouvernance.checklist_answers",
        "TRUNCATE gouvernance.watch_readings",
        "DELETE FROM gouvernance.deployments",
        "UPDATE gouvernance.releases SET commit = '1d6d3c8'",
        "DELETE FROM gouvernance.gate_voids",
    ],
)
def test_no_journal_is_rewritten(team: Team, statement: str) -> None:
    with pytest.raises(DatabaseError, match="ne se réécrit pas"), database.as_owner() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["deployments", "releases", "checklist_answers", "freezes"])
def test_nobody_writes_past_the_functions(team: Team, table: str) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute(f"INSERT INTO gouvernance.{table} DEFAULT VALUES")


def test_nobody_writes_past_the_functions_as_a_person(team: Team) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        db_identity(team.admin),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE gouvernance.deployments SET state = 'success'")


def test_a_person_outside_of_governance_reads_and_does_nothing(team: Team, release: int) -> None:
    with database.as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'gerant' WHERE user_id = %s",
            [team.directeur.supabase_user_id],
        )
    with pytest.raises(SpokenRefusal):
        acts.register(tag="v9", commit="0c5c2b7", category="AUDIT", actor=team.directeur)
    with pytest.raises(SpokenRefusal):
        acts.begin_rollback(environment="production", reason="Panne.", actor=team.directeur)


# --- Tokens ----------------------------------------------------------------------------------------


def test_a_token_does_what_its_scopes_say_and_decides_nothing(
    team: Team, release: int, token
) -> None:
    deployer = token("deploy:staging")
    deployment = team.prepare(release, "staging")
    acts.authorise(deployment, actor=team.pca)
    acts.start(
        deployment, commit=COMMITS[0], configuration=CONFIGURATION["staging"], actor=deployer
    )
    found = readings.deployment(deployment)
    assert (found.operator, found.operator_token is not None) == (
        team.admin.supabase_user_id,
        True,
    )
    for act in (
        lambda: acts.open_deployment(
            release, environment="production", plan=Plan(), actor=deployer
        ),
        lambda: acts.register(tag="v9", commit="0c5c2b7", category="AUDIT", actor=deployer),
        lambda: acts.report_change(release, cause="code", reason="Un commit.", actor=deployer),
    ):
        with pytest.raises(SpokenRefusal, match="n’a pas la portée"):
            act()
    with pytest.raises(DatabaseError, match="permission denied"):
        acts.act("authorise_deployment", deployment, actor=deployer)


def test_a_token_answers_for_its_owner_who_can_t_authorise_it(
    team: Team, release: int, token
) -> None:
    deployment = acts.open_deployment(
        release, environment="staging", plan=Plan(), actor=token("deploy:staging")
    )
    team.answer(deployment, "preparation")
    with pytest.raises(Refused) as refusal:
        acts.authorise(deployment, actor=team.admin)
    assert codes(refusal) == {"self"}


def test_a_token_leaves_to_people_what_only_they_can_know(team: Team, release: int, token) -> None:
    with pytest.raises(InvalidInput, match="Une personne répond à « Journaux disponibles »"):
        acts.answer_gate(
            release, item="infra_logs", verdict="ok", evidence="Vu.", actor=token("gate")
        )
    acts.answer_gate(release, item="git_main", verdict="ok", evidence="Vu.", actor=token("gate"))


def test_a_revoked_an_expired_and_an_invented_token_do_nothing(team: Team, token) -> None:
    revoked = token("register")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM gouvernance.release_tokens")
        latest = cursor.fetchone()[0]
    acts.revoke_token(latest, actor=team.admin)
    with pytest.raises(InvalidInput, match="déjà révoqué"):
        acts.revoke_token(latest, actor=team.admin)
    expired = token("register", hours=1)
    team.time_passes(hours=2)
    for bearer in (revoked, expired, Bearer("0" * 64), Bearer("x")):
        with pytest.raises(SpokenRefusal, match="Jeton inconnu, révoqué ou expiré"):
            acts.register(tag="v9", commit="0c5c2b7", category="AUDIT", actor=bearer)


def test_who_loses_their_role_takes_it_from_their_tokens(team: Team, token) -> None:
    bearer = token("register")
    with database.as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'lecture' WHERE user_id = %s",
            [team.admin.supabase_user_id],
        )
    with pytest.raises(SpokenRefusal, match="n’a plus le droit de conduire"):
        acts.register(tag="v9", commit="0c5c2b7", category="AUDIT", actor=bearer)


def test_what_a_token_is_can_be_read_by_nobody(team: Team, token) -> None:
    token("gate")
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute("SELECT digest FROM gouvernance.release_tokens")
