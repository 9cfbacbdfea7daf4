"""One alert: every column, its payload, and whether the anomaly is still there."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.sync import sync_alerts
from tests import business
from tests.database import as_owner

MISSING = "/governance/integrity/00000000-0000-0000-0000-000000000000/"


@pytest.fixture
def open_detail(directeur, client_of):
    client = client_of(directeur)
    return lambda alert_id, **params: client.get(f"/governance/integrity/{alert_id}/", params)


@pytest.fixture
def truck_alert(db):
    """An alert whose anomaly is in the live view; returns (truck, alert id)."""
    with as_owner() as cursor:
        truck = business.cdr(cursor, days_old=3, statut="ARRIVE", plaque_camion="1234AB05")
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts")
        return truck, cursor.fetchone()[0]


def test_every_column_and_the_payload_are_shown(open_detail, truck_alert):
    truck, alert_id = truck_alert
    response = open_detail(alert_id)
    names = {name for name, _ in response.context["columns"]}
    assert names == {
        "id",
        "check_code",
        "severity",
        "entity_type",
        "entity_id",
        "message",
        "status",
        "first_detected_at",
        "last_detected_at",
        "acknowledged_by",
        "acknowledged_at",
        "resolved_by",
        "resolved_at",
        "created_at",
        "updated_at",
    }
    assert json.loads(response.context["payload_json"])["cours_de_route_id"] == str(truck)
    assert "Copier le JSON" in response.text


def test_it_says_why_the_check_matters_and_what_to_do(open_detail, truck_alert):
    text = open_detail(truck_alert[1]).text
    assert "Pourquoi c’est important" in text
    assert "Appeler le dépôt de destination" in text


def test_the_dbas_query_finds_the_same_anomaly(open_detail, truck_alert):
    truck, alert_id = truck_alert
    with as_owner() as cursor:
        cursor.execute(open_detail(alert_id).context["live_sql"])
        (row,) = cursor.fetchall()
    assert truck in row


def test_presence_is_read_from_the_live_view(open_detail, truck_alert):
    truck, alert_id = truck_alert
    assert open_detail(alert_id).context["presence"] == "present"
    with as_owner() as cursor:
        cursor.execute("DELETE FROM public.cours_de_route WHERE id = %s", [truck])
    response = open_detail(alert_id)
    assert response.context["presence"] == "absent"
    assert "A disparu de la vue" in response.text


def test_an_unreadable_view_leaves_presence_unknown_and_the_page_alive(open_detail, truck_alert):
    with as_owner() as cursor:
        cursor.execute("DROP VIEW public.v_integrity_checks")
    response = open_detail(truck_alert[1])
    assert response.status_code == 200
    assert response.context["presence"] == "unknown"
    assert "Impossible de vérifier maintenant" in response.text


def test_history_tells_who_did_what(open_detail, make_alert, admin):
    alert_id = make_alert(
        status="RESOLVED",
        acknowledged_by=admin.supabase_user_id,
        acknowledged_at=timezone.now(),
        resolved_at=timezone.now(),
    )
    entries = {e.text: e.who for e in open_detail(alert_id).context["history"]}
    assert entries["Acquittée"].startswith(str(admin))
    assert entries["Résolue : la cause a disparu"].startswith("le système")


def test_a_huge_payload_is_truncated_with_a_link_to_the_whole(
    open_detail, make_alert, directeur, client_of
):
    payload = {"texte": "é" * 1_000_000, "contrôle": "\u0007"}
    alert_id = make_alert(payload=json.dumps(payload))
    response = open_detail(alert_id)
    assert len(response.content) < 100_000
    assert "Affichage tronqué" in response.text
    whole = client_of(directeur).get(response.context["payload_url"])
    assert json.loads(whole.content) == payload


def test_an_alert_of_a_check_we_do_not_know_is_still_shown(open_detail, make_alert):
    response = open_detail(
        make_alert(check_code="FAKE_CHECK", entity_type="AUTRE", message="m" * 2000)
    )
    assert response.status_code == 200
    assert "FAKE_CHECK" in response.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leaves_the_site(open_detail, make_alert, target):
    assert open_detail(make_alert(), retour=target).context["back_url"] == "/governance/integrity/"


def test_an_unknown_alert_is_a_404_page(directeur, client_of):
    response = client_of(directeur).get(MISSING)
    assert response.status_code == 404
    assert "dev" in response.text or "v0.0.0" in response.text


def test_pca_reads_the_detail_without_actions(pca, client_of, make_alert):
    text = client_of(pca).get(f"/governance/integrity/{make_alert()}/").text
    assert "Camion 1234AB01" in text
    assert "Résoudre" not in text


def test_the_page_says_until_when_and_whose_turn_it_is(open_detail, make_alert):
    now = timezone.now()
    text = open_detail(make_alert()).text
    assert "à traiter avant le" in text
    assert "Confiée à personne\u00a0: un directeur doit agir ou la confier." in text
    text = open_detail(make_alert(first_detected_at=now - timedelta(days=3))).text
    assert "en retard de 24\u00a0h" in text
    assert "Délai dépassé\u00a0: un directeur doit agir." in text
    text = open_detail(make_alert(first_detected_at=now - timedelta(days=5))).text
    assert "un administrateur doit agir" in text


def test_an_alert_that_is_closed_has_no_due_time(open_detail, make_alert):
    text = open_detail(make_alert(status="RESOLVED", resolved_at=timezone.now())).text
    assert "échéance" not in text
