"""The state of the checks: does each one work, what did it find, and how do we know."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.sync import sync_alerts
from integrity.checks.catalogue import catalogue
from integrity.checks.states import SEVERITIES, Outcome, check_state, last_days
from integrity.sparkline import Day, Sparkline
from tests import business
from tests.database import as_owner

URL = "/governance/integrity/checks/"
STALE = "CDR_ARRIVE_STALE"


@pytest.fixture
def page(directeur, client_of):
    """GET a path under the state page as a directeur; returns the response."""
    client = client_of(directeur)
    return lambda path="", **params: client.get(URL + path, params)


@pytest.fixture
def state_of(page):
    """State of one check as the page shows it."""

    def shown(code=STALE):
        (state,) = [s for s in page().context["states"] if s.code == code]
        return state

    return shown


def own(sql, *values):
    with as_owner() as cursor:
        cursor.execute(sql, values)


def break_check(code=STALE):
    """Take away the view behind a check: what a dropped column does to it."""
    own(f"ALTER VIEW gouvernance.check_{code.lower()} RENAME TO check_elsewhere")


def mend_check(code=STALE):
    own(f"ALTER VIEW gouvernance.check_elsewhere RENAME TO check_{code.lower()}")


def record_run(at, *, anomalies=None, failure=None, code=STALE):
    """A past evaluation of one check."""
    own(
        "WITH run AS (INSERT INTO gouvernance.sync_runs"
        " (started_at, finished_at, opened, refreshed, reopened, resolved)"
        " VALUES (%s, %s, 0, 0, 0, 0) RETURNING id)"
        " INSERT INTO gouvernance.check_runs (run, check_code, at, duration_ms, anomalies, failure)"
        " SELECT id, %s, %s, 12, %s, %s FROM run",
        at,
        at,
        code,
        at,
        anomalies,
        failure,
    )


def test_every_check_of_the_catalogue_is_there_before_the_first_evaluation(page):
    response = page()
    assert response.status_code == 200
    assert {state.code for state in response.context["states"]} == set(catalogue())
    assert {s.outcome for s in response.context["states"] if s.enabled} == {Outcome.NEVER}
    assert "Jamais évalué" in response.text
    assert "jamais prouvé" in response.text


def test_a_check_says_its_rule_and_what_it_found(page, state_of):
    with as_owner() as cursor:
        for _ in range(2):
            business.cdr(cursor, days_old=3, statut="ARRIVE")
    sync_alerts()
    assert state_of().outcome is Outcome.ANOMALIES
    assert state_of().outcome_text == "2\u00a0anomalies"
    assert state_of("STOCK_NEGATIF").outcome is Outcome.OK
    text = page().text
    assert "Camion arrivé, non réceptionné" in text
    assert "Cours de route ARRIVE créé il y a plus de deux jours" in text
    assert "Camion (CDR)" in text
    assert "min 2, max 2, aujourd’hui 2" in text


def test_a_failing_check_comes_first_with_what_postgresql_said_and_since_when(page, state_of):
    now = timezone.now()
    record_run(now - timedelta(hours=9), failure="jadis")
    record_run(now - timedelta(hours=8), anomalies=0)
    record_run(now - timedelta(hours=7), failure="depuis")
    break_check()
    sync_alerts()
    first, *others = page().context["states"]
    assert (first.code, first.outcome) == (STALE, Outcome.FAILING)
    assert "check_cdr_arrive_stale" in first.reason
    assert first.failing_since == now - timedelta(hours=7)
    severities = [SEVERITIES.index(state.severity) for state in others if state.check]
    assert severities == sorted(severities)
    mend_check()
    sync_alerts()
    assert state_of().outcome is Outcome.OK
    assert page().context["states"][0].severity == "CRITICAL"


def test_a_check_that_this_installation_cannot_have_says_why(state_of):
    own(
        "UPDATE gouvernance.checks SET install_error = 'column x does not exist' WHERE code = %s",
        STALE,
    )
    assert (state_of().outcome, state_of().reason) == (
        Outcome.IMPOSSIBLE,
        "column x does not exist",
    )


def test_a_check_that_is_switched_off_is_neither_well_nor_failing(page, state_of):
    own("UPDATE gouvernance.checks SET enabled = false, install_error = 'x' WHERE code = %s", STALE)
    sync_alerts()
    assert state_of().outcome is Outcome.OFF
    assert page().context["failing_labels"] == []


def test_a_check_whose_file_is_newer_than_the_database_is_to_be_installed(page, state_of):
    own("DELETE FROM gouvernance.checks WHERE code = %s", STALE)
    assert state_of().outcome is Outcome.ABSENT
    assert "contract deploy" in page().text
    assert page(f"{STALE}/").status_code == 200


def test_what_is_read_in_ml_pps_own_view_is_not_said_to_be_never_evaluated(page, state_of):
    own("DELETE FROM gouvernance.contract_definitions WHERE name LIKE 'vue %%v_integrity_checks'")
    own(
        "CREATE OR REPLACE VIEW public.v_integrity_checks AS SELECT 'CDR_ARRIVE_STALE'::text AS"
        " check_code, 'WARN'::text AS severity, 'CDR'::text AS entity_type, gen_random_uuid() AS"
        " entity_id, ''::text AS message, '{}'::jsonb AS payload, now() AS detected_at WHERE false"
    )
    sync_alerts()
    assert state_of().outcome is Outcome.IN_VIEW
    assert state_of("STOCK_NEGATIF").outcome is Outcome.OK
    view = state_of("v_integrity_checks")
    assert (view.outcome, view.check) == (Outcome.OK, None)


def test_the_days_hold_the_most_that_any_evaluation_found(state_of):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    record_run(midnight - timedelta(days=40), anomalies=99)
    record_run(midnight - timedelta(seconds=1), anomalies=5)
    record_run(midnight - timedelta(hours=2), anomalies=7)
    record_run(midnight - timedelta(hours=3), failure="une fois")
    record_run(midnight, anomalies=3)
    days = state_of().sparkline.days
    assert [day.date for day in days] == last_days()
    assert (days[-1].most, days[-1].failures) == (3, 0)
    assert (days[-2].most, days[-2].failures) == (7, 1)
    assert all(day.most is None for day in days[:-2])


def test_the_drawing_says_the_same_in_words():
    today = last_days()[-1]
    days = [Day(today, 0), Day(today), Day(today, 5, 1), Day(today, 3)]
    drawing = Sparkline(days)
    assert drawing.text == "4\u00a0jours\u00a0: min 0, max 5, aujourd’hui 3, échec 1\u00a0jour"
    assert drawing.counts.count("M") == 3
    assert drawing.failures.count("M") == 1
    assert Sparkline([Day(today)]).text == "1\u00a0jours\u00a0: rien d’évalué"
    assert Sparkline([Day(today, 0)]).counts == "M0 32h3v-1h-3z"
    assert Sparkline([Day(today, None, 2)]).text.endswith("rien d’évalué, échec 1\u00a0jour")


def test_the_proof_is_told_and_so_is_a_try_that_proved_nothing(page):
    own(
        "INSERT INTO gouvernance.check_proofs VALUES (%s, now() - interval '2 days', now(), NULL)",
        STALE,
    )
    own(
        "INSERT INTO gouvernance.check_proofs VALUES ('STOCK_NEGATIF', NULL, now(), 'rien vu')",
    )
    text = page().text
    assert "vu se déclencher" in text
    assert "il y a 2\u00a0jours" in text
    assert "dernier essai <time" in text
    assert "rien vu" in text


def test_noise_counts_what_closed_and_came_back(state_of):
    with as_owner() as cursor:
        truck = business.cdr(cursor, days_old=3, statut="ARRIVE")
    sync_alerts()
    assert state_of().reopened == 0
    for statut in ("DECHARGE", "ARRIVE"):
        own("UPDATE public.cours_de_route SET statut = %s WHERE id = %s", statut, truck)
        sync_alerts()
    assert state_of().reopened == 1
    assert state_of("STOCK_NEGATIF").reopened == 0
    own(
        "UPDATE gouvernance.alert_periods SET started_at = started_at - interval '31 days',"
        " previous_ended_at = previous_ended_at - interval '31 days',"
        " ended_at = ended_at - interval '31 days'"
    )
    assert state_of().reopened == 0


def test_the_page_of_a_check_tells_all_of_it(page):
    check = catalogue()[STALE]
    sync_alerts()
    response = page(f"{STALE}/")
    assert response.status_code == 200
    shown = response.text.replace("&#x27;", "'").replace("&gt;", ">").replace("&lt;", "<")
    for text in (check.label, check.rule, check.why, check.action, check.limits, check.occurred):
        assert text in shown
    assert check.sql in shown
    assert "2\u00a0jours" in shown
    assert "Entre 0 et 365\u00a0jours" in shown
    assert "/governance/integrity/?check=CDR_ARRIVE_STALE" in shown
    assert "Aucun échec" in shown
    assert "Aucun changement" in shown


def test_the_page_of_a_check_has_the_charts_figures_as_a_table(page):
    sync_alerts()
    text = page(f"{STALE}/").text
    assert text.count('<th scope="row">') == 30
    assert "Anomalies au plus" in text


def test_the_same_failure_is_told_once_with_how_often(page):
    now = timezone.now()
    for hours in (5, 4, 3):
        record_run(now - timedelta(hours=hours), failure="canceling statement")
    record_run(now - timedelta(hours=2), failure="autre <b>chose</b>")
    response = page(f"{STALE}/")
    assert [(f["failure"], f["times"]) for f in response.context["failures"]] == [
        ("autre <b>chose</b>", 1),
        ("canceling statement", 3),
    ]
    assert "<b>chose" not in response.text


@pytest.mark.parametrize("path", ["", f"{STALE}/", "stocks-ouverture/"])
def test_a_failing_check_is_told_on_every_page(page, directeur, client_of, path):
    client = client_of(directeur)
    sync_alerts()
    assert "en échec" not in client.get("/governance/integrity/").text
    break_check()
    sync_alerts()
    for address in ("/governance/integrity/", "/governance/integrity/?severity=FATAL", URL + path):
        text = client.get(address).text
        assert "1\u00a0contrôle en échec" in text.replace("&nbsp;", "\u00a0")
        assert "Camion arrivé, non réceptionné — ses alertes ne sont ni confirmées" in text
        assert f'href="{URL}"' in text
    break_again = "ALTER VIEW gouvernance.check_stock_negatif RENAME TO check_there"
    own(break_again)
    sync_alerts()
    text = client.get("/governance/integrity/").text.replace("&nbsp;", "\u00a0")
    assert "2\u00a0contrôles en échec" in text
    assert "leurs alertes" in text


def test_an_alert_of_a_failing_check_says_since_when_nobody_confirms_it(directeur, client_of):
    with as_owner() as cursor:
        business.cdr(cursor, days_old=3, statut="ARRIVE")
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts")
        (alert,) = cursor.fetchone()
    address = f"/governance/integrity/{alert}/"
    assert "Contrôle en échec depuis" not in client_of(directeur).get(address).text
    break_check()
    sync_alerts()
    response = client_of(directeur).get(address)
    assert response.context["failing"].failing_since is not None
    assert "Contrôle en échec depuis le" in response.text
    assert f"{URL}{STALE}/" in response.text


def test_an_alert_read_in_ml_pps_view_fails_with_that_view(make_alert, directeur, client_of):
    alert = make_alert(check_code="HORS_CATALOGUE")
    own("DROP VIEW public.v_integrity_checks")
    sync_alerts()
    response = client_of(directeur).get(f"/governance/integrity/{alert}/")
    assert response.context["failing"].code == "v_integrity_checks"
    assert "Vue v_integrity_checks de ML_PP" in response.text


@pytest.mark.parametrize(
    "path", ["INCONNU/", "cdr_arrive_stale/", "v_integrity_checks/", "%27/", "é" * 300 + "/"]
)
def test_an_unknown_check_is_a_404_page(page, path):
    assert page(path).status_code == 404


def test_an_odd_query_changes_nothing_and_nul_is_refused(page):
    assert page(check="x' OR 1=1", page="-1").status_code == 200
    assert page("%00/").status_code == 400
    assert page(x="\0").status_code == 400


def test_pca_reads_and_a_directeur_without_profile_is_refused(pca, directeur, client_of):
    assert client_of(pca).get(URL).status_code == 200
    own("DELETE FROM public.profils WHERE user_id = %s", directeur.supabase_user_id)
    for path in ("", f"{STALE}/", "stocks-ouverture/"):
        assert client_of(directeur).get(URL + path).status_code == 403


def test_the_navigation_leads_there(page, gerant, client_of):
    text = page().text
    assert f'<a href="{URL}" aria-current="page">Contrôles</a>' in text
    assert text.count('aria-current="page"') == 1
    assert "Contrôles</a>" not in client_of(gerant).get("/governance/integrity/").text


def test_the_number_of_queries_does_not_grow_with_the_history(page, django_assert_num_queries):
    for hours in range(50):
        record_run(timezone.now() - timedelta(hours=hours), anomalies=hours)
    page()
    # session, person, identity (2), noise, states, last evaluation, what is frozen;
    # 2 savepoints of a test's transaction
    with django_assert_num_queries(10):
        page()


def test_absurd_figures_do_not_stop_the_page(page):
    record_run("2000-01-01T00:00Z", anomalies=2**31 - 1)
    assert page().status_code == 200


def test_state_of_a_check_alone_is_the_one_of_the_list(state_of):
    record_run(timezone.now(), anomalies=4)
    assert check_state(STALE) == state_of()
    assert json.loads(check_state(STALE).days or "{}") == {"30": [4, 0]}
