"""JOURNAL_DERIVE: the daily stock ledger against the movements until that day."""

import pytest

from tests import business

CODE = "JOURNAL_DERIVE"


def journal(cursor, tank, date_jour, ambiant, v15c=None, **values):
    place = business._of_tank(cursor, tank)
    return business.insert(
        cursor,
        "stocks_journaliers",
        **{
            **place,
            "proprietaire_type": "MONALUXE",
            "date_jour": date_jour,
            "stock_ambiant": ambiant,
            "stock_15c": ambiant if v15c is None else v15c,
            **values,
        },
    )


def test_fires_when_the_last_line_differs_and_clears_when_it_is_recalculated(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.reception(owner, tank, date_reception="2026-02-10")
    business.sortie(owner, tank, date_sortie="2026-02-12 09:00+02")
    journal(owner, tank, "2026-02-10", 40_000, 39_950)
    line = journal(owner, tank, "2026-02-12", 30_000)
    assert anomalies() == []

    owner.execute(
        "UPDATE public.stocks_journaliers SET stock_ambiant = 32500 WHERE id = %s", [line]
    )
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("CITERNE_STOCK", tank)
    assert anomaly["message"].startswith(
        "TANK3 · Dépôt Daipn : journal du 12/02/2026 différent des mouvements de 2\u00a0500\u00a0L"
    )
    payload = anomaly["payload"]
    assert (payload["figure"], payload["stock_ambiant"], payload["attendu_ambiant"]) == (
        2_500,
        32_500,
        30_000,
    )
    assert payload["occurred_at"].startswith("2026-02-12T00:00")

    owner.execute(
        "UPDATE public.stocks_journaliers SET stock_ambiant = 30000 WHERE id = %s", [line]
    )
    assert anomalies() == []


def test_only_the_last_line_is_judged(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    journal(owner, tank, "2026-02-10", 1)
    journal(owner, tank, "2026-02-11", 30_000)
    assert anomalies() == []


def test_what_came_after_that_day_does_not_count(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    journal(owner, tank, "2026-02-10", 30_000)
    business.reception(owner, tank, date_reception="2026-02-11")
    business.sortie(owner, tank, date_sortie="2026-02-11 08:00+02")
    business.adjustment(owner, tank, -500, created_at="2026-02-11 08:00+02")
    # unknown volumes of later days make nothing unknown
    business.reception(owner, tank, date_reception="2026-02-11", volume_ambiant=float("nan"))
    assert anomalies(CODE) == []
    journal(owner, tank, "2026-02-09", 0)
    owner.execute("DELETE FROM public.stocks_journaliers WHERE date_jour = '2026-02-10'")
    assert [anomaly["payload"]["figure"] for anomaly in anomalies(CODE)] == [30_000]


@pytest.mark.parametrize(
    ("moment", "counts"),
    [("2026-02-10 23:59+02", True), ("2026-02-11 00:00+02", False)],
)
def test_the_day_ends_at_the_depots_midnight(owner, anomalies, moment, counts):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.sortie(owner, tank, date_sortie=moment)
    journal(owner, tank, "2026-02-10", 20_000 if counts else 30_000, 20_050 if counts else 30_000)
    assert anomalies() == []


def test_where_the_day_ends_can_be_tuned(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.sortie(owner, tank, date_sortie="2026-02-11 01:00+02")
    journal(owner, tank, "2026-02-10", 20_000, 20_050)
    assert len(anomalies(CODE)) == 1
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 0"
        " WHERE check_code = %s AND name = 'fuseau'",
        [CODE],
    )
    assert anomalies() == []


def test_adjustments_of_the_day_count(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.adjustment(owner, tank, -500, created_at="2026-02-10 10:00+02")
    journal(owner, tank, "2026-02-10", 29_500)
    assert anomalies() == []


def test_a_stock_below_zero_is_written_as_zero(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 1_000)
    business.adjustment(owner, tank, -5_000, created_at="2026-02-10 10:00+02")
    journal(owner, tank, "2026-02-10", 0)
    assert anomalies(CODE) == []


def test_a_line_without_movement_nor_opening_stock_should_be_zero(owner, anomalies):
    tank = business.citerne(owner)
    journal(owner, tank, "2026-02-10", 0)
    assert anomalies() == []
    journal(owner, tank, "2026-02-11", 700)
    assert [anomaly["payload"]["figure"] for anomaly in anomalies(CODE)] == [700]


@pytest.mark.parametrize(("stock", "fires"), [(30_010, False), (30_010.5, True), (29_989.5, True)])
def test_ten_litres_are_admitted_either_way(owner, anomalies, stock, fires):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    journal(owner, tank, "2026-02-10", stock, 30_000)
    assert bool(anomalies(CODE)) is fires
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 11"
        " WHERE check_code = %s AND name = 'tolerance'",
        [CODE],
    )
    assert anomalies(CODE) == []


def test_fires_on_the_15c_stock_alone_unless_it_is_unknown(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    journal(owner, tank, "2026-02-10", 30_000, 29_000)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["figure"] == 1_000
    assert "à 15\u00a0°C" in anomaly["message"]

    business.sortie(
        owner, tank, date_sortie="2026-02-09 10:00+02", volume_ambiant=0, volume_corrige_15c=None
    )
    assert anomalies(CODE) == []


def test_two_owners_and_two_products_give_one_row_with_the_worst_in_front(owner, anomalies):
    tank = business.citerne(owner)
    journal(owner, tank, "2026-02-10", 300)
    journal(owner, tank, "2026-02-09", 500, proprietaire_type="PARTENAIRE")
    journal(owner, tank, "2026-02-08", 400, produit_id=business.produit(owner))
    (anomaly,) = anomalies(CODE)
    payload = anomaly["payload"]
    assert (payload["proprietaire_type"], payload["date_jour"]) == ("PARTENAIRE", "2026-02-09")
    assert [line["stock_ambiant"] for line in payload["couples"]] == [500, 400, 300]


def test_a_rejected_or_draft_movement_does_not_count(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 30_000)
    business.reception(owner, tank, statut="rejetee", date_reception="2026-02-09")
    business.sortie(owner, tank, statut="brouillon", date_sortie="2026-02-09")
    journal(owner, tank, "2026-02-10", 30_000)
    assert anomalies() == []


@pytest.mark.parametrize("volume", ["NaN", "Infinity", "-Infinity", "1e308"])
def test_absurd_data_are_unknown_and_raise_nothing(owner, anomalies, volume):
    tank = business.citerne(owner, depot_id=None)
    business.snapshot(owner, tank, 30_000)
    for date in ("-infinity", "2026-02-09", "infinity", "5874897-12-31"):
        business.reception(
            owner,
            tank,
            booked=False,
            date_reception=date,
            volume_ambiant=float(volume),
            volume_15c=float(volume),
        )
    business.sortie(owner, tank, booked=False, date_sortie="infinity")
    business.sortie(owner, tank, booked=False, date_sortie="294276-12-31")
    business.adjustment(owner, tank, 1, created_at="-infinity", delta_15c=float(volume))
    for day, stock in (("infinity", 1), ("5874897-12-31", 1), ("2026-02-10", float(volume))):
        journal(owner, tank, day, stock)
    assert anomalies(CODE) == []
