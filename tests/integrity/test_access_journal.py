"""The page of the access journal: filters, timeline, tops, spikes, and whom it opens for."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpp_gov.access.recording import hashed_name
from tests.database import as_owner

URL = "/governance/journal/"
WORDS = " ".join


def plant(**values):
    """Rows of the journal as the owner could have kept them; `at` is an age."""
    row = {
        "at": timedelta(minutes=5),
        "event": "authz_fail",
        "reason": "role",
        "severity": "WARN",
        "status": 403,
        "method": "GET",
        "route": "integrity:list",
        "role": "",
        "user_agent": "",
        "session": "",
        "typed_name": "",
        "detail": "",
        "release": "v1",
        "count": 1,
        **values,
    }
    row["at"] = timezone.now() - row["at"]
    with as_owner() as cursor:
        cursor.execute(
            f"INSERT INTO gouvernance.access_events ({', '.join(row)})"
            f" VALUES ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )


@pytest.fixture
def get(directeur, client_of):
    client = client_of(directeur)
    return lambda **params: client.get(URL, params)


def lines(response):
    return [(line.code, line.values["count"]) for line in response.context["page"].object_list]


def test_a_journal_without_a_line_says_so(get):
    response = get()
    assert response.status_code == 200
    assert "Rien n’a été noté dans cette période." in response.text
    assert "<svg viewBox" not in response.text


def test_a_line_reads_for_a_human(get, directeur):
    plant(
        user_id=directeur.pk,
        role="directeur",
        address="41.243.7.12",
        user_agent="Mozilla/5.0",
        count=1_200,
        detail="<b>jean</b> : Lecture → Directeur",
    )
    text = get().text
    for said in (
        "Refusé par le rôle (403)",
        "authz_fail:role",
        "integrity:list",
        directeur.username,
        "41.243.7.12",
        "Mozilla/5.0",
        "&lt;b&gt;jean&lt;/b&gt;",
    ):
        assert said in text, said
    assert re.search(r"1[\s\u202f\u00a0]200 fois", text)


def test_a_hostile_user_agent_is_text(get):
    plant(user_agent='"><script>alert(1)</script>' + "x" * 150)
    assert "<script>alert" not in get().text


def test_a_name_that_was_typed_is_found_and_never_shown(get):
    plant(event="authn_login_fail", reason="", typed_name=hashed_name("marie"))
    plant(event="authn_login_fail", reason="", typed_name=hashed_name("paul"))
    response = get(account="Marie ")
    assert [line.values["typed_name"] for line in response.context["page"].object_list] == [
        hashed_name("marie")
    ]
    assert f"nom essayé {hashed_name('marie')[:10]}" in response.text


def test_what_a_later_release_wrote_is_shown_by_its_code(get):
    plant(event="authn_impossible_travel", reason="far")
    assert "authn_impossible_travel:far" in get().text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 4),
        ({"event": "authz_fail:role"}, 1),
        ({"event": "authn_login_fail"}, 1),
        ({"severity": "CRITICAL"}, 1),
        ({"status": "403"}, 1),
        ({"route": "login"}, 1),
        ({"address": "41.243.7.12"}, 1),
        ({"address": "41.243.0.0/16"}, 2),
        ({"address": "2001:db8::/32"}, 1),
        ({"account": "personne"}, 0),
        ({"event": "authz_fail:role", "status": "200"}, 0),
    ],
)
def test_each_filter_keeps_what_it_names(get, filters, found):
    plant(address="41.243.7.12")
    plant(event="authn_login_fail", reason="", status=200, route="login", address="41.243.9.9")
    plant(event="malicious_excess_404", reason="probe", severity="CRITICAL", status=404, route="")
    plant(event="authz_fail", reason="csrf", status=400, address="2001:db8::1")
    response = get(**filters)
    assert response.status_code == 200
    assert response.context["totals"].lines == found
    assert len(response.context["chips"]) == len(filters)


def test_an_account_is_found_by_its_name(get, pca):
    plant(user_id=pca.pk)
    plant(user_id=999_999)
    assert get(account=pca.username.upper()).context["totals"].lines == 1
    assert "compte n° 999999" in get().text


def test_the_period_is_seven_days_unless_said(get):
    for days in (1, 5, 30):
        plant(at=timedelta(days=days))
    assert get().context["totals"].lines == 2
    today = timezone.localdate()
    response = get(**{"from": today - timedelta(days=60), "to": today})
    assert response.context["totals"].lines == 3
    assert not response.context["chart"].is_hourly
    assert len(response.context["chart"].buckets) == 61


def test_links_of_a_line_narrow_and_chips_widen(get):
    plant(address="41.243.7.12", route="login")
    text = unescape(get(status="403").text)
    assert f'href="{URL}?status=403&address=41.243.7.12"' in text
    assert f'href="{URL}?status=403&route=login"' in text
    assert f'<a class="chip" href="{URL}"' in text


@pytest.mark.parametrize(
    "filters",
    [
        {"event": "inconnu"},
        {"severity": "FATAL"},
        {"status": "99"},
        {"status": "abc"},
        {"address": "partout"},
        {"address": "1.2.3.4/99"},
        {"from": "2026-13-01"},
        {"from": "0001-01-01"},
        {"from": "2026-11-20", "to": "2026-11-01"},
        {"from": "2001-01-01", "to": "2026-11-01"},
        {"route": "x" * 101},
        {"page": "0"},
        {"page": "9" * 30},
    ],
)
def test_a_filter_that_is_none_is_a_400_that_says_which(get, filters):
    response = get(**filters)
    assert response.status_code == 400
    assert response.context["form"].errors
    if set(filters) != {"page"}:
        assert "field-error" in response.text


def test_ten_thousand_lines_are_fifty_at_a_time(get, django_assert_max_num_queries):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.access_events (at, event, reason, severity, status, method, route,"
            " role, address, user_agent, session, typed_name, detail, release, count)"
            " SELECT now() - n * interval '1 second', 'authz_fail', 'role', 'WARN', 403, 'GET', 'x', '',"
            " '10.0.0.0'::inet + n % 300, repeat('u', 200), '', '', '', 'v1', 1"
            " FROM generate_series(1, 10000) AS n"
        )
    with django_assert_max_num_queries(13):
        response = get()
    assert len(lines(response)) == 50
    assert "Page 1 sur 200" in response.text
    assert len(response.context["tops"]["address"]) == 10
    assert len(response.content) < 200_000
    assert get(page=200).context["page"].number == 200
    assert get(page=10**9).context["page"].number == 200


def test_the_chart_says_the_same_in_words_and_in_a_table(get):
    plant(count=7)
    plant(event="sensitive_read", reason="export", status=200, count=3)
    response = get()
    chart = response.context["chart"]
    assert len(chart.buckets) == 7 * 24
    assert "refus 7, autres événements 3, au plus 7 par heure, pics 0" in chart.text
    assert chart.text in unescape(response.text)
    assert sum(bucket.refusals for bucket, _ in chart.lines) == 7
    assert chart.refusals
    assert chart.others


def test_tops_are_those_with_the_most_refusals(get, pca):
    plant(address="10.0.0.1", count=5)
    plant(address="10.0.0.2", count=2, event="sensitive_read", reason="export")
    plant(address="10.0.0.3", count=9, user_id=pca.pk)
    tops = get().context["tops"]
    assert [(top.label, top.refusals, top.events) for top in tops["address"]] == [
        ("10.0.0.3", 9, 9),
        ("10.0.0.1", 5, 5),
        ("10.0.0.2", 0, 2),
    ]
    assert [top.label for top in tops["account"]] == [pca.username]


def test_a_spike_is_marked_where_it_was_and_a_usual_quarter_is_not(get):
    plant(at=timedelta(hours=30), count=19)
    plant(at=timedelta(hours=40), count=20)
    response = get()
    (spike,) = response.context["spikes"]
    assert (spike["refused"], spike["usual"], spike["threshold"]) == (20, 0, 20)
    assert "Pics de refus" in response.text
    chart = response.context["chart"]
    assert [bucket.refusals for bucket, has_spike in chart.lines if has_spike] == [20]
    assert chart.marks


def test_what_is_usual_is_the_median_of_the_seven_days_before(get):
    for quarter in range(1, 1400):
        plant(at=timedelta(minutes=15 * quarter), count=30)
    plant(at=timedelta(0), count=89)
    assert get().context["spikes"] == []
    plant(at=timedelta(0), count=1)
    (spike,) = get().context["spikes"]
    assert (spike["refused"], spike["usual"], spike["threshold"]) == (90, 30, 90)


# --- Whom it opens for ---------------------------------------------------------------------------


def test_who_may_not_is_told_whom_to_ask(client_of, pca):
    response = client_of(pca).get(URL)
    assert response.status_code == 403
    assert "consulter le journal des accès" in response.text
    assert "Accès</a>" not in client_of(pca).get("/governance/").text


def test_an_empty_journal_is_never_shown_for_one_that_the_database_hides(client_of, directeur):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.profils SET role = 'pca' WHERE user_id = %s",
            [directeur.supabase_user_id],
        )
    plant()
    response = client_of(directeur).get(URL)
    assert response.status_code == 403
    assert "ni administrateur, ni directeur" in response.text


def test_who_is_not_signed_in_is_sent_to_sign_in(db):
    assert Client().get(URL).status_code == 302


NAMES = st.sampled_from(
    ["event", "severity", "status", "route", "account", "address", "from", "to", "page", "x"]
)
VALUES = st.one_of(
    st.text(max_size=300),
    st.integers().map(str),
    st.dates().map(str),
    st.ip_addresses().map(str),
    st.sampled_from(["authz_fail:role", "WARN", "0", "9" * 5000, "\x00", "%00", "'", "::/0"]),
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_no_query_string_ends_in_a_500(get, directeur, client_of, pairs):
    client = client_of(directeur)
    response = client.get(f"{URL}?{urlencode(pairs, errors='surrogatepass')}")
    assert response.status_code in (200, 400), pairs


# --- The cockpit's tile --------------------------------------------------------------------------


def tile(client):
    found = re.search(
        rf'<a class="counter[^"]*" href="{URL}">(.*?)</a>', client.get("/governance/").text, re.S
    )
    return WORDS(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else None


def test_the_cockpit_counts_the_refusals_of_24_hours(client_of, directeur, pca):
    plant(count=12)
    plant(at=timedelta(hours=25), count=500)
    plant(event="sensitive_read", reason="export", count=3)
    assert tile(client_of(directeur)) == "12 accès suspects (24&nbsp;h)"
    assert tile(client_of(pca)) is None
    plant(count=8)
    assert tile(client_of(directeur)) == "20 accès suspects (24&nbsp;h), pic en cours"


def test_the_cockpit_says_that_it_does_not_know_where_the_journal_can_t_be_read(
    client_of, directeur
):
    with as_owner() as cursor:
        cursor.execute("ALTER TABLE gouvernance.access_events RENAME TO away")
    response = client_of(directeur).get("/governance/")
    assert response.status_code == 200
    assert tile(client_of(directeur)) == "— accès suspects (24&nbsp;h)"
