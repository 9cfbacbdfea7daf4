"""STOCK_DERIVE: a stock that its own movements do not explain."""

import pytest

from mlpp_gov import contract
from tests import business

CODE = "STOCK_DERIVE"


def test_fires_when_the_snapshot_leaves_the_movements_and_clears_when_it_is_mended(
    owner, anomalies
):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000, 29_900)
    business.reception(owner, tank)
    business.sortie(owner, tank, volume_ambiant=5_000, volume_corrige_15c=4_980)
    assert anomalies() == []

    business.sortie(owner, tank, booked=False)
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"] == (
        "TANK3 · Dépôt Daipn : stock différent des mouvements de 10 000 L"
        " (MONALUXE, ambiant, instantané 35 000 L pour 25 000 L attendus)"
    ).replace("0 000", "0\u00a0000").replace("5 000", "5\u00a0000").replace("0 L", "0\u00a0L")
    payload = anomaly["payload"]
    assert (payload["figure"], payload["stock_ambiant"], payload["attendu_ambiant"]) == (
        10_000,
        35_000,
        25_000,
    )
    assert (payload["stock_15c"], payload["attendu_15c"]) == (34_870, 24_920)
    assert payload["occurred_at"] is None

    owner.execute("UPDATE public.stocks_snapshot SET stock_ambiant = 25000, stock_15c = 24920")
    assert anomalies() == []


def test_a_stock_without_any_movement_is_the_opening_stock_or_drifts(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000, booked=False)
    assert [anomaly["payload"]["figure"] for anomaly in anomalies(CODE)] == [30_000]
    business.opening_stock(owner, tank, 30_000)
    assert anomalies() == []


def test_fires_on_the_15c_stock_alone(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000, 29_000, booked=False)
    business.opening_stock(owner, tank, 30_000, 29_900)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["figure"] == 900
    assert "à 15\u00a0°C" in anomaly["message"]


@pytest.mark.parametrize(
    ("stock", "fires"), [(30_010, False), (30_010.5, True), (29_990, False), (29_989.5, True)]
)
def test_ten_litres_are_admitted_either_way(owner, anomalies, stock, fires):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, stock, 30_000, booked=False)
    business.opening_stock(owner, tank, 30_000)
    assert bool(anomalies(CODE)) is fires


def test_the_tolerance_can_be_tuned(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_100, booked=False)
    business.opening_stock(owner, tank, 30_000)
    assert len(anomalies(CODE)) == 1
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 100 WHERE check_code = %s", [CODE]
    )
    assert anomalies(CODE) == []


def test_adjustments_neither_cause_nor_cure_it(owner, anomalies):
    tank = business.citerne(owner)
    business.reception(owner, tank)
    business.adjustment(owner, tank, -5_000)
    assert anomalies() == []
    business.sortie(owner, tank, booked=False)
    business.adjustment(owner, tank, -10_000)
    assert [anomaly["payload"]["figure"] for anomaly in anomalies(CODE)] == [10_000]


def test_two_owners_and_two_products_give_one_row_with_the_worst_in_front(owner, anomalies):
    tank = business.citerne(owner)
    other = business.produit(owner)
    for litres, values in (
        (20_000, {}),
        (21_000, {"proprietaire_type": "PARTENAIRE"}),
        (19_000, {"produit_id": other}),
    ):
        business.snapshot(owner, tank, litres, booked=False, **values)
    (anomaly,) = anomalies(CODE)
    payload = anomaly["payload"]
    assert (payload["proprietaire_type"], payload["figure"]) == ("PARTENAIRE", 21_000)
    assert [line["stock_ambiant"] for line in payload["couples"]] == [21_000, 20_000, 19_000]


def test_a_rejected_or_draft_movement_does_not_count(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.reception(owner, tank, statut="rejetee")
    business.sortie(owner, tank, statut="brouillon")
    business.sortie(owner, tank, statut="rejetee")
    assert anomalies() == []


def test_a_movement_without_15c_volume_makes_that_comparison_unknown_and_the_other_stands(
    owner, anomalies
):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000, 12_345, booked=False)
    business.opening_stock(owner, tank, 20_000)
    business.reception(owner, tank, booked=False, volume_15c=None)
    assert anomalies(CODE) == []

    business.reception(owner, tank, booked=False)
    (anomaly,) = anomalies(CODE)
    payload = anomaly["payload"]
    assert (payload["figure"], payload["mouvements_sans_15c"]) == (10_000, 1)
    assert payload["attendu_15c"] is None


def test_volume_15c_of_a_sortie_is_read_from_the_day_ml_pp_adds_it(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    owner.execute("ALTER TABLE public.sorties_produit ADD COLUMN volume_15c double precision")
    business.sortie(owner, tank, volume_15c=9_800, volume_corrige_15c=9_700)
    business.sortie(owner, tank)
    assert anomalies() == []


def test_volume_15c_is_named_by_a_deployment_that_finds_it(owner, anomalies):
    owner.execute("ALTER TABLE public.sorties_produit ADD COLUMN volume_15c double precision")
    owner.execute("SET LOCAL search_path = ''")
    owner.execute(contract.find("mouvements").script("deploy"))
    owner.execute("SELECT pg_get_viewdef('gouvernance.v_mouvements'::regclass)")
    assert "to_jsonb" not in owner.fetchone()[0]

    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.sortie(owner, tank, volume_15c=9_800, volume_corrige_15c=9_700)
    business.sortie(owner, tank)
    assert anomalies() == []


@pytest.mark.parametrize("volume", ["NaN", "Infinity", "-Infinity", "1e308", "-1e308"])
def test_a_volume_that_no_tank_holds_is_unknown_and_raises_nothing(owner, anomalies, volume):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    for _ in range(2):  # two of them overflow a float8 sum
        business.reception(
            owner, tank, booked=False, volume_ambiant=float(volume), volume_15c=float(volume)
        )
        business.sortie(
            owner,
            tank,
            booked=False,
            volume_ambiant=float(volume),
            volume_corrige_15c=float(volume),
        )
    assert anomalies(CODE) == []


@pytest.mark.parametrize("stock", ["NaN", "Infinity"])
def test_a_stock_that_is_no_number_is_unknown(owner, anomalies, stock):
    business.snapshot(owner, business.citerne(owner), float(stock))
    assert anomalies(CODE) == []


def test_an_enormous_stock_is_told(owner, anomalies):
    business.snapshot(owner, business.citerne(owner, depot_id=None), 1e308)
    assert len(anomalies(CODE)) == 1
