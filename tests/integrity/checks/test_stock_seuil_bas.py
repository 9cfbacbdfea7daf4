"""STOCK_SEUIL_BAS: a tank about to run dry."""

import pytest

from tests import business

CODE = "STOCK_SEUIL_BAS"


def test_fires_under_five_percent_of_the_useful_capacity_and_clears_when_it_is_filled(
    owner, anomalies
):
    tank = business.citerne(owner, capacite_securite=20_000)
    business.snapshot(owner, tank, 10_000)
    assert anomalies() == []

    business.sortie(owner, tank, volume_ambiant=7_500, volume_corrige_15c=7_450)
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"] == (
        "TANK3 · Dépôt Daipn : stock bas, 2\u00a0500\u00a0L sur 80\u00a0000\u00a0L"
        " de capacité utile (3,1\u00a0%)"
    )
    payload = anomaly["payload"]
    assert (payload["figure"], payload["stock_ambiant"]) == (1_500, 2_500)
    assert payload["capacite_utile"] == 80_000
    assert payload["occurred_at"] is not None

    business.reception(owner, tank)
    assert anomalies() == []


@pytest.mark.parametrize(("stock", "fires"), [(5_000, False), (4_999.9, True), (0, True)])
def test_the_limit_is_five_percent_of_the_tank(owner, anomalies, stock, fires):
    business.snapshot(owner, business.citerne(owner), stock)
    assert bool(anomalies(CODE)) is fires


def test_the_limit_can_be_tuned(owner, anomalies):
    business.snapshot(owner, business.citerne(owner), 9_000)
    assert anomalies(CODE) == []
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 10 WHERE check_code = %s", [CODE]
    )
    assert len(anomalies(CODE)) == 1


def test_owners_and_products_count_together_and_give_one_row(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 2_000)
    business.snapshot(owner, tank, 2_000, proprietaire_type="PARTENAIRE")
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["stock_ambiant"] == 4_000
    business.snapshot(owner, tank, 2_000, produit_id=business.produit(owner))
    assert anomalies(CODE) == []


def test_adjustments_count(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 6_000)
    business.adjustment(owner, tank, -2_000)
    assert len(anomalies(CODE)) == 1


def test_a_negative_stock_is_another_fact(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 1_000)
    business.adjustment(owner, tank, -1_001)
    assert anomalies(CODE) == []


def test_an_unused_tank_is_silent(owner, anomalies):
    business.citerne(owner)
    assert anomalies() == []


@pytest.mark.parametrize("statut", ["inactive", "maintenance"])
def test_only_an_active_tank_is_judged(owner, anomalies, statut):
    business.snapshot(owner, business.citerne(owner, statut=statut), 0)
    assert anomalies() == []


@pytest.mark.parametrize(
    "values",
    [
        {"capacite_securite": 100_000},
        {"capacite_securite": 200_000},
        {"capacite_totale": float("inf")},
        {"capacite_totale": float("nan")},
        {"capacite_securite": float("inf")},
    ],
    ids=["nothing useful", "less than nothing", "infinite", "NaN", "infinite safety"],
)
def test_a_tank_without_useful_capacity_is_not_judged(owner, anomalies, values):
    business.snapshot(owner, business.citerne(owner, **values), 0)
    assert anomalies(CODE) == []


@pytest.mark.parametrize("stock", ["NaN", "Infinity"])
def test_one_unknown_stock_makes_the_tank_unknown(owner, anomalies, stock):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 100)
    business.snapshot(owner, tank, float(stock), proprietaire_type="PARTENAIRE")
    assert anomalies(CODE) == []


def test_a_change_at_no_moment_of_the_calendar_is_unknown(owner, anomalies):
    tank = business.citerne(owner, depot_id=None)
    business.snapshot(owner, tank, 100, last_movement_at="infinity")
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["occurred_at"] is None
    assert anomaly["message"].startswith("TANK3 · sans dépôt : stock bas")
