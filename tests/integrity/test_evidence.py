"""The facts behind an alert: tank, truck, reception, sortie, and the movements around the moment."""

import json
import math
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.sync import sync_alerts
from tests import business
from tests.database import as_owner


@pytest.fixture
def open_evidence(directeur, client_of):
    client = client_of(directeur)
    return lambda alert_id, **params: client.get(
        f"/governance/integrity/{alert_id}/evidence/", params
    )


def alert_of(check):
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts WHERE check_code = %s", [check])
        return cursor.fetchone()[0]


def typed(cursor, table, row, *, days_ago):
    """Say that a row was typed so many days ago; validated movements can't be changed otherwise."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    cursor.execute(
        f"UPDATE public.{table} SET created_at = now() - %s * interval '1 day' WHERE id = %s",
        [days_ago, row],
    )
    cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def negative_tank(db):
    """TANK3: 10 000 L in, 10 000 L out, −4 000 L of correction, all today; its alert's id."""
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        truck = business.cdr(cursor, plaque_camion="1234AB05", statut="DECHARGE")
        business.snapshot(cursor, tank, 0)
        reception = business.reception(cursor, tank, cours_de_route_id=truck)
        sortie = business.sortie(cursor, tank)
        correction = business.adjustment(cursor, tank, -4_000, mouvement_id=sortie)
        for days_ago, table, row in (
            (3, "receptions", reception),
            (2, "sorties_produit", sortie),
            (1, "stocks_adjustments", correction),
        ):
            typed(cursor, table, row, days_ago=days_ago)
    sync_alerts()
    return alert_of("STOCK_NEGATIF")


def test_a_negative_tank_shows_its_card_its_unclamped_stock_and_its_movements(
    open_evidence, negative_tank
):
    response = open_evidence(negative_tank)
    assert response.status_code == 200
    facts = dict(response.context["tank"])
    assert facts["Dépôt"] == "Dépôt Daipn"
    assert facts["Capacité totale"] == "100\u00a0000\u00a0L"
    (line,) = response.context["stock"]
    assert line.ambiant == -4_000
    assert "−4\u00a0000\u00a0L" in response.text
    rows = response.context["found"].tank.movements.rows
    assert [(row["kind"], row["ambiant"], row["plaque_camion"]) for row in rows] == [
        ("Ajustement de sortie", -4_000, None),
        ("Sortie", -10_000, "9876CD05"),
        ("Réception", 10_000, "1234AB05"),
    ]


def test_the_running_balance_ends_at_the_stock_when_the_movements_explain_it(
    open_evidence, negative_tank
):
    movements = open_evidence(negative_tank).context["found"].tank.movements
    assert movements.has_balance
    assert [row["balance"] for row in movements.rows] == [-4_000, 0, 10_000]


def test_without_movements_that_explain_the_stock_no_balance_is_claimed(open_evidence):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        business.sortie(cursor, tank, booked=False)
        business.snapshot(cursor, tank, 1_000, booked=False)
        business.adjustment(cursor, tank, -3_000)
    sync_alerts()
    response = open_evidence(alert_of("STOCK_NEGATIF"))
    assert not response.context["found"].tank.movements.has_balance
    assert (
        "les mouvements lisibles donnent −13\u00a0000\u00a0L, les livres disent −2\u00a0000\u00a0L"
        in response.text
    )


def test_a_movement_that_does_not_count_is_shown_without_effect(open_evidence, negative_tank):
    with as_owner() as cursor:
        cursor.execute("SELECT citerne_id FROM public.sorties_produit")
        (tank,) = cursor.fetchone()
        business.sortie(cursor, tank, statut="brouillon")
    response = open_evidence(negative_tank)
    assert response.context["found"].tank.movements.has_balance
    assert "Brouillon" in response.text
    assert "sans effet" in response.text


def test_one_unknown_volume_takes_the_balance_away_and_reads_as_unknown(
    open_evidence, negative_tank
):
    with as_owner() as cursor:
        cursor.execute("SELECT citerne_id FROM public.sorties_produit")
        (tank,) = cursor.fetchone()
        business.reception(cursor, tank, volume_ambiant=math.nan, volume_15c=math.inf)
    response = open_evidence(negative_tank)
    assert response.status_code == 200
    assert "inconnu" in response.text
    assert "NaN" not in response.text
    assert "Infinity" not in response.text
    assert "Solde non affiché\u00a0: un volume est inconnu" in response.text.replace(
        "&nbsp;", "\u00a0"
    )


def test_only_the_week_around_the_moment_of_the_payload_is_shown(open_evidence, make_alert):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        for days_ago in (40, 31, 29, 20, 1):
            row = business.reception(cursor, tank, date_reception=_day(days_ago))
            typed(cursor, "receptions", row, days_ago=days_ago)
        late = business.reception(cursor, tank, date_reception=_day(80))
        typed(cursor, "receptions", late, days_ago=30)
    occurred = timezone.now() - timedelta(days=30)
    alert_id = make_alert(
        check_code="STOCK_OVER_CAPACITY",
        entity_type="CITERNE_STOCK",
        entity_id=tank,
        payload=json.dumps({"occurred_at": occurred.isoformat()}),
    )
    rows = open_evidence(alert_id).context["found"].tank.movements.rows
    assert [row["day"] for row in rows] == [
        f"{_day(29):%d/%m/%Y}",
        f"{_day(80):%d/%m/%Y}",  # typed late, within the week
        f"{_day(31):%d/%m/%Y}",
    ]


def _day(days_ago):
    return timezone.localdate() - timedelta(days=days_ago)


def test_a_long_list_is_cut_and_says_so(open_evidence, negative_tank):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.stocks_adjustments (mouvement_type, mouvement_id, delta_ambiant,"
            " delta_15c, reason, depot_id, citerne_id, produit_id, proprietaire_type)"
            " SELECT mouvement_type, mouvement_id, 1, 1, 'Goutte à goutte', depot_id, citerne_id,"
            " produit_id, proprietaire_type FROM public.stocks_adjustments, generate_series(1, 300)"
        )
    response = open_evidence(negative_tank)
    movements = response.context["found"].tank.movements
    assert (len(movements.rows), movements.total) == (200, 303)
    assert "les 200 mouvements saisis le plus récemment, sur 303" in response.text


def test_an_overflow_shows_every_owner_and_their_sum_against_the_capacity(open_evidence):
    with as_owner() as cursor:
        tank = business.citerne(cursor, capacite_securite=5_000)
        business.snapshot(cursor, tank, 60_000)
        business.snapshot(cursor, tank, 60_000, proprietaire_type="PARTENAIRE")
    sync_alerts()
    context = open_evidence(alert_of("STOCK_OVER_CAPACITY")).context
    assert [line.ambiant for line in context["stock"]] == [60_000, 60_000, 120_000]
    assert [bar.kind for bar in context["chart"].bars] == ["", "", "excess"]
    assert [mark.label for mark in context["chart"].marks] == ["Capacité utile", "Capacité totale"]


def test_a_truck_shows_its_journey_and_the_reception_it_led_to(open_evidence):
    with as_owner() as cursor:
        truck = business.cdr(
            cursor, days_old=9, statut="ARRIVE", plaque_camion="1234AB05", volume=38_000
        )
        business.reception(cursor, cours_de_route_id=truck, statut="rejetee")
    sync_alerts()
    response = open_evidence(alert_of("CDR_ARRIVE_STALE"))
    facts = dict(response.context["truck"])
    assert facts["Camion"] == "1234AB05"
    assert facts["État"] == "Arrivé"
    assert facts["Volume attendu"] == "38\u00a0000\u00a0L"
    assert facts["Réception liée"].startswith("Rejetée, ")
    assert response.context["found"].tank is None


def test_a_reception_shows_its_row_its_truck_its_adjustments_and_its_tank(open_evidence, admin):
    with as_owner() as cursor:
        truck = business.cdr(cursor, plaque_camion="1234AB05", statut="DECHARGE")
        reception = business.reception(
            cursor,
            cours_de_route_id=truck,
            volume_15c=8_000,
            temperature_ambiante_c=23.5,
            validated_by=admin.supabase_user_id,
        )
        cursor.execute("SELECT citerne_id FROM public.receptions")
        (tank,) = cursor.fetchone()
        business.adjustment(
            cursor,
            tank,
            100,
            mouvement_type="RECEPTION",
            mouvement_id=reception,
            reason="Relu au bordereau",
        )
    sync_alerts()
    response = open_evidence(alert_of("RECEPTION_ECART_15C"))
    facts = dict(response.context["reception"])
    assert facts["Volume à 15\u00a0°C"] == "8\u00a0000\u00a0L"
    assert facts["Température"] == "23,5\u00a0°C"
    assert facts["Validée par"] == str(admin)
    assert dict(response.context["truck"])["Camion"] == "1234AB05"
    assert [row["reason"] for row in response.context["adjustments"]] == ["Relu au bordereau"]
    assert dict(response.context["tank"])["Citerne"] == "TANK3"


def test_a_sortie_shows_its_row_in_words_and_its_tank(open_evidence):
    with as_owner() as cursor:
        business.sortie(cursor, volume_corrige_15c=8_000)
    sync_alerts()
    response = open_evidence(alert_of("SORTIE_ECART_15C"))
    facts = dict(response.context["sortie"])
    assert facts["Camion"] == "9876CD05"
    assert facts["Client"] == "Client"
    assert facts["Validée par"] == "non renseigné"
    assert "Aucun ajustement lisible" in response.text
    assert len(response.context["found"].tank.movements.rows) == 1


def test_an_alert_about_nothing_of_the_kind_says_so_calmly(open_evidence, make_alert):
    response = open_evidence(make_alert(check_code="FAKE_CHECK", entity_type="AUTRE"))
    assert response.status_code == 200
    assert "il n’y a pas de pièce à montrer" in response.text


@pytest.mark.parametrize("entity_type", ["CITERNE_STOCK", "CDR", "RECEPTION", "SORTIE"])
def test_what_is_gone_is_said_to_be_gone_or_unreadable(open_evidence, make_alert, entity_type):
    response = open_evidence(make_alert(entity_type=entity_type))
    assert response.status_code == 200
    assert "introuvable ou non lisible avec vos droits" in response.text


def test_what_row_level_security_hides_is_said_to_be_unreadable(open_evidence, negative_tank):
    with as_owner() as cursor:
        for table in ("citernes", "receptions", "sorties_produit", "stocks_adjustments"):
            cursor.execute(
                f"CREATE POLICY personne ON public.{table} AS RESTRICTIVE FOR SELECT"
                " TO authenticated USING (false)"
            )
    response = open_evidence(negative_tank)
    assert response.status_code == 200
    assert "Citerne introuvable ou non lisible avec vos droits" in response.text
    assert "Aucun mouvement lisible" in response.text


def test_what_postgresql_refuses_altogether_leaves_the_page_alive(open_evidence, negative_tank):
    with as_owner() as cursor:
        cursor.execute("REVOKE SELECT ON public.stocks_adjustments FROM authenticated")
        cursor.execute("DROP VIEW gouvernance.v_stock_reel CASCADE")
    response = open_evidence(negative_tank)
    assert response.status_code == 200
    assert "Mouvements introuvables ou non lisibles avec vos droits" in response.text
    assert "Stock introuvable ou non lisible avec vos droits" in response.text
    assert dict(response.context["tank"])["Citerne"] == "TANK3"


@pytest.mark.parametrize(
    "payload",
    [
        {"citerne_id": "pas un uuid", "occurred_at": "hier"},
        {"citerne_id": 12, "occurred_at": "2026-02-31T00:00:00Z", "plaque_camion": ["x"]},
        {"cours_de_route_id": None, "occurred_at": "9999-12-31T23:59:59Z"},
        {"occurred_at": "0001-01-01T00:00:00"},
        {"reception_id": {"a": 1}, "sortie_id": "", "occurred_at": 1e300},
        [],
        "texte",
        None,
    ],
)
def test_an_odd_payload_is_never_an_error(open_evidence, make_alert, payload):
    alert_id = make_alert(entity_type="CITERNE_STOCK", payload=json.dumps(payload))
    assert open_evidence(alert_id).status_code == 200


def test_dates_that_postgresql_calls_infinite_are_shown_and_break_nothing(open_evidence):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        sortie = business.sortie(
            cursor, tank, date_sortie="infinity", volume_corrige_15c=8_000, created_at="-infinity"
        )
        truck = business.cdr(cursor, date_chargement="infinity", statut="DECHARGE")
        business.reception(
            cursor, tank, cours_de_route_id=truck, date_reception="infinity", volume_15c=8_000
        )
        assert sortie
    sync_alerts()
    for check in ("SORTIE_ECART_15C", "RECEPTION_ECART_15C"):
        assert open_evidence(alert_of(check)).status_code == 200


def test_text_of_the_business_tables_is_never_markup(open_evidence):
    with as_owner() as cursor:
        tank = business.citerne(cursor, nom="<b>T</b>")
        business.snapshot(cursor, tank, 10_000)
        business.sortie(cursor, tank, plaque_camion="<script>alert(1)</script>")
        business.adjustment(cursor, tank, -4_000, reason="<img src=x onerror=alert(1)>")
    sync_alerts()
    text = open_evidence(alert_of("STOCK_NEGATIF")).text
    for markup in ("<b>T", "<script>alert", "<img"):
        assert markup not in text


def test_the_way_back_keeps_the_filtered_list(open_evidence, make_alert, directeur, client_of):
    alert_id = make_alert()
    filtered = "/governance/integrity/?severity=WARN"
    detail = client_of(directeur).get(f"/governance/integrity/{alert_id}/", {"retour": filtered})
    page = client_of(directeur).get(detail.context["row"].evidence_url)
    back = client_of(directeur).get(page.context["row"].detail_url)
    assert back.context["back_url"] == filtered


@pytest.mark.parametrize("target", ["https://evil.example/?x", "//evil.example/?x"])
def test_the_way_back_never_leaves_the_site(open_evidence, make_alert, target):
    assert f'href="{target}' not in open_evidence(make_alert(), retour=target).text


def test_an_unknown_alert_has_no_evidence(open_evidence):
    assert open_evidence(uuid4()).status_code == 404


def test_pca_reads_the_evidence(pca, client_of, negative_tank):
    response = client_of(pca).get(f"/governance/integrity/{negative_tank}/evidence/")
    assert dict(response.context["tank"])["Citerne"] == "TANK3"


def test_the_number_of_queries_does_not_grow_with_the_movements(
    open_evidence, negative_tank, django_assert_max_num_queries
):
    with as_owner() as cursor:
        cursor.execute("SELECT citerne_id FROM public.sorties_produit")
        (tank,) = cursor.fetchone()
        for _ in range(20):
            business.sortie(cursor, tank)
    with django_assert_max_num_queries(12):  # 8, and the savepoints around what may be refused
        open_evidence(negative_tank)
