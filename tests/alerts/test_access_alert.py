"""A spike of refused accesses is an alert of its own, with the life of every other."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from alerts import tasks, transitions
from alerts.models import AlertEvent
from alerts.sync import sync_alerts
from mlpp_gov.identity import db_identity
from tests.alerts.notifications.conftest import only, tell, with_mail
from tests.database import as_owner
from tests.integrity.test_access_journal import plant

LIST = "/governance/integrity/"


def evaluate():
    tasks.evaluate_accesses(timestamp=0)


def calm():
    """The spike is over: it is in the week before."""
    with as_owner() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE gouvernance.access_events SET at = at - interval '3 hours'")
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def alert(db):
    """Columns of the alert as its owner sees them, or None."""

    def read():
        with as_owner() as cursor:
            cursor.execute("SELECT * FROM public.system_alerts WHERE check_code = 'ACCES_SUSPECTS'")
            rows = cursor.fetchall()
            columns = [column.name for column in cursor.description]
        assert len(rows) <= 1
        if not rows:
            return None
        found = dict(zip(columns, rows[0], strict=True))
        return {**found, "payload": json.loads(found["payload"])}

    return read


def test_nineteen_refusals_are_no_spike_and_twenty_are(alert):
    plant(count=19)
    evaluate()
    assert alert() is None
    plant(count=1, address="41.243.7.12")
    evaluate()
    found = alert()
    assert (found["status"], found["severity"], found["entity_type"]) == ("OPEN", "WARN", "ACCES")
    assert found["message"] == (
        "20 accès refusés en 15\u00a0minutes, contre 0 d’habitude, depuis 2 adresses"
    )
    assert found["payload"]["figure"] == 20
    assert found["payload"]["threshold"] == 20
    assert "41.243.7.12" not in str(found["payload"])  # the PCA reads alerts, not the journal


@pytest.mark.parametrize(
    "event", ["sensitive_read", "malicious_excess_404", "authn_login_success", "user_updated"]
)
def test_only_refusals_are_counted(alert, event):
    plant(event=event, reason="", count=500)
    evaluate()
    assert alert() is None


def test_what_was_more_than_a_quarter_of_an_hour_ago_is_over(alert):
    plant(at=timedelta(minutes=16), count=500)
    evaluate()
    assert alert() is None


def test_a_spike_is_three_times_what_is_usual(alert):
    for quarter in range(1, 672):
        plant(at=timedelta(minutes=15 * quarter + 7), count=30)
    plant(count=89)
    evaluate()
    assert alert() is None
    plant(count=1)
    evaluate()
    assert alert()["payload"]["usual"] == 30


def test_it_is_refreshed_resolved_by_the_system_and_opened_again(alert):
    plant(count=40)
    evaluate()
    first = alert()
    plant(count=10)
    evaluate()
    assert (alert()["payload"]["figure"], alert()["id"]) == (50, first["id"])
    assert alert()["first_detected_at"] == first["first_detected_at"]
    calm()
    evaluate()
    assert (alert()["status"], alert()["resolved_by"]) == ("RESOLVED", None)
    evaluate()
    assert alert()["status"] == "RESOLVED"
    plant(count=40)
    evaluate()
    assert (alert()["status"], alert()["resolved_at"]) == ("OPEN", None)


def test_its_history_is_the_system_s_own(alert, directeur):
    plant(count=40)
    evaluate()
    calm()
    evaluate()
    alert_id = alert()["id"]
    with db_identity(directeur):
        events = list(AlertEvent.objects.filter(alert=alert_id).order_by("id"))
    assert [(event.kind, event.source, event.actor) for event in events] == [
        ("opened", "sync", None),
        ("resolved", "sync", None),
    ]


def test_the_sync_neither_shows_it_nor_closes_it(alert):
    plant(count=40)
    evaluate()
    outcome = sync_alerts()
    assert (alert()["status"], outcome.failing) == ("OPEN", ())
    with as_owner() as cursor:
        cursor.execute(
            "SELECT count(*) FROM public.v_integrity_checks WHERE check_code = 'ACCES_SUSPECTS'"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM gouvernance.check_runs WHERE check_code LIKE 'ACCES%'")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM gouvernance.check_runs WHERE check_code = 'v_integrity_checks'"
        )
        assert cursor.fetchone() == (0,)  # it does not even read ML_PP's view for it


def test_the_sync_does_not_close_it_beside_ml_pps_own_view_either(alert):
    plant(count=40)
    evaluate()
    with as_owner() as cursor:
        cursor.execute(
            "CREATE OR REPLACE VIEW public.v_integrity_checks AS SELECT 'AUTRE'::text AS check_code,"
            " 'WARN'::text AS severity, 'CDR'::text AS entity_type, gen_random_uuid() AS entity_id,"
            " 'm'::text AS message, '{}'::jsonb AS payload, now() AS detected_at"
        )
    outcome = sync_alerts()
    assert outcome.opened == 1
    assert alert()["status"] == "OPEN"


def test_a_person_acknowledges_it_and_the_next_evaluation_leaves_that(alert, directeur):
    plant(count=40)
    evaluate()
    transitions.acknowledge(alert()["id"], actor=directeur)
    plant(count=1)
    evaluate()
    assert alert()["status"] == "ACK"
    assert alert()["acknowledged_by"] == directeur.supabase_user_id


def test_resolving_it_is_judged_by_the_accesses_of_that_moment(alert, directeur):
    plant(count=40)
    evaluate()
    with pytest.raises(transitions.StillPresent) as refusal:
        transitions.resolve(alert()["id"], actor=directeur)
    assert refusal.value.live["figure"] == 40
    calm()
    assert transitions.resolve(alert()["id"], actor=directeur) == transitions.Outcome.FIXED


def accepted(alert, directeur):
    terms = transitions.Acceptance(
        reason="faux_positif", comment="", until=timezone.now() + timedelta(days=1)
    )
    transitions.accept(alert()["id"], actor=directeur, terms=terms)


def test_an_accepted_spike_stays_closed_until_it_gets_worse(alert, directeur):
    plant(count=100)
    evaluate()
    accepted(alert, directeur)
    plant(count=10)  # the margin is 10 %
    evaluate()
    assert alert()["status"] == "RESOLVED"
    plant(count=1)
    evaluate()
    assert alert()["status"] == "OPEN"


def test_an_accepted_spike_that_is_over_and_comes_back_is_a_new_one(alert, directeur):
    plant(count=100)
    evaluate()
    accepted(alert, directeur)
    calm()
    evaluate()
    plant(count=20)
    evaluate()
    assert alert()["status"] == "OPEN"


def test_the_list_and_its_page_name_it(alert, directeur, client_of):
    plant(count=40, address="41.243.7.12")
    evaluate()
    client = client_of(directeur)
    text = client.get(LIST, {"check": "ACCES_SUSPECTS", "entity_type": "ACCES"}).text
    assert "40 accès refusés en 15\u00a0minutes" in text
    assert "Accès au cockpit de gouvernance · Accès suspects" in text
    page = client.get(f"{LIST}{alert()['id']}/").text
    assert "introuvable" not in page
    assert "Toujours présente maintenant" in page
    assert "FROM gouvernance.check_acces_suspects" in page
    assert 'href="/governance/journal/"' in page
    assert "/checks/ACCES_SUSPECTS/" not in page
    evidence = client.get(f"{LIST}{alert()['id']}/evidence/")
    assert evidence.status_code == 200
    calm()
    assert "A disparu de la vue" in client.get(f"{LIST}{alert()['id']}/").text


def test_the_pca_sees_whether_it_is_still_there_and_not_the_journal(alert, pca, client_of):
    plant(count=40)
    evaluate()
    page = client_of(pca).get(f"{LIST}{alert()['id']}/").text
    assert "Toujours présente maintenant" in page
    assert 'href="/governance/journal/"' not in page


def test_nobody_without_a_role_of_governance_learns_of_it(alert, gerant):
    plant(count=40)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('request.jwt.claims', %s, true),"
            " set_config('role', 'authenticated', true)",
            [f'{{"sub": "{gerant.supabase_user_id}"}}'],
        )
        for relation in ("check_acces_suspects", "access_events"):
            cursor.execute(f"SELECT count(*) FROM gouvernance.{relation}")
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT set_config('role', 'none', true)")


def test_whoever_is_told_of_alerts_is_told_of_it_by_its_name(alert, directeur):
    with_mail(directeur)
    only(severity=None)
    plant(count=40)
    evaluate()
    (sent,) = tell()
    assert "Accès suspects" in sent.subject
    assert "40 accès refusés" in sent.body
    calm()
    evaluate()
    (sent,) = tell()
    assert sent.subject.startswith("Rétabli · Accès suspects")
