"""PRODUIT_CITERNE_INCOHERENT: one tank, one product; its owners may be many."""

import pytest

from tests import business

CODE = "PRODUIT_CITERNE_INCOHERENT"


def test_fires_on_another_product_than_the_tanks_and_clears_when_corrected(owner, anomalies):
    tank = business.citerne(owner)
    business.reception(owner, tank)
    assert anomalies(CODE) == []

    other = business.produit(owner)
    wrong = business.reception(
        owner, tank, produit_id=other, date_reception="2026-02-12", booked=False
    )
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "RECEPTION")
    assert anomaly["entity_id"] == wrong
    assert anomaly["message"].startswith("Réception du 12/02/2026 dans TANK3 · Dépôt Daipn")
    assert anomaly["payload"]["produit_id"] == str(other)
    assert anomaly["payload"]["figure"] == 10_000

    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE public.receptions SET produit_id ="
        " (SELECT produit_id FROM public.citernes WHERE id = citerne_id) WHERE id = %s",
        [wrong],
    )
    assert anomalies(CODE) == []


def test_fires_on_a_sortie_of_another_product(owner, anomalies):
    tank = business.citerne(owner)
    wrong = business.sortie(owner, tank, produit_id=business.produit(owner))
    found = anomalies(CODE)
    assert ("SORTIE", wrong) in {(a["entity_type"], a["entity_id"]) for a in found}


@pytest.mark.parametrize("statut", ["brouillon", "rejetee"])
def test_only_validated_movements_are_judged(owner, anomalies, statut):
    tank, other = business.citerne(owner), business.produit(owner)
    business.sortie(owner, tank, produit_id=other, statut=statut)
    business.reception(owner, tank, produit_id=other, statut="rejetee")
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("stock", "fires"), [(1, False), (1.01, True)])
def test_a_second_product_above_a_litre_is_a_mixture(owner, anomalies, stock, fires):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 5_000)
    business.snapshot(owner, tank, stock, produit_id=business.produit(owner))
    assert bool(anomalies(CODE)) is fires


def test_a_mixture_is_one_row_per_tank_and_two_owners_of_one_product_are_none(owner, anomalies):
    tank, other = business.citerne(owner), business.produit(owner)
    for owner_type in ("MONALUXE", "PARTENAIRE"):
        business.snapshot(owner, tank, 5_000, proprietaire_type=owner_type)
    assert anomalies(CODE) == []

    for owner_type in ("MONALUXE", "PARTENAIRE"):
        business.snapshot(owner, tank, 300, produit_id=other, proprietaire_type=owner_type)
    (anomaly,) = anomalies(CODE)
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"].startswith("TANK3 · Dépôt Daipn : 2 produits en stock")
    assert anomaly["payload"]["figure"] == 600
    assert [line["stock_ambiant"] for line in anomaly["payload"]["produits"]] == [10_000, 600]


def test_the_tolerance_is_the_administrators(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 5_000)
    business.snapshot(owner, tank, 300, produit_id=business.produit(owner))
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 300 WHERE check_code = %s", [CODE]
    )
    assert anomalies(CODE) == []


def test_absurd_rows_are_told_and_break_nothing(owner, anomalies):
    tank, other = business.citerne(owner), business.produit(owner)
    business.snapshot(owner, tank, float("inf"))
    business.snapshot(owner, tank, float("nan"), produit_id=other)
    wrong = business.reception(
        owner, tank, produit_id=other, volume_ambiant=float("nan"), date_reception="infinity"
    )
    found = {anomaly["entity_id"]: anomaly for anomaly in anomalies(CODE)}
    assert found[wrong]["payload"]["figure"] is None
    assert tank not in found, "unknown stocks are no mixture"
