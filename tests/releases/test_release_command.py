"""`manage.py release`: for shells, as the token of RELEASE_TOKEN; and the rollback rehearsed."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from mlpp_gov.models import User
from releases import acts, readings, rehearsal
from releases.journal import STATES
from releases.management.commands.release import ASKED
from tests.database import SERVER_URL, Database
from tests.releases.api.conftest import issue
from tests.releases.conftest import CONFIGURATION, Team

REGISTER = (
    *("register", "--tag", "v1.0.0", "--commit", "0c5c2b7"),
    *("--category", "MAINTENANCE"),
)


def release(*words: str) -> str:
    """What the command prints."""
    output = StringIO()
    call_command("release", *map(str, words), stdout=output)
    return output.getvalue().rstrip("\n")


def refusal(*words: str) -> tuple[int, str]:
    """The exit code, and what is said on stderr."""
    with pytest.raises(CommandError) as error:
        release(*words)
    return error.value.returncode, str(error.value)


@pytest.fixture
def token(admin: User, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a token of those scopes into the environment; all of them where none is said."""
    monkeypatch.setenv("RELEASE_TOKEN", issue(admin)[0])
    return lambda *scopes: monkeypatch.setenv("RELEASE_TOKEN", issue(admin, *scopes)[0])


def test_a_shell_brings_a_release_through_staging(token, team: Team) -> None:
    assert release(*REGISTER).startswith("v1.0.0 (0c5c2b7), release n° ")
    now = timezone.now()
    for days, verdict in ((2, "--no-passed"), (1, "--passed"), (0, "--passed")):
        night = (now - timedelta(days=days)).isoformat()
        release(
            *("nightly", "--branch", "main", "--commit", "0c5c2b7", "--finished-at", night),
            *(verdict, "--evidence", "https://ci.example.org/1"),
        )
    fingerprints = ",".join(f"{name}={found}" for name, found in CONFIGURATION.items())
    release("gate", "open", "v1.0.0", "--configuration", fingerprints)
    found = readings.release_of_tag("v1.0.0").id
    for item in readings.gate_checklist(found, "A"):
        if item.code.startswith("infra"):  # a person's
            acts.answer_gate(found, item=item.code, verdict="ok", evidence="Vu.", actor=team.admin)
        elif not item.computed:
            release("gate", "answer", "v1.0.0", item.code, "--verdict", "ok", "--evidence", "Vu.")
    opened = json.loads(release("deploy", "open", "staging", "--tag", "v1.0.0", "--json"))
    number = opened["id"]
    for code in ("prep_clean", "prep_configuration", "prep_variables"):
        release(
            *("deploy", "check", number, "--item", code),
            *("--verdict", "ok", "--evidence", "Vu."),
        )
    start = ("deploy", "start", number, "--commit", "0c5c2b7", "--configuration")
    code, said = refusal(*start, CONFIGURATION["staging"])
    assert (code, said) == (1, "Refusé.\n- Personne n’a autorisé ce déploiement.")
    acts.authorise(number, actor=team.pca)
    assert release(*start, CONFIGURATION["staging"]).endswith(
        f"déploiement n° {number} en exécution"
    )
    release("deploy", "attempt", number, "--step", "build", "--succeeded")
    said = release("deploy", "attempt", number, "--step", "deploy", "--succeeded")
    assert said.endswith("en validation")
    team.answer(number, "smoke")
    assert release("deploy", "succeed", number).endswith("réussi")
    code, said = refusal("deploy", "fail", number, "--why", "Trop tard.")
    assert code == 1
    assert said.startswith(f"Trop tard : réussi, par {team.admin} (")


def test_every_unmet_condition_is_told_at_once(token, team: Team) -> None:
    deployment = team.prepare(team.register(0), "production")
    start = ("deploy", "start", deployment, "--commit", "0c5c2b7", "--configuration", "ab" * 8)
    code, said = refusal(*start)
    assert code == 1
    assert len(said.splitlines()) > 10
    assert "- Aucun Release Gate ouvert pour cette release." in said
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("release", *map(str, start), "--json", stdout=output)
    assert len(json.loads(output.getvalue())["refused"]) == len(said.splitlines()) - 1


def test_a_token_does_no_more_than_its_scopes(token) -> None:
    token("gate")
    assert refusal(*REGISTER) == (1, "Le jeton « deploy.sh » n’a pas la portée « register ».")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gate", "void", "v0", "--cause", "code", "--reason", "Correctif."), "n’est pas enreg"),
        (("deploy", "succeed", "999"), "n’existe pas"),
        ((*REGISTER[:4], "zz", *REGISTER[5:]), "hexadécimaux"),
        ((*REGISTER[:-1], "URGENT"), "une de ces valeurs est attendue : MAINTENANCE"),
        (("deploy", "succeed", "un"), "un numéro est attendu"),
        (("deploy", "succeed", "9" * 30), "un numéro est attendu"),
        (("gate", "open", "v0", "--configuration", "abcd"), "la forme est staging="),
        (("deploy", "watch", "1", "--error-percent", "NaN"), "un nombre de 0 à"),
        (("deploy", "watch", "1", "--error-percent", "beaucoup"), "un nombre de 0 à"),
        (("incident", "staging"), "--severity"),
        (("deploy",), "act"),
    ],
)
def test_what_cant_be_asked_is_said(token, words, said) -> None:
    with pytest.raises(CommandError, match=said) as error:
        release(*words)
    assert error.value.returncode in (1, 2)  # 2 from a command line: see the process below


def test_a_token_is_never_an_argument(db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELEASE_TOKEN", raising=False)
    code, said = refusal(*REGISTER)
    assert (code, "RELEASE_TOKEN est obligatoire" in said) == (2, True)
    monkeypatch.setenv("RELEASE_TOKEN", "mlpp_inconnu")
    assert refusal(*REGISTER) == (1, "Jeton inconnu, révoqué ou expiré.")


@pytest.mark.parametrize("words", [*ASKED, ("status",), ()], ids="-".join)
def test_every_act_has_its_help(words, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        release(*words, "--help")
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_the_status_is_read_without_a_token(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELEASE_TOKEN", raising=False)
    assert release("status") == "staging : inconnu\nproduction : inconnu\ngel : aucun"
    team.bring_to_production(1)
    second, _ = team.bring_to_production(2)
    acts.begin_freeze(second, reason="Clôture du mois.", actor=team.pca)
    team.roll_back()
    staging, production, freeze, owed = release("status").splitlines()
    assert staging.startswith("staging : v1.2.0 (2e7e4d9) en staging, déploiement n° ")
    assert production.startswith("production : v1.1.0 (1d6d3c8) en production, retour en arrière")
    assert "v1.2.0 : Clôture du mois." in freeze
    assert owed.startswith("post-mortem n° ")
    found = json.loads(release("status", "--json"))
    assert found["environments"]["production"]["running"]["tag"] == "v1.1.0"
    assert found["freeze"]["reason"] == "Clôture du mois."


def test_every_state_has_its_word(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1]"
            " FROM pg_constraint WHERE conname = 'deployments_state_check'"
        )
        assert {state for (state,) in cursor.fetchall()} == set(STATES)


def test_a_process_says_by_its_exit_code_what_came_of_it(fresh_database: Database, token) -> None:
    words = ("rollback", "production", "--reason", "Pour voir.")
    for given, code in ((words, 1), (words[:-2], 2)):
        ended = subprocess.run(
            [sys.executable, "manage.py", "release", *given],
            cwd=settings.BASE_DIR,
            env=fresh_database.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (code, ""), ended.stderr
        assert ended.stderr


# --- The rollback, rehearsed ---------------------------------------------------------------------


def databases() -> set[str]:
    with psycopg.connect(SERVER_URL) as server:
        rows = server.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in rows if name.startswith("mlpp_repetition_")}


@pytest.fixture
def on_a_server(django_db_setup: None, django_db_blocker: pytest.FixtureRequest):
    """Outside the rolled-back transaction of the other tests."""
    with django_db_blocker.unblock():
        yield
        for alias in ("default", "owner"):
            assert connections[alias].settings_dict["NAME"] == "mlpp_test"
            connections[alias].close()


def test_a_rehearsal_shows_each_step_and_leaves_nothing(on_a_server) -> None:
    installed, *steps, last = release("rehearse-rollback").splitlines()
    assert installed.startswith("✔ Base d’essai mlpp_repetition_")
    assert all(step.startswith("✔ ") and step.endswith(" s)") for step in steps)
    assert len(steps) == 7
    assert last.startswith("Répétition réussie en ")
    assert databases() == set()


@pytest.mark.parametrize("fault", ["different", "refused", "broken"])
def test_a_rehearsal_that_differs_fails_and_leaves_nothing(
    on_a_server, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    faults = {
        "different": rehearsal.Different("la version en production : v1.2.0 au lieu de v1.1.0"),
        "refused": acts.Refused([acts.Unmet("busy", "Un déploiement est déjà en cours.")]),
    }

    def fails() -> None:
        if fault == "broken":
            with rehearsal.as_owner() as cursor:
                cursor.execute("SELECT gouvernance.nothing()")
        raise faults[fault]

    monkeypatch.setattr(rehearsal, "_install", fails)
    code, said = refusal("rehearse-rollback")
    assert code == 1
    assert said.startswith("✘ ")
    assert databases() == set()


def test_nothing_is_rehearsed_in_production(settings) -> None:
    settings.APP_ENV = "production"
    assert refusal("rehearse-rollback")[0] == 2
    assert databases() == set()
