"""SNAPSHOT_ABSENT: movements that no stock line follows."""

import pytest

from tests import business

CODE = "SNAPSHOT_ABSENT"


def test_fires_on_a_movement_without_stock_line_and_clears_when_the_line_comes(owner, anomalies):
    tank = business.citerne(owner)
    business.reception(owner, tank)
    assert anomalies() == []

    owner.execute("DELETE FROM public.stocks_snapshot WHERE citerne_id = %s", [tank])
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"].startswith(
        "TANK3 · Dépôt Daipn : 1 mouvement validé sans ligne de stock (Gasoil"
    )
    assert anomaly["message"].endswith("MONALUXE)")
    assert anomaly["payload"]["figure"] == 1

    business.snapshot(owner, tank, 30_000, 29_950, booked=False)
    assert anomalies() == []


def test_two_owners_and_two_products_of_a_tank_give_one_row_that_lists_them_all(owner, anomalies):
    tank = business.citerne(owner)
    partner = business.insert(owner, "partenaires", nom="Mines")
    other = business.produit(owner)
    theirs = {"proprietaire_type": "PARTENAIRE", "partenaire_id": partner}
    business.reception(owner, tank, booked=False, date_reception="2026-02-12")
    business.sortie(owner, tank, booked=False, date_sortie="2026-02-10 08:00+00")
    business.reception(owner, tank, booked=False, **theirs)
    business.reception(owner, tank, booked=False, produit_id=other)
    (anomaly,) = anomalies(CODE)
    assert "4\u00a0mouvements" not in anomaly["message"]
    assert "4 mouvements validés" in anomaly["message"]
    payload = anomaly["payload"]
    assert payload["mouvements"] == payload["figure"] == 4
    assert payload["occurred_at"].startswith("2026-02-10T08:00")
    assert sorted(
        (line["proprietaire_type"], line["mouvements"]) for line in payload["couples"]
    ) == [
        ("MONALUXE", 1),
        ("MONALUXE", 2),
        ("PARTENAIRE", 1),
    ]


def test_the_line_of_another_owner_or_product_does_not_stand_in(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000, proprietaire_type="PARTENAIRE")
    business.snapshot(owner, tank, 30_000, produit_id=business.produit(owner))
    business.reception(owner, tank, booked=False)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [tank]


@pytest.mark.parametrize(
    ("plant", "statut"),
    [
        (business.reception, "rejetee"),
        (business.sortie, "rejetee"),
        (business.sortie, "brouillon"),
    ],
)
def test_only_validated_movements_count(owner, anomalies, plant, statut):
    plant(owner, statut=statut)
    assert anomalies() == []


def test_an_adjustment_alone_is_no_movement(owner, anomalies):
    business.adjustment(owner, business.citerne(owner), 500)
    assert anomalies(CODE) == []


def test_absurd_movements_are_counted_and_raise_nothing(owner, anomalies):
    tank = business.citerne(owner, nom="T" * 5_000, depot_id=None)
    business.reception(
        owner, tank, booked=False, volume_ambiant=float("nan"), date_reception="infinity"
    )
    business.reception(owner, tank, booked=False, date_reception="5874897-12-31")
    business.sortie(owner, tank, booked=False, volume_ambiant=1e308, date_sortie="-infinity")
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["mouvements"] == 3
    assert anomaly["payload"]["occurred_at"] is None
    assert "sans dépôt" in anomaly["message"]
