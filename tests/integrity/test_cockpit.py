"""The cockpit, the periods behind its figures and the weekly report, as people who govern see them."""

import csv
import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.kpis import Metric, Now, Span
from alerts.sync import sync_alerts
from integrity.checks.evaluation import Evaluation
from integrity.cockpit.health_score import health_score
from tests.database import as_owner

COCKPIT, PERIODS, REPORT = "/governance/", "/governance/periods/", "/governance/report/"


@pytest.fixture
def get(directeur, client_of):
    client = client_of(directeur)
    return lambda path, **params: client.get(path, params)


@pytest.fixture
def handled(make_alert):
    """Of three alerts, one is late, one was resolved after two hours by the system, one is new."""
    now = timezone.now()
    make_alert(message="en retard", first_detected_at=now - timedelta(days=3))
    make_alert(
        message="réglée",
        status="RESOLVED",
        first_detected_at=now - timedelta(hours=5),
        resolved_at=now - timedelta(hours=3),
    )
    make_alert(
        message="<b>rouge</b>", severity="CRITICAL", check_code="STOCK_NEGATIF", entity_type="CITERNE_STOCK"
    )  # fmt: skip


def tiles(response):
    """Text of each card by where it leads, the spaces of one kind."""
    found = re.findall(
        r'<a class="counter[^"]*" href="([^"]+)"[^>]*>(.*?)</a>', response.text, re.S
    )
    return {
        unescape(url): " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
        for url, text in found
    }


def test_an_empty_installation_shows_dashes_and_divides_by_nothing(get):
    response = get(COCKPIT)
    assert response.status_code == 200
    assert "jamais évalué" in response.text
    texts = tiles(response)
    assert texts["#health"] == "— santé"
    (kept,) = [text for url, text in texts.items() if "metric=missed" in url]
    assert kept == "— Délais tenus terminées avant l’échéance avant : —"
    assert not re.search(r"(nan|None)", response.text)


def test_the_title_counts_what_is_critical(get, make_alert):
    assert "<title>Cockpit · " in get(COCKPIT).text
    for _ in range(2):
        make_alert(severity="CRITICAL")
    assert "<title>(2) Cockpit · " in get(COCKPIT).text


def test_what_is_to_handle_now_is_a_card_that_leads_to_it(get, handled):
    cards = tiles(get(COCKPIT))
    for path, number in (
        ("/governance/integrity/?severity=CRITICAL", 1),
        ("/governance/integrity/?severity=WARN", 1),
        ("/governance/integrity/?status=late", 1),
        ("/governance/integrity/?status=unassigned", 2),
        ("/governance/integrity/?status=accepted", 0),
    ):
        assert cards[path].split()[0] == str(number), path
        assert get(path).context["counters"]["total"] == number, path


def test_each_figure_leads_to_as_many_periods_as_it_says(get, handled):
    response = get(COCKPIT, span=7)
    links = re.findall(r'href="(/governance/periods/\?[^"]+)">(?:<strong>)?([^<]+)<', response.text)
    counted = 0
    for url, text in links:
        if text.strip().isdecimal():
            page = get(unescape(url)).context["page"]
            assert page.paginator.count == int(text), url
            counted += 1
    assert counted > 10


def test_the_span_is_switched_by_links_and_thirty_days_when_none_is_said(get, handled):
    assert len(get(COCKPIT).context["chart"].days) == 30
    for days in (7, 30, 90):
        response = get(COCKPIT, span=days)
        assert len(response.context["chart"].days) == days
        assert f'href="?span={days}#indicators" aria-current="true"' in response.text


def test_the_chart_says_the_same_in_words_and_in_a_table(get, handled):
    text = get(COCKPIT, span=7).text
    assert "7\u00a0jours\u00a0: ouvertes 3, résolues 1, au plus" in text
    assert "Périodes ouvertes et résolues, par jour" in text


def test_a_stale_evaluation_is_shown_as_stale_and_costs_health(get, handled):
    sync_alerts()
    fresh = get(COCKPIT).context["health"].value
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.sync_runs SET started_at = started_at - interval '47 min',"
            " finished_at = finished_at - interval '47 min'"
        )
    response = get(COCKPIT)
    assert "Cette page peut être dépassée" in response.text
    assert response.context["health"].value == fresh - 30


NOTHING = {
    "critical": 0,
    "warn": 0,
    "late_critical": 0,
    "late_warn": 0,
    "unassigned": 0,
    "accepted": 9,
}


@pytest.mark.parametrize(
    ("open_now", "failing", "expected"),
    [
        ({}, 0, 100),
        ({"warn": 3}, 0, 97),
        ({"warn": 5_000}, 0, 90),  # 1 each, 10 at most
        ({"warn": 5_000, "late_warn": 5_000}, 0, 70),
        ({"critical": 1}, 0, 90),
        ({"critical": 1, "late_critical": 1}, 0, 75),
        ({"critical": 2, "late_critical": 1, "warn": 4, "late_warn": 2}, 1, 100 - 25 - 10 - 6 - 2 - 5),
        ({"critical": 9, "late_critical": 9}, 0, 0),
        ({}, 40, 80),
    ],
)  # fmt: skip
def test_the_worst_weighs_most_and_the_score_stays_between_0_and_100(open_now, failing, expected):
    evaluation = Evaluation(finished_at=timezone.now(), failing=("X",) * failing)
    assert health_score(Now(**{**NOTHING, **open_now}), evaluation).value == expected


def test_without_any_evaluation_health_is_unknown():
    assert health_score(Now(**NOTHING), Evaluation()).value is None


def test_the_cockpit_costs_eight_queries_whatever_there_is(
    get, handled, make_alert, django_assert_max_num_queries
):
    for number in range(60):
        make_alert(check_code=f"CONTROLE_{number}")
    with django_assert_max_num_queries(13):  # 8, the journal's savepoint and the test's own
        get(COCKPIT)


def test_a_period_reads_for_a_human_and_leads_back(get, handled, directeur, client_of):
    response = get(PERIODS, metric="resolved")
    assert "Périodes&nbsp;: Résolues" in response.text
    assert "cause disparue" in response.text
    (row,) = response.context["page"].object_list
    assert row.values["resolution"] == 7200
    detail = client_of(directeur).get(row.detail_url)
    assert detail.context["back_url"].startswith(f"{PERIODS}?metric=resolved&from=")


@pytest.mark.parametrize(
    ("given", "parents"),
    [
        ({}, ["/governance/?span=30#indicators"]),
        (
            {"from": "2026-02-16", "to": "2026-02-22", "severity": "WARN"},
            ["/governance/", "/governance/report/?week=2026-W08&severity=WARN"],
        ),
        ({"from": "2026-02-16", "to": "2026-02-23"}, ["/governance/"]),
    ],
)
def test_periods_lead_back_to_the_figures_of_their_span(get, given, parents):
    response = get(PERIODS, metric="opened", **given)
    assert [url for _, url in response.context["parents"]] == parents
    for url in parents:
        assert f'<a href="{url.replace("&", "&amp;")}">' in response.text


def test_a_time_that_is_not_known_is_said_unknown(get, handled):
    assert get(PERIODS, metric="detection").text.count(">inconnue<") == 3


def test_periods_come_fifty_at_a_time_and_a_page_beyond_the_end_is_the_last(get, make_alert):
    for _ in range(53):
        make_alert()
    response = get(PERIODS, severity="WARN", page="1000000")
    assert response.context["page"].number == 2
    assert len(response.context["page"].object_list) == 3
    previous = response.context["page_urls"]["previous"]
    assert len(get(previous).context["page"].object_list) == 50


def test_text_from_the_database_is_never_markup(get, handled):
    assert "<b>rouge" not in get(PERIODS).text


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"metric": "humeur"}, "metric"),
        ({"severity": "FATAL"}, "severity"),
        ({"check": "' OR 1=1 --"}, "check"),
        ({"from": "hier"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"page": "9" * 400}, "page"),
        ({"page": "0"}, "page"),
    ],
)
def test_an_unknown_value_is_named_beside_its_field(get, handled, params, field):
    response = get(PERIODS, **params)
    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {field}
    assert "Corrigez le filtre" in response.text


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        (COCKPIT, {"span": "abc"}, "choisissez 7, 30 ou 90"),
        (COCKPIT, {"span": "31"}, "choisissez 7, 30 ou 90"),
        (COCKPIT, {"span": "7\x00"}, "caractère interdit (NUL)"),
        (REPORT, {"week": "2026-W99"}, "par exemple 2026-W47"),
        (REPORT, {"week": "2025-W53"}, "par exemple 2026-W47"),
        (REPORT, {"week": "0001-W01"}, "par exemple 2026-W47"),
        (REPORT, {"week": "9999-W52"}, "par exemple 2026-W47"),
        (REPORT, {"week": "٢٠٢٦-W01"}, "par exemple 2026-W47"),
        (REPORT, {"week": "x" * 5000}, "caractères"),
        (REPORT, {"severity": "FATAL"}, "Valeur inconnue"),
        ("/governance/report.csv", {"week": "2026-W00"}, "par exemple 2026-W47"),
    ],
)
def test_an_odd_address_is_refused_in_french(get, path, params, said):
    response = get(path, **params)
    assert response.status_code == 400
    assert said in unescape(response.text)


ODD = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.sampled_from(["7", "2026-W47", "2026-W99", "2026-02-31", "1e9", "\x00", *Metric]),
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from([COCKPIT, PERIODS, REPORT, "/governance/report.csv"]),
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                ["span", "week", "metric", "severity", "check", "from", "to", "page", "x"]
            ),
            ODD,
        ),
        max_size=5,
    ),
)
def test_no_query_string_ends_in_a_500(get, path, pairs):
    response = get(f"{path}?{urlencode(pairs, errors='surrogatepass')}")
    assert response.status_code in (200, 400)


def test_the_report_is_that_of_the_last_whole_week_unless_another_is_asked_for(get):
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    assert get(REPORT).context["span"] == Span(monday, monday + timedelta(days=6))
    response = get(REPORT, week="2026-W10")
    assert response.context["span"].first == date(2026, 3, 2)
    assert "Rapport de la semaine 10 de 2026" in response.text


def test_the_report_says_its_period_its_filters_its_author_and_when(get, directeur):
    text = get(REPORT, week="2026-W10", severity="WARN", check="STOCK_NEGATIF").text
    assert "Du 2 mars 2026 au 8 mars 2026" in text
    assert "filtres&nbsp;: sévérité WARN, contrôle Stock négatif" in text
    assert f"par {directeur}" in text
    assert "(Africa/Lubumbashi)" in text
    assert "/governance/report.csv?week=2026-W10&amp;severity=WARN&amp;check=STOCK_NEGATIF" in text


def test_the_report_as_csv_has_the_figures_of_the_page(get, handled, directeur):
    year, week, _ = timezone.localdate().isocalendar()
    response = get("/governance/report.csv", week=f"{year}-W{week:02}")
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="indicateurs-{year}-W{week:02}.csv"'
    )
    rows = list(csv.reader(response.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    head = {row[0]: row[1] for row in rows[:9] if len(row) > 1}
    assert head["Filtres"] == "aucun"
    assert head["Par"] == str(directeur)
    assert (head["Environnement"], head["Version du cockpit"]) == ("development", "v0.0.0+0000000")
    lines = {(row[0], row[1]): row[2:] for row in rows if len(row) > 3}
    page = get(REPORT, week=f"{year}-W{week:02}")
    opened = lines["Ensemble", "Ouvertes"][0]
    assert f"<strong>{opened}</strong> Ouvertes" in page.text
    assert lines["Ensemble", "Résolution automatique (TTM)"][:4] == ["1", "1", "2,00", "2,00"]
    assert lines["CRITICAL", "Ouvertes"][0] == "1"
    assert (
        len([row for row in rows if re.fullmatch(r"\d\d/\d\d/\d{4}", row[0] if row else "")]) == 7
    )
