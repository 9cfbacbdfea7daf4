"""A release from its tag to production and back, as the CI and the deploy script tell it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from releases import acts, readings
from tests.releases.api.conftest import RELEASE, Script
from tests.releases.conftest import CONFIGURATION, Team

EVIDENCE = {"verdict": "ok", "evidence": "https://ci.example.org/1"}


def refused(response):
    assert response.status_code == 409, response.content
    return {unmet["code"] for unmet in response.json()["refused"]}


def report_night(script: Script, *, days_ago: float = 0, **changed):
    at = timezone.now() - timedelta(days=days_ago)
    night = {
        "branch": "main",
        "commit": "0c5c2b7",
        "finished_at": at.isoformat(),
        "passed": True,
        "evidence": "https://ci.example.org/nightly",
    }
    return script.post("nightlies", **{**night, **changed})


def pass_gate(script: Script, team: Team) -> None:
    """The CI answers what it may, a person the rest."""
    report_night(script, days_ago=1)
    report_night(script)
    opened = script.post("releases/v1.0.0/gate", configuration=CONFIGURATION)
    assert opened.status_code == 201
    release = opened.json()["release"]["id"]
    for item in readings.gate_checklist(release, "B"):
        if not item.computed:
            answered = script.post(f"releases/v1.0.0/gate/{item.code}", **EVIDENCE)
            if answered.status_code == 400:
                assert "Une personne répond" in answered.json()["errors"][0]["said"]
                acts.answer_gate(release, item=item.code, **EVIDENCE, actor=team.admin)


def deploy(script: Script, team: Team, environment: str) -> str:
    """Prepared and told by the script, authorised by the PCA; the address of what is to be validated."""
    now = timezone.now()
    opened = script.post(
        "deployments",
        tag="v1.0.0",
        environment=environment,
        backup="backups/prod.dump",
        rollback="docs/ROLLBACK_WEB_RUNBOOK.md",
        window_from=(now - timedelta(minutes=1)).isoformat(),
        window_to=(now + timedelta(hours=4)).isoformat(),
    )
    number = opened.json()["id"]
    assert opened.json()["deployment"]["page"].endswith(f"/governance/deployments/{number}/")
    team.answer(number, "preparation")
    ready = {"commit": "0c5c2b7", "configuration": CONFIGURATION[environment]}
    path = f"deployments/{number}"
    assert refused(script.post(f"{path}/start", **ready)) == {"authorised"}
    acts.authorise(number, actor=team.pca)
    assert script.post(f"{path}/start", **ready).json()["deployment"]["state"] == "execution"
    for step in ("build", "deploy"):
        told = script.post(f"{path}/attempts", step=step, succeeded=True)
    assert told.json()["deployment"]["state"] == "validation"
    return path


def validate(script: Script, team: Team, path: str) -> None:
    for item in ("login", "navigation", "modules", "audit", "database"):
        script.post(f"{path}/checks", item=f"smoke_{item}", **EVIDENCE)
    number = int(path.rpartition("/")[2])
    acts.answer_deployment(number, item="smoke_business", **EVIDENCE, actor=team.admin)
    missing = {unmet["code"] for unmet in script.get(path).json()["missing"]}
    if readings.deployment(number).environment == "production":
        assert missing == {"watch", "watch_reading"}
        assert refused(script.post(f"{path}/success")) == missing
        team.time_passes(hours=2)
        script.post(f"{path}/readings", error_percent=0.2, unavailable_minutes=0)
    done = script.post(f"{path}/success")
    assert done.json()["deployment"]["state"] == "success"


@pytest.fixture
def in_production(script: Script, team: Team) -> str:
    """v1.0.0 by the script through A, 48 hours and B; the address of its deployment in production."""
    made = script.post("releases", **RELEASE)
    assert made.json()["release"]["url"].endswith("/api/releases/v1/releases/v1.0.0")
    pass_gate(script, team)
    validate(script, team, deploy(script, team, "staging"))
    team.time_passes(hours=49)
    report_night(script, days_ago=1)
    report_night(script)
    path = deploy(script, team, "production")
    validate(script, team, path)
    return path


def test_a_script_brings_a_release_to_production_and_back(
    script: Script, team: Team, in_production: str
) -> None:
    team.time_passes(days=1)
    team.bring_to_production(1)
    now = script.get("running").json()
    assert now["environments"]["production"]["running"]["tag"] == "v1.1.0"
    assert now["environments"]["production"]["rollback_target"]["tag"] == "v1.0.0"
    assert (now["freeze"], now["post_mortems_owed"]) == (None, [])

    incident = script.post(
        "incidents",
        environment="production",
        severity="critical",
        description="Les sorties ne passent plus.",
    )
    assert incident.json()["deployment"]["tag"] == "v1.1.0"
    rollback = script.post("rollbacks", environment="production", reason="Les sorties bloquent.")
    path = f"deployments/{rollback.json()['id']}"
    script.post(f"{path}/attempts", step="deploy", succeeded=True)
    for item in ("login", "navigation", "modules"):
        script.post(f"{path}/checks", item=f"smoke_{item}", **EVIDENCE)
    assert script.post(f"{path}/success").json()["deployment"]["state"] == "success"
    now = script.get("running").json()
    assert now["environments"]["production"]["running"]["tag"] == "v1.0.0"
    assert len(now["post_mortems_owed"]) == 1

    release = script.get("releases/v1.1.0").json()
    assert "docs_post_mortem" in {unmet["code"] for unmet in release["missing"]["B"]}
    assert [one["state"] for one in release["deployments"]] == ["rolled_back", "success"]


def test_a_freeze_answers_a_token_as_it_answers_a_person(script: Script, team: Team) -> None:
    release = team.register(0)
    team.pass_gate(release)
    team.succeed_in("staging", release)
    team.time_passes(hours=49)
    team.night("0c5c2b7", days_ago=1)
    team.night("0c5c2b7")
    deployment = team.prepare(release, "production")
    acts.authorise(deployment, actor=team.pca)
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    ready = {"commit": "0c5c2b7", "configuration": CONFIGURATION["production"]}

    answer = script.post(f"deployments/{deployment}/start", **ready)
    with pytest.raises(acts.Refused) as to_a_person:
        acts.start(deployment, **ready, actor=team.admin)

    assert refused(answer) == {"system_freeze"}
    said = [unmet["said"] for unmet in answer.json()["refused"]]
    assert said == [condition.said for condition in to_a_person.value.unmet]
    assert script.get("running").json()["freeze"]["tag"] == "v1.0.0"


def test_a_gate_voided_during_a_deployment_keeps_it_from_succeeding(
    script: Script, team: Team
) -> None:
    script.post("releases", **RELEASE)
    pass_gate(script, team)
    path = deploy(script, team, "staging")
    changed = script.post("releases/v1.0.0/changes", cause="code", reason="Un correctif sur main.")
    assert changed.status_code == 200
    again = script.post("releases/v1.0.0/changes", cause="code", reason="Un correctif sur main.")
    assert refused(again) == {"no_gate"}
    for item in ("login", "navigation", "modules", "audit", "database"):
        script.post(f"{path}/checks", item=f"smoke_{item}", **EVIDENCE)
    number = int(path.rpartition("/")[2])
    acts.answer_deployment(number, item="smoke_business", **EVIDENCE, actor=team.admin)

    assert refused(script.post(f"{path}/success")) == {"gate_void"}
    given_up = script.post(f"{path}/failure", why="Le code a changé.")
    assert given_up.json()["deployment"]["state"] == "failed"
    conflict = script.post(f"{path}/success").json()["conflict"]
    assert (conflict["state"], conflict["by"]) == ("failed", str(team.admin))


def test_a_second_failed_build_ends_the_deployment(script: Script, team: Team) -> None:
    release = team.register(0)
    team.pass_gate(release)
    deployment = team.prepare(release, "staging")
    team.start(deployment)
    path = f"deployments/{deployment}/attempts"
    states = [
        script.post(path, step="build", succeeded=False, details="Flutter").json()["deployment"]
        for _ in range(2)
    ]
    assert [state["state"] for state in states] == ["execution", "failed"]
    assert states[1]["outcome"] == "Deux builds ont échoué."


def test_a_machine_whose_clock_is_ahead_is_told_so(script: Script) -> None:
    ahead = report_night(script, days_ago=-10 / 24 / 60)
    assert ahead.status_code == 400
    assert "vérifiez l’horloge" in ahead.json()["errors"][0]["said"]
    assert report_night(script, days_ago=-2 / 24 / 60).status_code == 201


def test_no_token_decides(script: Script, team: Team) -> None:
    """Authorising, freezing and post-mortems have no address here."""
    deployment = team.prepare(team.register(0), "staging")
    for path in (f"deployments/{deployment}/authorise", "freezes", "freeze", "post-mortems"):
        assert script.post(path).status_code == 404
