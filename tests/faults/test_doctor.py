"""`manage.py doctor` as an operator types it: what it prints, what it exits with, and how long it takes."""

import json
import subprocess
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from mlpp_gov.doctor import database
from mlpp_gov.doctor.registry import Check, Result, Status, examine, fail, ok, overall
from mlpp_gov.management.commands import doctor
from mlpp_gov.roles import Role
from tests.database import Database, url_of
from tests.faults.conftest import Pooler, plant_person
from tests.mlpp_gov.test_health import server_frozen_after_login

NAMES = [
    *("settings", "secret_key", "public_address", "static_files", "data_folder"),
    *("database", "login", "pooling", "migrations", "contract", "clock"),
    *("second_factor", "worker", "evaluation", "mail", "channels", "rls_audit"),
]
OF_THE_DATABASE = {
    *("login", "pooling", "migrations", "contract", "clock"),
    *("second_factor", "worker", "evaluation", "channels", "rls_audit"),
}
SECRET = "tres-secret"


def run_doctor(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def working_installation(fresh_database: Database, tmp_path: Any) -> dict[str, str]:
    """Environment of an installation with a worker alive, an evaluation, an audit and a director."""
    with fresh_database.owner() as owner:
        plant_person(owner, Role.ADMIN, profile="admin", name="Administratrice")
        owner.execute("INSERT INTO gouvernance.procrastinate_workers DEFAULT VALUES")
        owner.execute("SELECT gouvernance.sync_alerts()")
        owner.execute("SELECT gouvernance.record_rls_audit(now(), 'v0', 'command', '[]', NULL)")
    return {**fresh_database.env, "MLPP_DATA_DIR": str(tmp_path)}


def test_a_working_installation_is_all_ok_to_a_machine_and_exits_with_zero(
    working_installation: dict[str, str],
) -> None:
    done = run_doctor(working_installation, "--format", "json")

    document = json.loads(done.stdout)
    checks = document.pop("checks")
    assert (done.returncode, done.stderr) == (0, "")
    assert document.pop("at").endswith("+00:00")
    assert document == {
        "status": "ok",
        "release": working_installation["APP_RELEASE"],
        "environment": "development",
    }
    assert [check["check"] for check in checks] == NAMES
    assert {check["status"] for check in checks} == {"ok"}, checks
    assert all(check.keys() == {"check", "label", "status", "said", "to_do"} for check in checks)


def test_without_a_database_it_fails_says_what_is_unknown_and_shows_no_secret(
    working_installation: dict[str, str],
) -> None:
    done = run_doctor(
        {
            **working_installation,
            "DATABASE_URL": f"postgresql://app:{SECRET}@127.0.0.1:9/mlpp",
            "EMAIL_URL": f"smtp://moi:{SECRET}@127.0.0.1:9",
            "DEFAULT_FROM_EMAIL": "gouvernance@example.org",
            "NOTIFY_CHANNELS": f"depot=json://{SECRET}@127.0.0.1:9",
            "SECRET_KEY": SECRET,
        }
    )

    assert done.returncode == 1
    assert "ÉCHEC      Base de données" in done.stdout
    assert "ÉCHEC      E-mail" in done.stdout
    assert done.stdout.count("\ninconnu ") == len(OF_THE_DATABASE)
    assert done.stdout.rstrip().endswith(f"échec\u00a0: 2, inconnu\u00a0: {len(OF_THE_DATABASE)}.")
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_superuser_s_login_fails_where_people_are_served(fresh_database: Database) -> None:
    done = run_doctor(
        {
            **fresh_database.env,
            "APP_ENV": "production",
            "DATABASE_URL": fresh_database.owner_url,
            "SECRET_KEY": "k" * 64,
            "ALLOWED_HOSTS": "gouvernance.example.org",
            "PUBLIC_URL": "https://gouvernance.example.org",
        },
        "--format",
        "json",
    )

    found = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert "SUPERUSER" in found["database"]["said"]
    assert "mlpp_gov_app" in found["database"]["to_do"]
    assert {
        name for name, check in found.items() if check["status"] == "unknown"
    } == OF_THE_DATABASE


def test_an_owner_s_login_that_is_refused_is_a_warning(
    working_installation: dict[str, str],
) -> None:
    absent = url_of("absente")
    done = run_doctor({**working_installation, "DATABASE_OWNER_URL": absent}, "--format", "json")

    contract = next(c for c in json.loads(done.stdout)["checks"] if c["check"] == "contract")
    assert (done.returncode, contract["status"]) == (0, "warn")
    assert "DATABASE_OWNER_URL" in contract["to_do"]


def test_a_server_that_freezes_does_not_hold_it(
    log_in_as_the_application: Callable[[str], None],
) -> None:
    with server_frozen_after_login() as listener:
        log_in_as_the_application(f"postgresql://app@127.0.0.1:{listener.getsockname()[1]}/x")
        asked = monotonic()
        finding = database.database_answers()
    assert (finding.status, monotonic() - asked < 15) == (Status.FAIL, True)
    assert finding.to_do


@pytest.mark.parametrize(
    ("declared", "status"),
    [("transaction", Status.OK), ("session", Status.FAIL), ("direct", Status.FAIL)],
)
def test_a_pooler_in_transaction_mode_is_seen_and_must_be_declared(
    pooler: Pooler,
    log_in_as_the_application: Callable[[str], None],
    settings: Any,
    declared: str,
    status: Status,
) -> None:
    settings.DATABASE_POOLING = declared
    log_in_as_the_application(pooler.url)
    assert database.database_answers().said.startswith("PostgreSQL ")
    assert database.pooler_is_as_declared().status is status


@pytest.mark.parametrize(
    "pooler", [{"pool_mode": "session", "default_pool_size": "4"}], indirect=True
)
@pytest.mark.parametrize(
    ("declared", "status"), [("session", Status.OK), ("transaction", Status.WARN)]
)
def test_a_pooler_in_session_mode_is_as_good_as_none(
    pooler: Pooler,
    log_in_as_the_application: Callable[[str], None],
    settings: Any,
    declared: str,
    status: Status,
) -> None:
    settings.DATABASE_POOLING = declared
    log_in_as_the_application(pooler.url)
    assert database.database_answers().said.startswith("PostgreSQL ")
    assert database.pooler_is_as_declared().status is status


@pytest.mark.parametrize(
    "pooler", [{"pool_mode": "session", "default_pool_size": "2"}], indirect=True
)
def test_a_pooler_without_a_connection_left_is_a_warning_in_bounded_time(
    pooler: Pooler,
    log_in_as_the_application: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "POOLER_SECONDS", 0.3)
    log_in_as_the_application(pooler.url)
    assert database.database_answers().said.startswith("PostgreSQL ")
    assert database.pooler_is_as_declared().status is Status.WARN


def test_a_check_that_breaks_hides_no_other_and_shows_no_secret(db: None) -> None:
    def breaks() -> Any:
        raise RuntimeError(SECRET)

    finding = Check("essai", "Essai", breaks, asks_database=False).finding()
    assert (finding.status, bool(finding.to_do)) == (Status.FAIL, True)
    assert "RuntimeError" in finding.said
    assert SECRET not in finding.said


def test_whatever_is_not_well_says_what_to_do(db: None) -> None:
    findings = [result.finding for result in examine()]
    assert {Status.WARN, Status.FAIL} & {finding.status for finding in findings}
    for finding in findings:
        assert bool(finding.to_do) is (finding.status in (Status.WARN, Status.FAIL)), finding


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ((Status.OK, Status.OK), Status.OK),
        ((Status.OK, Status.WARN), Status.WARN),
        ((Status.OK, Status.UNKNOWN), Status.WARN),
        ((Status.UNKNOWN, Status.FAIL, Status.WARN), Status.FAIL),
    ],
)
def test_the_worst_check_decides(statuses: tuple[Status, ...], worst: Status) -> None:
    check = Check("essai", "Essai", lambda: ok(""), asks_database=False)
    findings = [type(ok(""))(status, "", "") for status in statuses]
    assert overall([Result(check, finding) for finding in findings]) is worst


def test_the_text_puts_what_to_do_below_what_is_wrong() -> None:
    check = Check("essai", "Essai", lambda: ok(""), asks_database=False)
    text = doctor.as_text([Result(check, fail("Ceci ne va pas.", "Faites cela."))])
    assert text.splitlines()[3:5] == [
        "ÉCHEC      Essai  Ceci ne va pas.",
        f"{'':18}→ Faites cela.",
    ]
