"""The image, compose.yaml and the CI workflow, read: what would only show on somebody else's machine."""

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.container import dockerfile
from tests.container.dockerfile import ROOT, last

STAGES = dockerfile.stages()
SERVICES: dict[str, dict[str, Any]] = dockerfile.compose()["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "mlpp-gouvernance"]
SECRET = re.compile(r"KEY|PASSWORD|SECRET|TOKEN|DSN|_URL$|CHANNELS")


def test_every_stage_starts_from_the_same_tagged_base() -> None:
    bases = {last(stage, "FROM").words()[0] for stage in STAGES}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases.pop())


def test_the_image_runs_without_rights_and_as_process_1() -> None:
    names = [instruction.name for instruction in STAGES[-1]]
    user = last(STAGES[-1], "USER").text
    assert user.isdecimal()
    assert int(user) > 0
    assert "RUN" not in names[names.index("USER") :]
    for name in ("CMD", "HEALTHCHECK"):
        assert last(STAGES[-1], name).text.endswith("]"), "a shell would swallow SIGTERM"


def test_a_new_release_rebuilds_no_layer_that_costs() -> None:
    names = [instruction.name for instruction in STAGES[-1]]
    assert not {"RUN", "COPY"} & set(names[names.index("ARG") :])


def test_nothing_that_is_secret_and_nothing_unlocked_goes_into_the_image() -> None:
    instructions = [instruction for stage in STAGES for instruction in stage]
    assert not [instruction for instruction in instructions if instruction.name == "ADD"]
    for instruction in instructions:
        if instruction.name in ("ENV", "ARG"):
            assert not SECRET.search(instruction.text), instruction
        if " install " in f" {instruction.text} ":
            assert "--require-hashes" in instruction.text
    context = {path.as_posix() for path in dockerfile.build_context()}
    assert {"manage.py", "gunicorn.conf.py", "requirements/base.txt"} < context
    assert {path.split("/")[0] for path in context} == {
        *("manage.py", "gunicorn.conf.py", "requirements"),
        *("mlpp_gov", "alerts", "integrity", "releases", "templates", "static", "locale"),
    }
    assert not [path for path in context if "__pycache__" in path or Path(path).name == ".env"]


def test_every_container_is_hardened() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert "/tmp" in service["tmpfs"], name  # noqa: S108
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        assert re.fullmatch(r"mlpp-gouvernance|[a-z]+:\d.*", service["image"]), name
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert {name for name, service in SERVICES.items() if "cap_add" in service} == {"proxy"}


def test_the_proxy_can_not_reach_the_database_nor_read_its_password() -> None:
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert "env_file" not in SERVICES["proxy"]
    assert [name for name in SERVICES if "front" in SERVICES[name]["networks"]] == ["web", "proxy"]


def test_no_secret_is_written_in_compose_yaml() -> None:
    for name, service in SERVICES.items():
        variables = set(service.get("environment", {})) - {"PUBLIC_URL"}
        assert not [variable for variable in variables if SECRET.search(variable)], name
    owners = [name for name in SERVICES if ".env.essai" in str(SERVICES[name].get("env_file"))]
    assert owners == ["database", "install"], "the site and the worker never see the owner's login"


def test_the_trial_s_own_services_stay_out_of_production() -> None:
    trial = {name for name, service in SERVICES.items() if "profiles" in service}
    assert trial == {"database", "install"}
    for name in set(OURS) - trial:
        assert SERVICES[name]["depends_on"]["install"]["required"] is False
        assert "APP_ENV" not in SERVICES[name].get("environment", {})


def test_each_container_says_whether_it_is_well_or_why_it_does_not() -> None:
    for name in set(SERVICES) - set(OURS):
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD", name
    without = {
        name for name in OURS if SERVICES[name].get("healthcheck", {}).get("disable") is True
    }
    assert without == {"worker", "install"}, "the image's own asks the site"
    assert SERVICES["proxy"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_the_runtime_waits_longer_than_the_processes_take_to_stop() -> None:
    gunicorn = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert "stop_grace_period" not in SERVICES["web"], "Docker's own ten seconds"
    assert gunicorn["graceful_timeout"] < 10
    assert SERVICES["worker"]["stop_grace_period"] == "2m"


def test_the_proxy_in_front_is_counted_once_and_waits_for_a_site_that_restarts() -> None:
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    port = last(STAGES[-1], "EXPOSE").text
    assert f"reverse_proxy web:{port} " in caddyfile
    assert re.search(r"lb_try_duration \d+s", caddyfile)
    (kept,) = re.findall(r"keepalive (\d+)s", caddyfile)
    assert int(kept) < runpy.run_path(str(ROOT / "gunicorn.conf.py"))["keepalive"]
    assert "trusted_proxies" not in caddyfile, (
        "it would pass on what a visitor says of their address"
    )
    assert SERVICES["web"]["environment"] == {"TRUSTED_PROXIES": "1"}


def test_mounted_files_are_in_the_repository() -> None:
    mounted = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    assert mounted == ["./deploy/Caddyfile", "./deploy/login.sql"]
    assert all((ROOT / path).is_file() for path in mounted)


def test_a_trial_gets_secrets_of_its_own_and_loses_none(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy/essai", tmp_path / "deploy")

    def written() -> dict[str, str]:
        lines = "".join((tmp_path / name).read_text() for name in (".env", ".env.essai"))
        return dict(line.split("=", 1) for line in lines.splitlines())

    subprocess.run([script], check=True, capture_output=True)
    variables = written()
    secrets = [variables[name] for name in variables if re.search(r"_KEY|PASSWORD", name)]
    assert len({value for value in secrets if len(value) == 64}) == len(secrets) == 4
    assert f"mlpp_gov_app:{variables['MLPP_GOV_APP_PASSWORD']}@" in variables["DATABASE_URL"]
    assert f":{variables['POSTGRES_PASSWORD']}@" in variables["DATABASE_OWNER_URL"]
    assert {(tmp_path / name).stat().st_mode & 0o77 for name in (".env", ".env.essai")} == {0}

    again = subprocess.run([script], check=False, capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (1, "")
    assert ".env existe déjà" in again.stderr
    assert written() == variables


WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
TRIGGERS = WORKFLOW[True]  # YAML 1.1 reads `on` as a truth value


def test_the_workflow_runs_everything_on_every_change_and_every_night() -> None:
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == set(TRIGGERS)
    (night,) = TRIGGERS["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", night["cron"])
    commands = {
        job: [step["run"] for step in WORKFLOW["jobs"][job]["steps"] if "run" in step]
        for job in WORKFLOW["jobs"]
    }
    assert commands == {"everything": [".ci/run"], "image": [".ci/image"]}
    for (command,) in commands.values():
        assert (ROOT / command).stat().st_mode & 0o111, f"{command} can't be executed"


def test_the_workflow_has_no_right_it_does_not_need_and_an_end() -> None:
    assert WORKFLOW["permissions"] == {}
    assert "pull_request_target" not in TRIGGERS
    for name, job in WORKFLOW["jobs"].items():
        assert job["permissions"] == {"contents": "read"}, name
        assert job["timeout-minutes"] <= 30, name
        for step in job["steps"]:
            if "uses" in step:
                assert re.search(r"@[0-9a-f]{40}$", step["uses"]), "a tag can be moved"
                assert step["with"]["persist-credentials"] is False
            assert "${{ github.event" not in json.dumps(step), "a title is not a command"
