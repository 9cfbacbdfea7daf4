"""STOCK_NEGATIF: what the books say below zero, which ML_PP's own view cannot show."""

import pytest

from tests import business

CODE = "STOCK_NEGATIF"


def test_fires_on_base_plus_adjustment_below_zero_and_clears_when_corrected(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 10_000)
    assert anomalies() == []

    business.adjustment(owner, tank, -14_000)
    owner.execute("SELECT stock_ambiant FROM public.v_stock_actuel WHERE citerne_id = %s", [tank])
    assert owner.fetchone() == (0,), "ML_PP's clamp hides it: that is why the check exists"
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "CRITICAL")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"].startswith("TANK3 · Dépôt Daipn")
    assert "-4 000 L".replace(" ", "\u00a0") in anomaly["message"]
    assert anomaly["payload"]["stock_ambiant"] == -4000
    assert anomaly["payload"]["threshold_negative"] == -0.01

    business.adjustment(owner, tank, 14_000)
    assert anomalies() == []


def test_fires_on_the_15c_stock_alone(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 1000, 1000)
    business.adjustment(owner, tank, 0, delta_15c=-1001)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["stock_15c"] == -1


@pytest.mark.parametrize(("delta", "fires"), [(-1000.01, False), (-1000.011, True)])
def test_the_threshold_is_a_hundredth_of_a_litre(owner, anomalies, delta, fires):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 1000)
    business.adjustment(owner, tank, delta)
    assert bool(anomalies(CODE)) is fires


def test_two_owners_below_zero_give_one_row_that_lists_both(owner, anomalies):
    tank = business.citerne(owner)
    for owner_type, delta in (("MONALUXE", -50), ("PARTENAIRE", -900)):
        business.snapshot(owner, tank, 0, proprietaire_type=owner_type)
        business.adjustment(owner, tank, delta, proprietaire_type=owner_type)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["proprietaire_type"] == "PARTENAIRE", "the worst one stands in front"
    assert {
        line["proprietaire_type"]: line["stock_ambiant"]
        for line in anomaly["payload"]["proprietaires"]
    } == {"MONALUXE": -50, "PARTENAIRE": -900}


def test_a_tank_without_depot_keeps_its_adjustments(owner, anomalies):
    tank = business.citerne(owner, depot_id=None)
    business.snapshot(owner, tank, 100)
    business.adjustment(owner, tank, -300)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"].startswith("TANK3 · sans dépôt")
    assert anomaly["payload"]["depot_id"] is None


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_value_that_is_no_number_is_unknown_not_negative(owner, anomalies, value):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 100)
    business.adjustment(owner, tank, float(value.replace("Infinity", "inf")))
    assert anomalies(CODE) == []
