"""CITERNE_SANS_DEPOT: ML_PP forgets the adjustments of a tank without depot."""

import pytest

from tests import business

CODE = "CITERNE_SANS_DEPOT"


def test_fires_on_an_active_tank_without_depot_and_clears_with_one(owner, anomalies):
    tank = business.citerne(owner)
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.citernes SET depot_id = NULL WHERE id = %s", [tank])
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CITERNE_STOCK")
    assert anomaly["entity_id"] == tank
    assert anomaly["message"].startswith("TANK3 : citerne en service sans dépôt")
    assert anomaly["payload"]["occurred_at"] is None

    owner.execute(
        "UPDATE public.citernes SET depot_id = %s WHERE id = %s", [business.depot(owner), tank]
    )
    assert anomalies(CODE) == []


@pytest.mark.parametrize("statut", ["inactive", "maintenance"])
def test_a_closed_tank_matters_only_with_stock(owner, anomalies, statut):
    tank = business.citerne(owner, depot_id=None, statut=statut)
    assert anomalies(CODE) == []
    business.snapshot(owner, tank, 0)
    assert anomalies(CODE) == []
    business.adjustment(owner, tank, 10)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["figure"] == 10


def test_two_owners_make_one_row(owner, anomalies):
    tank = business.citerne(owner, depot_id=None)
    for owner_type in ("MONALUXE", "PARTENAIRE"):
        business.snapshot(owner, tank, 1_000, proprietaire_type=owner_type)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"].endswith("stock de 2\u00a0000\u00a0L")


def test_a_stock_that_is_no_number_is_unknown(owner, anomalies):
    tank = business.citerne(owner, depot_id=None, statut="inactive")
    business.snapshot(owner, tank, float("nan"))
    assert anomalies(CODE) == []
