"""The integrity screen: counters, filters, order, paging, and what each role may see of it."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.sync import sync_alerts
from tests import business
from tests.database import as_owner

URL = "/governance/integrity/"


@pytest.fixture
def page(directeur, client_of):
    """GET the list as a directeur; returns the response."""
    client = client_of(directeur)
    return lambda **params: client.get(URL, params)


def shown(response):
    return [row.alert.message for row in response.context["page"].object_list]


def test_an_empty_installation_says_that_nothing_was_found(page):
    response = page()
    assert response.status_code == 200
    assert "Aucun check détecté." in response.text
    assert "jamais évalué" in response.text


def test_a_row_reads_for_a_human(page, make_alert):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 0)
        business.adjustment(cursor, tank, -4_000)
    sync_alerts()
    text = page().text
    assert "TANK3 · Dépôt Daipn : stock négatif" in text
    assert "Citerne TANK3 · Dépôt Daipn" in text
    assert "Stock négatif" in text
    assert "STOCK_NEGATIF" in text
    assert "Ouverte" in text
    assert "à l’instant" in text


def test_an_entity_that_is_gone_is_shown_by_its_uuid(page, make_alert):
    entity = uuid4()
    make_alert(entity_id=entity)
    assert f"{str(entity)[:8]}… (introuvable)" in page().text


def test_critical_comes_first_then_the_latest_detected(page, make_alert):
    now = timezone.now()
    for age, severity in ((1, "WARN"), (3, "CRITICAL"), (2, "WARN"), (9, "CRITICAL")):
        make_alert(
            severity=severity,
            message=f"{severity} {age}",
            last_detected_at=now - timedelta(hours=age),
        )
    assert shown(page()) == ["CRITICAL 3", "CRITICAL 9", "WARN 1", "WARN 2"]


def test_the_oldest_critical_of_many_alerts_is_on_the_first_page(page, make_alert):
    make_alert(severity="CRITICAL", message="le pire", last_detected_at="2020-01-01T00:00Z")
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " SELECT 'CDR_ARRIVE_STALE', 'WARN', 'CDR', gen_random_uuid(), 'camion '||n"
            " FROM generate_series(1, 10000) AS n"
        )
    response = page()
    assert shown(response)[0] == "le pire"
    assert len(shown(response)) == 50
    assert response.context["counters"]["total"] == 10_001
    assert "10\u202f001" in response.text or "10\u00a0001" in response.text
    assert "Page 1 sur 201" in response.text


def test_active_alerts_are_shown_by_default(page, make_alert):
    for status in ("OPEN", "ACK", "RESOLVED"):
        make_alert(status=status, message=f"est {status}")
    assert sorted(shown(page())) == ["est ACK", "est OPEN"]
    assert shown(page(status="RESOLVED")) == ["est RESOLVED"]
    assert len(shown(page(status="all"))) == 3


def test_counters_follow_the_filters_and_say_out_of_how_many(page, make_alert):
    make_alert(severity="CRITICAL", message="rouge")
    make_alert(message="jaune un")
    make_alert(message="jaune deux", status="ACK")
    make_alert(message="réglée", status="RESOLVED")
    counters = page().context["counters"]
    assert counters == {"everything": 4, "total": 3, "critical": 1, "warn": 2, "accepted": 0}
    response = page(q="jaune")
    narrowed = {"everything": 4, "total": 2, "critical": 0, "warn": 2, "accepted": 0}
    assert response.context["counters"] == narrowed
    assert "sur 4" in response.text


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"severity": "CRITICAL"}, ["citerne"]),
        ({"entity_type": "CDR"}, ["camion"]),
        ({"check": "STOCK_NEGATIF"}, ["citerne"]),
        ({"q": "CAM"}, ["camion"]),
        ({"q": "stock_neg"}, ["citerne"]),
        ({"q": "%"}, []),
        ({"severity": "CRITICAL", "entity_type": "CDR"}, []),
    ],
)
def test_each_filter_keeps_what_it_says(page, make_alert, params, expected):
    make_alert(
        check_code="STOCK_NEGATIF",
        severity="CRITICAL",
        entity_type="CITERNE_STOCK",
        message="citerne",
    )
    make_alert(message="camion")
    assert shown(page(**params)) == expected


def test_a_search_finds_an_alert_by_the_uuid_of_its_entity(page, make_alert):
    entity = uuid4()
    make_alert(entity_id=entity, message="lui")
    make_alert(message="un autre")
    assert shown(page(q=str(entity))) == ["lui"]


def test_filters_that_leave_nothing_say_so_and_offer_the_way_out(page, make_alert):
    make_alert()
    text = page(q="introuvable").text
    assert "Aucune alerte ne correspond à ces filtres" in text
    assert "Aucun check détecté" not in text


def test_every_active_filter_is_a_chip_that_takes_it_away(page, make_alert):
    response = page(severity="WARN", q="x & y", page="3", page_size="25")
    assert {chip.label: chip.url for chip in response.context["chips"]} == {
        "Sévérité : WARN": f"{URL}?q=x+%26+y&page_size=25",
        "Recherche : « x & y »": f"{URL}?severity=WARN&page_size=25",
    }


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"severity": "FATAL"}, "severity"),
        ({"status": "CLOSED"}, "status"),
        ({"entity_type": "BATEAU"}, "entity_type"),
        ({"check": "' OR 1=1 --"}, "check"),
        ({"q": "x" * 10_000}, "q"),
        ({"page_size": "201"}, "page_size"),
        ({"page_size": "abc"}, "page_size"),
        ({"page": "-1"}, "page"),
    ],
)
def test_an_unknown_value_is_named_beside_its_field_and_nothing_is_listed(
    page, make_alert, params, field
):
    make_alert()
    response = page(**params)
    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {field}
    assert response.context["page"] is None
    assert "Corrigez le filtre" in response.text
    assert "Aucun check détecté" not in response.text


def test_a_page_beyond_the_end_is_the_last_one(page, make_alert):
    for _ in range(3):
        make_alert()
    response = page(page="1000000000", page_size="2")
    assert response.context["page"].number == 2
    assert len(shown(response)) == 1


def test_page_size_is_fifty_and_at_most_two_hundred(page, make_alert):
    for _ in range(60):
        make_alert()
    assert len(shown(page())) == 50
    assert len(shown(page(page_size="200"))) == 60


def test_a_row_leads_to_its_detail_and_back_to_the_same_filters(
    page, make_alert, directeur, client_of
):
    make_alert()
    (row,) = page(severity="WARN").context["page"].object_list
    detail = client_of(directeur).get(row.detail_url)
    assert detail.context["back_url"] == f"{URL}?severity=WARN"


def test_the_way_back_survives_an_action_a_conflict_and_a_decision(
    page, make_alert, client_of, admin
):
    """From a page of a filtered list to an alert, whatever becomes of it there."""
    for _ in range(3):
        make_alert()
    listed = f"{URL}?severity=WARN&page_size=2&page=2"
    (row,) = page(severity="WARN", page_size="2", page="2").context["page"].object_list
    client = client_of(admin)
    for action in ("ack", "ack", "resolve"):  # done, in conflict, done or to be decided
        detail = client.get(row.detail_url)
        assert f'<a href="{listed.replace("&", "&amp;")}">' in detail.text
        answer = client.post(
            f"/governance/alerts/{row.alert.id}/{action}/", {"next": detail.context["next"]}
        )
        assert answer.url == detail.context["next"]
    assert client.get(answer.url).context["row"].alert.status == "RESOLVED"


def test_the_title_counts_what_the_list_has_and_every_answer_says_it_anew(page, make_alert):
    assert "<title>Intégrité · ML_PP Gouvernance</title>" in page().text
    make_alert()
    make_alert(severity="CRITICAL")
    text = page().text
    assert "<title>(2) Intégrité · ML_PP Gouvernance</title>" in text
    assert 'data-title="(2) Intégrité · ML_PP Gouvernance"' in text
    assert "<title>(1) Intégrité · ML_PP Gouvernance</title>" in page(severity="CRITICAL").text


def test_what_is_late_is_said_filtered_and_sorted_by_its_due_time(page, make_alert):
    now = timezone.now()
    for days, severity in ((1, "WARN"), (3, "WARN"), (9, "WARN"), (4, "CRITICAL")):
        make_alert(
            severity=severity,
            message=f"{severity} {days}",
            first_detected_at=now - timedelta(days=days),
            last_detected_at=now - timedelta(minutes=days),
        )
    make_alert(status="RESOLVED", message="réglée", first_detected_at=now - timedelta(days=9))
    late = page(status="late")
    assert shown(late) == ["CRITICAL 4", "WARN 3", "WARN 9"]
    assert late.context["counters"]["total"] == 3
    assert "en retard de 7" in late.text
    assert shown(page(status="late", sort="due")) == ["WARN 9", "CRITICAL 4", "WARN 3"]
    assert shown(page(status="all", sort="due"))[-2:] == ["WARN 1", "réglée"]
    assert "à traiter avant le" in page(q="WARN 1").text
    assert [chip.label for chip in page(sort="due", status="late").context["chips"]] == [
        "État : En retard"
    ]


def test_pca_sees_alerts_and_no_action(pca, client_of, make_alert):
    make_alert()
    text = client_of(pca).get(URL).text
    assert "Camion 1234AB01" in text
    assert "Lecture seule" in text
    assert "Acquitter" not in text
    assert "Résoudre" not in text


def test_actions_fit_the_state(page, make_alert):
    make_alert(status="OPEN", message="ouverte")
    make_alert(status="ACK", message="acquittée")
    make_alert(status="RESOLVED", message="résolue")
    rows = {row.alert.message: row for row in page(status="all").context["page"].object_list}
    assert {name: (row.can_ack, row.can_resolve) for name, row in rows.items()} == {
        "ouverte": (True, True),
        "acquittée": (False, True),
        "résolue": (False, False),
    }


def test_the_state_says_who_acted(page, make_alert, admin):
    make_alert(status="ACK", acknowledged_by=admin.supabase_user_id, acknowledged_at=timezone.now())
    make_alert(status="RESOLVED", resolved_at=timezone.now())
    text = page(status="all").text
    assert f"Acquittée par {admin}" in text
    assert "Résolue par le système" in text


def test_a_stale_evaluation_is_shown_as_stale(page):
    sync_alerts()
    assert page().context["sync_is_stale"] is False
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE gouvernance.sync_runs SET started_at = started_at - interval '47 min',"
            " finished_at = finished_at - interval '47 min'"
        )
    response = page()
    assert response.context["sync_is_stale"] is True
    assert "il y a 47\u00a0min" in response.text


@pytest.mark.parametrize(
    ("profiles", "why"),
    [
        ([], "aucun profil ML_PP"),
        (["gerant"], "le rôle « gerant », qui ne donne pas accès"),
        (["superviseur"], "le rôle « superviseur », qui ne donne pas accès"),
        (["directeur", "directeur"], "2 profils ML_PP"),
        (["directeur", "pca", "gerant"], "3 profils ML_PP"),
    ],
)
def test_a_directeur_without_one_admitted_profile_is_refused_and_told_why_rather_than_shown_an_empty_list(
    directeur, client_of, make_alert, profiles, why
):
    make_alert()
    with as_owner() as cursor:
        cursor.execute("ALTER TABLE public.profils DROP CONSTRAINT profils_role_check")
        cursor.execute(
            "DELETE FROM public.profils WHERE user_id = %s", [directeur.supabase_user_id]
        )
        for role in profiles:
            cursor.execute(
                "INSERT INTO public.profils (user_id, role) VALUES (%s, %s)",
                [directeur.supabase_user_id, role],
            )
    response = client_of(directeur).get(URL)
    assert response.status_code == 403
    assert why in unescape(response.text).replace("\u00a0", " ")
    assert "Demandez à un administrateur" in response.text


def test_text_from_the_database_is_never_markup(page, make_alert):
    make_alert(message="<script>alert(1)</script>", check_code="<b>X</b>", entity_type="<i>")
    text = page().text
    assert "<script>alert(1)" not in text
    assert "<b>X</b>" not in text


def test_the_number_of_queries_does_not_grow_with_the_list(
    page, make_alert, admin, django_assert_max_num_queries
):
    for number in range(60):
        make_alert(
            status="ACK",
            acknowledged_by=admin.supabase_user_id,
            acknowledged_at=timezone.now(),
            message=f"camion {number}",
        )
    with django_assert_max_num_queries(
        11
    ):  # 8; the savepoint and the reset of a test's transaction
        page()
