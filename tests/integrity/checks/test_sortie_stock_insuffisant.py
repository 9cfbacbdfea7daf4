"""SORTIE_STOCK_INSUFFISANT: a tank gave more than it held at that moment.

Validated movements can't be changed: an anomaly leaves through an adjustment, or with time.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import business

CODE = "SORTIE_STOCK_INSUFFISANT"


def ago(days, hours=0):
    """A moment at ten in the morning, UTC, so many days ago."""
    morning = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    return morning - timedelta(days=days, hours=hours)


def tank_with(owner, litres):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, litres)
    return tank


def test_fires_on_a_sortie_before_the_reception_that_feeds_it_and_clears_when_it_is_adjusted(
    owner, anomalies
):
    tank = tank_with(owner, 10_000)
    business.reception(owner, tank, date_reception=ago(5).date())
    business.sortie(owner, tank, date_sortie=ago(4), volume_ambiant=6_000)
    assert anomalies(CODE) == []

    taken = business.sortie(owner, tank, date_sortie=ago(6), volume_ambiant=12_000)
    (anomaly,) = anomalies(CODE)
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "CRITICAL")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("SORTIE", taken)
    assert anomaly["message"].startswith(
        "Sortie de TANK3 · Dépôt Daipn, camion 9876CD05 : 12\u00a0000\u00a0L pris le "
    )
    assert anomaly["message"].endswith(
        "10\u00a0000\u00a0L en citerne, il en manquait 2\u00a0000\u00a0L"
    )
    payload = anomaly["payload"]
    assert (payload["figure"], payload["stock_avant"]) == (2_000, 10_000)
    assert payload["sortie_id"] == str(taken)
    assert payload["occurred_at"] == ago(6).isoformat()

    business.adjustment(owner, tank, 2_000, mouvement_id=taken)
    assert anomalies(CODE) == []


def test_a_reception_comes_before_the_sorties_of_its_day(owner, anomalies):
    tank = tank_with(owner, 0)
    local_midnight = ago(3).replace(hour=22) - timedelta(days=1)  # 00:00 two hours east of UTC
    business.reception(owner, tank, date_reception=ago(3).date())
    business.sortie(owner, tank, date_sortie=local_midnight)
    assert anomalies(CODE) == []

    too_early = business.sortie(
        owner,
        tank_of_its_own := tank_with(owner, 0),
        date_sortie=local_midnight - timedelta(seconds=1),
        booked=False,
    )
    business.reception(owner, tank_of_its_own, date_reception=ago(3).date(), booked=False)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [too_early]


def test_the_tank_is_judged_whole_so_one_owner_may_draw_on_another(owner, anomalies):
    tank = tank_with(owner, 10_000)
    partner = business.insert(owner, "partenaires", nom="Mines")
    business.sortie(
        owner,
        tank,
        booked=False,
        date_sortie=ago(2),
        proprietaire_type="PARTENAIRE",
        partenaire_id=partner,
        produit_id=business.produit(owner),
    )
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("volume", "fires"), [(10_010, False), (10_010.5, True)])
def test_ten_litres_are_admitted_unless_tuned(owner, anomalies, volume, fires):
    tank = tank_with(owner, 10_000)
    business.sortie(owner, tank, volume_ambiant=volume, date_sortie=ago(1))
    assert bool(anomalies(CODE)) is fires
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 5"
        " WHERE check_code = %s AND name = 'tolerance'",
        [CODE],
    )
    assert len(anomalies(CODE)) == 1


def test_a_litre_is_missed_once_whatever_leaves_afterwards(owner, anomalies):
    tank = tank_with(owner, 10_000)
    first = business.sortie(owner, tank, date_sortie=ago(9), volume_ambiant=15_000)
    business.reception(owner, tank, date_reception=ago(8).date())
    business.sortie(owner, tank, date_sortie=ago(7), volume_ambiant=9_000)
    second = business.sortie(owner, tank, date_sortie=ago(6), volume_ambiant=4_000)
    found = {anomaly["entity_id"]: anomaly["payload"]["figure"] for anomaly in anomalies(CODE)}
    assert found == {first: 5_000, second: 3_000}


def test_each_tank_has_its_own_stock(owner, anomalies):
    tank_with(owner, 50_000)
    poor = tank_with(owner, 1_000)
    taken = business.sortie(owner, poor, date_sortie=ago(1))
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [taken]


def test_what_is_older_than_the_window_is_summed_not_judged(owner, anomalies):
    tank = tank_with(owner, 10_000)
    old = business.sortie(owner, tank, date_sortie=ago(95), volume_ambiant=15_000)
    business.reception(owner, tank, date_reception=ago(92).date())
    assert anomalies(CODE) == []

    business.sortie(owner, tank, date_sortie=ago(3), volume_ambiant=5_000)
    assert anomalies(CODE) == []
    over = business.sortie(owner, tank, date_sortie=ago(2), volume_ambiant=1_000)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [over]

    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 100"
        " WHERE check_code = %s AND name = 'fenetre'",
        [CODE],
    )
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [old]


def test_an_adjustment_counts_when_the_movement_it_corrects_happened(owner, anomalies):
    tank = tank_with(owner, 0)
    old = business.reception(owner, tank, date_reception=ago(100).date())
    recent = business.reception(owner, tank, date_reception=ago(20).date())
    business.sortie(owner, tank, date_sortie=ago(30), volume_ambiant=10_500)
    business.sortie(owner, tank, date_sortie=ago(19), volume_ambiant=10_500)
    assert len(anomalies(CODE)) == 2
    business.adjustment(owner, tank, 500, mouvement_type="RECEPTION", mouvement_id=old)
    assert len(anomalies(CODE)) == 1
    business.adjustment(owner, tank, 500, mouvement_type="RECEPTION", mouvement_id=recent)
    assert anomalies(CODE) == []


def test_an_adjustment_of_no_known_movement_counts_when_it_was_written(owner, anomalies):
    tank = tank_with(owner, 10_000)
    business.adjustment(owner, tank, -5_000, created_at=ago(3))
    business.sortie(owner, tank, date_sortie=ago(4), volume_ambiant=5_000)
    assert anomalies(CODE) == []
    late = business.sortie(owner, tank, date_sortie=ago(2), volume_ambiant=100)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [late]


@pytest.mark.parametrize("statut", ["brouillon", "rejetee"])
def test_a_draft_or_rejected_sortie_took_nothing(owner, anomalies, statut):
    tank = tank_with(owner, 10_000)
    business.sortie(owner, tank, statut=statut, volume_ambiant=90_000)
    business.reception(owner, tank, statut="rejetee")
    assert anomalies() == []


@pytest.mark.parametrize("volume", ["NaN", "Infinity", "-Infinity", "1e308"])
@pytest.mark.parametrize("plant", [business.reception, business.sortie])
def test_from_an_unknown_volume_on_the_tank_is_not_judged(owner, anomalies, plant, volume):
    tank = tank_with(owner, 10_000)
    known = business.sortie(owner, tank, date_sortie=ago(9), volume_ambiant=11_000)
    day = {business.reception: {"date_reception": ago(8).date()}}.get(
        plant, {"date_sortie": ago(8)}
    )
    plant(owner, tank, booked=False, volume_ambiant=float(volume), **day)
    plant(owner, tank, booked=False, volume_ambiant=float(volume), **day)
    business.sortie(owner, tank, date_sortie=ago(7))
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == [known]


def test_dates_that_no_calendar_has_raise_nothing(owner, anomalies):
    tank = business.citerne(owner, depot_id=None)
    for date in ("infinity", "-infinity", "5874897-12-31"):
        business.reception(owner, tank, booked=False, date_reception=date)
    for moment in ("infinity", "-infinity", "294276-12-31"):
        business.sortie(owner, tank, booked=False, date_sortie=moment, plaque_camion=None)
        business.adjustment(owner, tank, -1, created_at=moment)
    taken = business.sortie(owner, tank, booked=False, date_sortie=ago(1), plaque_camion=None)
    (anomaly,) = anomalies(CODE)
    assert anomaly["entity_id"] == taken
    assert anomaly["message"].startswith("Sortie de TANK3 · sans dépôt : ")
