"""CDR_ARRIVE_STALE: a truck arrived, and nobody validated what it brought."""

import pytest

from tests import business

CODE = "CDR_ARRIVE_STALE"


def test_fires_after_two_days_without_reception_and_clears_with_a_validated_one(owner, anomalies):
    truck = business.cdr(owner, days_old=3, plaque_camion="1234AB05")
    assert anomalies() == []

    owner.execute("UPDATE public.cours_de_route SET statut = 'ARRIVE' WHERE id = %s", [truck])
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CDR", truck)
    assert anomaly["message"].startswith("Camion 1234AB05")
    assert anomaly["payload"]["cours_de_route_id"] == str(truck)
    assert "created_at" in anomaly["payload"]

    business.reception(owner, cours_de_route_id=truck)
    assert anomalies() == []


def test_a_rejected_reception_is_no_reception(owner, anomalies):
    truck = business.cdr(owner, days_old=3, statut="ARRIVE")
    business.reception(owner, cours_de_route_id=truck, statut="rejetee")
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [truck]


@pytest.mark.parametrize(("days_old", "fires"), [(1.9, False), (2.1, True)])
def test_the_age_is_two_days_since_creation(owner, anomalies, days_old, fires):
    business.cdr(owner, days_old=days_old, statut="ARRIVE")
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize("statut", ["CHARGEMENT", "TRANSIT", "FRONTIERE", "DECHARGE"])
def test_other_states_are_not_arrivals(owner, anomalies, statut):
    business.cdr(owner, days_old=120, statut=statut)
    assert anomalies(CODE) == []
