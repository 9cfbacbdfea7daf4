"""The Release Gate: what people answer, what the system answers, and what makes it void."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from releases.acts import Refused
from tests import database
from tests.releases.conftest import COMMITS, CONFIGURATION, Team, codes, events


def verdicts(release: int, scenario: str) -> dict[str, str]:
    return {item.code: item.verdict for item in readings.gate_checklist(release, scenario)}


def said(release: int, scenario: str, code: str) -> str:
    items = {item.code: item for item in readings.gate_checklist(release, scenario)}
    return items[code].evidence


@pytest.fixture
def release(team: Team) -> int:
    return team.register()


def test_a_gate_that_nobody_opened_names_everything_that_is_missing(
    team: Team, release: int
) -> None:
    with pytest.raises(Refused) as refusal:
        acts.begin_freeze(release, reason="Décision différée.", actor=team.pca)
    answered = {code for code, verdict in verdicts(release, "C").items() if verdict != "ok"}
    assert codes(refusal) == {"no_gate"} | answered
    assert {"ci_nightly", "ci_reviewed", "docs_changelog", "infra_logs"} <= answered
    assert events(release=release)[-1] == ("freeze_began", True)


def test_each_scenario_asks_its_own_items(team: Team, release: int) -> None:
    production, staging, freeze = (set(verdicts(release, scenario)) for scenario in "BAC")
    assert production - staging == {
        "docs_post_mortem",
        "system_critical",
        "system_freeze",
        "system_soak",
    }
    assert staging - freeze == {"security_rls", "system_contract"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"verdict": "ok", "evidence": " \n "}, "Un ✅ demande une preuve"),
        ({"verdict": "conditional", "conditions": ""}, "Un 🟡 demande ses conditions"),
        ({"verdict": "conditional", "conditions": "À revoir"}, "Un 🟡 demande une date"),
        (
            {
                "verdict": "conditional",
                "conditions": "À revoir",
                "re_evaluate_on": date(2020, 1, 1),
            },
            "Un 🟡 demande une date",
        ),
        ({"verdict": "maybe"}, "Verdict inconnu"),
        ({"verdict": "ok", "evidence": "x" * 4001}, "au plus 4 000"),
        ({"item": "nothing", "verdict": "no"}, "Point de contrôle inconnu"),
        ({"item": "smoke_login", "verdict": "no"}, "Point de contrôle inconnu"),
        ({"item": "security_rls", "verdict": "ok", "evidence": "Vu."}, "Le système répond"),
    ],
)
def test_an_answer_that_proves_nothing_is_refused(
    team: Team, release: int, answer: dict, said: str
) -> None:
    acts.open_gate(release, configuration=CONFIGURATION, actor=team.admin)
    with pytest.raises(InvalidInput, match=said):
        acts.answer_gate(release, **{"item": "ci_reviewed", **answer}, actor=team.admin)


def test_the_table_itself_refuses_an_answer_without_evidence(team: Team, release: int) -> None:
    gate = acts.open_gate(release, configuration=CONFIGURATION, actor=team.admin)
    with pytest.raises(Exception, match="checklist_answers_check"), database.as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.checklist_answers (gate, item, verdict, person, role)"
            " VALUES (%s, 'ci_reviewed', 'ok', gen_random_uuid(), 'admin')",
            [gate],
        )


def test_one_no_blocks_and_the_latest_answer_counts(team: Team, release: int) -> None:
    team.pass_gate(release)
    acts.answer_gate(
        release, item="tests_flaky", verdict="no", evidence="2 non documentés", actor=team.directeur
    )
    with pytest.raises(
        Refused, match="Tests instables documentés : ❌ 2 non documentés"
    ) as refusal:
        acts.begin_freeze(release, reason="Décision différée.", actor=team.admin)
    assert codes(refusal) == {"tests_flaky"}
    acts.answer_gate(
        release, item="tests_flaky", verdict="ok", evidence="docs/flaky.md", actor=team.admin
    )
    assert acts.begin_freeze(release, reason="Décision différée.", actor=team.admin)


def test_a_conditional_answer_lets_through_until_its_date(team: Team, release: int) -> None:
    team.pass_gate(release, besides=("docs_changelog",))
    acts.answer_gate(
        release,
        item="docs_changelog",
        verdict="conditional",
        conditions="Entrée à dater avant la production.",
        re_evaluate_on=(timezone.now() + timedelta(days=1)).date(),
        actor=team.admin,
    )
    assert verdicts(release, "C")["docs_changelog"] == "conditional"
    acts.authorise(team.prepare(release, "staging"), actor=team.pca)
    team.time_passes(days=3)
    team.night(COMMITS[0])
    assert verdicts(release, "C")["docs_changelog"] == "expired"
    with pytest.raises(Refused, match="🟡 à réévaluer depuis le") as refusal:
        acts.begin_freeze(release, reason="Décision différée.", actor=team.pca)
    assert codes(refusal) == {"docs_changelog"}


def test_nights_count_in_a_row_on_main_and_on_that_commit(team: Team, release: int) -> None:
    commit = COMMITS[0]
    assert said(release, "A", "ci_nightly").startswith("0 cycle(s)")
    team.night(commit, days_ago=2)
    assert verdicts(release, "A")["ci_nightly"] == "no", "older than 36 hours"
    team.night("fffffff", days_ago=1)
    assert verdicts(release, "A")["ci_nightly"] == "ok"
    assert verdicts(release, "B")["ci_nightly"] == "ok"
    team.night("fffffff", passed=False, days_ago=0.5)
    assert verdicts(release, "A")["ci_nightly"] == "no"
    team.night("fffffff")
    assert "aucun sur ce commit" in said(release, "A", "ci_nightly")
    team.night(commit)
    assert (verdicts(release, "A")["ci_nightly"], verdicts(release, "B")["ci_nightly"]) == (
        "ok",
        "no",
    )


def test_two_runs_of_one_night_are_one_cycle(team: Team, release: int) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for hour in (0, 1):
        acts.report_nightly(
            branch="main",
            commit=COMMITS[0],
            finished_at=noon + timedelta(hours=hour),
            passed=True,
            evidence="https://ci.example.org/1",
            actor=team.admin,
        )
    assert said(release, "B", "ci_nightly").startswith("1 cycle(s)")


def test_a_night_on_a_branch_is_none_and_one_of_the_future_is_refused(
    team: Team, release: int
) -> None:
    report = {"commit": COMMITS[0], "passed": True, "evidence": "https://ci.example.org/1"}
    acts.report_nightly(branch="feature", finished_at=timezone.now(), **report, actor=team.admin)
    assert verdicts(release, "A")["ci_nightly"] == "no"
    with pytest.raises(InvalidInput, match="vérifiez l’horloge"):
        acts.report_nightly(
            branch="main",
            finished_at=timezone.now() + timedelta(minutes=6),
            **report,
            actor=team.admin,
        )


def test_what_the_system_does_not_know_it_says_and_does_not_pass(team: Team, release: int) -> None:
    with database.as_owner() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in ("contract_checks", "rls_audits", "sync_runs"):
            cursor.execute(f"DELETE FROM gouvernance.{table}")
    unknown = ("system_contract", "security_rls", "system_critical")
    assert {verdicts(release, "B")[code] for code in unknown} == {"no"}
    assert all(said(release, "B", code).startswith("inconnu") for code in unknown)
    team.all_is_well()
    assert {verdicts(release, "B")[code] for code in unknown} == {"ok"}
    with database.as_owner() as cursor:
        cursor.execute("SELECT gouvernance.record_contract_check(ARRAY['journal : absent'])")
        cursor.execute(
            "SELECT gouvernance.record_rls_audit(now(), 'v1.0.0+0000000', 'command', %s, NULL)",
            ['[{"finding": "PUBLIC_POLICY", "level": "error"}]'],
        )
    assert said(release, "B", "system_contract").startswith("1 objet(s) non conforme(s)")
    assert said(release, "B", "security_rls").startswith("1 écart(s), 1 policy {public}")
    assert verdicts(release, "B")["security_rls"] == "no"


def test_a_critical_alert_blocks_until_somebody_has_it_in_hand(
    team: Team, release: int, make_alert
) -> None:
    make_alert(severity="WARN")
    assert verdicts(release, "B")["system_critical"] == "ok"
    make_alert(severity="CRITICAL")
    assert verdicts(release, "B")["system_critical"] == "no"
    with database.as_owner() as cursor:
        cursor.execute(
            "UPDATE public.system_alerts SET status = 'ACK', acknowledged_at = now(),"
            " acknowledged_by = %s WHERE severity = 'CRITICAL'",
            [team.admin.supabase_user_id],
        )
    assert verdicts(release, "B")["system_critical"] == "conditional"


def test_a_reported_change_voids_the_gate(team: Team, release: int) -> None:
    team.pass_gate(release)
    acts.report_change(
        release, cause="configuration", reason="SUPABASE_URL a changé.", actor=team.directeur
    )
    with pytest.raises(Refused, match=r"Nouveau Release Gate requis.*SUPABASE_URL") as refusal:
        acts.begin_freeze(release, reason="Décision différée.", actor=team.admin)
    assert "no_gate" in codes(refusal)
    with pytest.raises(Refused, match="ouvrez-en un"):
        acts.answer_gate(
            release, item="ci_reviewed", verdict="ok", evidence="Vu.", actor=team.admin
        )
    with pytest.raises(Refused, match="pas de gate en cours"):
        acts.report_change(release, cause="code", reason="Encore.", actor=team.admin)


def test_a_new_gate_begins_from_nothing(team: Team, release: int) -> None:
    team.pass_gate(release)
    acts.open_gate(release, configuration=CONFIGURATION, actor=team.directeur)
    assert set(verdicts(release, "C").values()) == {"ok", "missing"}
    assert events(kind="gate_voided") == [("gate_voided", False)]


@pytest.mark.parametrize(
    "configuration",
    [{"production": "xyz"}, {"production": ""}, {"elsewhere": "aaaaaaaa"}, {"staging": "A" * 8}],
)
def test_a_fingerprint_that_is_none_is_refused(
    team: Team, release: int, configuration: dict
) -> None:
    with pytest.raises(InvalidInput, match="L’empreinte d’une configuration"):
        acts.open_gate(release, configuration=configuration, actor=team.admin)


def test_the_pca_decides_but_does_not_fill_the_gate_in(team: Team, release: int) -> None:
    with pytest.raises(SpokenRefusal):
        acts.open_gate(release, configuration=CONFIGURATION, actor=team.pca)
    with pytest.raises(SpokenRefusal):
        acts.report_change(release, cause="code", reason="Un commit.", actor=team.pca)
