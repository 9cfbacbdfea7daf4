"""STOCK_OVER_CAPACITY: a tank is filled by all its owners together."""

import json

import pytest

from tests import business

CODE = "STOCK_OVER_CAPACITY"


def test_fires_when_two_owners_together_exceed_the_tank_and_clears_when_corrected(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 60_000)
    assert anomalies() == []

    business.snapshot(owner, tank, 60_000, proprietaire_type="PARTENAIRE")
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "CRITICAL")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert "dépasse sa capacité utile de 20\u00a0000\u00a0L" in anomaly["message"]
    payload = anomaly["payload"]
    assert payload["stock_ambiant"] == 120_000
    assert (payload["capacite_totale"], payload["capacite_utile"]) == (100_000, 100_000)
    assert [line["proprietaire_type"] for line in payload["proprietaires"]] == [
        "MONALUXE",
        "PARTENAIRE",
    ]

    business.adjustment(owner, tank, -20_000)
    assert anomalies() == []


@pytest.mark.parametrize(("stock", "fires"), [(90_000, False), (90_000.5, True)])
def test_the_limit_is_the_total_less_the_safety_capacity_without_tolerance(
    owner, anomalies, stock, fires
):
    tank = business.citerne(owner, capacite_securite=10_000)
    business.snapshot(owner, tank, stock)
    assert bool(anomalies(CODE)) is fires


def test_fires_on_the_15c_stock_alone(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 99_000, 100_001)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["stock_15c"] == 100_001


@pytest.mark.parametrize("statut", ["inactive", "maintenance"])
def test_only_an_active_tank_is_judged(owner, anomalies, statut):
    tank = business.citerne(owner, statut=statut)
    business.snapshot(owner, tank, 150_000)
    assert anomalies(CODE) == []


def test_an_owner_below_zero_does_not_make_room_for_another(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 105_000)
    business.snapshot(owner, tank, 0, proprietaire_type="PARTENAIRE")
    business.adjustment(owner, tank, -10_000, proprietaire_type="PARTENAIRE")
    assert len(anomalies(CODE)) == 1


def test_a_nan_neither_fires_nor_reaches_the_payload(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, float("nan"))
    assert anomalies(CODE) == []

    business.snapshot(owner, tank, 150_000, proprietaire_type="PARTENAIRE")
    (anomaly,) = anomalies(CODE)
    assert "NaN" not in json.dumps(anomaly["payload"])
    assert anomaly["payload"]["proprietaires"][0]["stock_ambiant"] is None, "unknown, not zero"
