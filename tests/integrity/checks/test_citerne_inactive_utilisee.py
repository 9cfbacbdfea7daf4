"""CITERNE_INACTIVE_UTILISEE: product went into a closed tank, or out of it."""

import pytest

from tests import business

CODE = "CITERNE_INACTIVE_UTILISEE"


def test_fires_on_a_movement_in_a_closed_tank_and_clears_when_it_opens(owner, anomalies):
    tank = business.citerne(owner)
    received, left = business.reception(owner, tank), business.sortie(owner, tank)
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.citernes SET statut = 'maintenance' WHERE id = %s", [tank])
    found = {anomaly["entity_type"]: anomaly for anomaly in anomalies(CODE)}
    assert len(anomalies(CODE)) == 2
    assert {kind: anomaly["entity_id"] for kind, anomaly in found.items()} == {
        "RECEPTION": received,
        "SORTIE": left,
    }
    assert {anomaly["severity"] for anomaly in found.values()} == {"CRITICAL"}
    assert found["RECEPTION"]["message"].startswith("TANK3 · Dépôt Daipn : réception du")
    assert found["RECEPTION"]["message"].endswith("une citerne en maintenance")
    assert "camion 9876CD05" in found["SORTIE"]["message"]
    assert found["SORTIE"]["payload"]["figure"] == 10_000

    owner.execute("UPDATE public.citernes SET statut = 'active' WHERE id = %s", [tank])
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("days", "fires"), [(30, True), (31, False)])
def test_the_window_is_thirty_days(owner, anomalies, days, fires):
    tank = business.citerne(owner, statut="inactive")
    owner.execute("SELECT (now() AT TIME ZONE 'UTC')::date - %s::integer", [days])
    business.reception(owner, tank, date_reception=owner.fetchone()[0])
    owner.execute("SELECT now() - %s * interval '1 day'", [days])
    business.sortie(owner, tank, date_sortie=owner.fetchone()[0])
    assert len(anomalies(CODE)) == (2 if fires else 0)


def test_the_window_is_the_administrators(owner, anomalies):
    tank = business.citerne(owner, statut="inactive")
    owner.execute("SELECT now() - interval '20 days'")
    business.sortie(owner, tank, date_sortie=owner.fetchone()[0])
    assert len(anomalies(CODE)) == 1
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 10 WHERE check_code = %s", [CODE]
    )
    assert anomalies(CODE) == []


def test_drafts_rejected_and_absurd_dates_are_not_judged(owner, anomalies):
    tank = business.citerne(owner, statut="inactive", depot_id=None)
    business.sortie(owner, tank, statut="brouillon")
    business.reception(owner, tank, statut="rejetee")
    business.sortie(owner, tank, date_sortie="infinity")
    business.reception(owner, tank, date_reception="5874897-12-31")
    assert anomalies(CODE) == []


def test_a_volume_that_is_no_number_still_tells_the_movement(owner, anomalies):
    tank = business.citerne(owner, statut="inactive", depot_id=None)
    business.sortie(owner, tank, volume_ambiant=float("nan"), plaque_camion=None)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"] == (
        "TANK3 · sans dépôt : sortie de volume inconnu d’une citerne inactive"
    )
    assert anomaly["payload"]["figure"] is None
