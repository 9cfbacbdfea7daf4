"""CDR_RECEPTION_REJETEE: a rejected reception holds its truck's place for ever (contract, trap 18).

Where ML_PP's unique index is in force nothing clears it: an acceptance closes the alert.
"""

import pytest

from tests import business

CODE = "CDR_RECEPTION_REJETEE"


@pytest.fixture
def without_unique_index(owner):
    owner.execute("DROP INDEX public.receptions_cours_de_route_unique")


def test_fires_on_a_rejected_reception_beside_a_truck_that_was_received(owner, anomalies):
    tank = business.citerne(owner, nom="TANK6")
    truck, other = (business.cdr(owner, statut="ARRIVE", plaque_camion=p) for p in ("AB1", "AB2"))
    business.reception(owner, tank, cours_de_route_id=other)
    assert anomalies(CODE) == []

    rejected = business.reception(
        owner, tank, cours_de_route_id=truck, statut="rejetee", date_reception="2026-02-19"
    )
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CDR")
    assert anomaly["entity_id"] == truck
    assert anomaly["message"].startswith(
        "Camion AB1 : sa réception du 19/02/2026 dans TANK6 · Dépôt Daipn est rejetée"
    )
    assert anomaly["payload"]["reception_id"] == str(rejected)
    assert anomaly["payload"]["occurred_at"] == "2026-02-19T00:00:00+00:00"


def test_a_validated_reception_would_clear_it(owner, anomalies, without_unique_index):
    truck = business.cdr(owner, statut="ARRIVE")
    business.reception(owner, cours_de_route_id=truck, statut="rejetee")
    assert len(anomalies(CODE)) == 1

    business.reception(owner, cours_de_route_id=truck)
    assert anomalies(CODE) == []


def test_several_rejections_are_one_row_about_the_last(owner, anomalies, without_unique_index):
    truck = business.cdr(owner, statut="ARRIVE")
    dates = ("2026-02-17", "2026-02-19", "2026-02-18")
    last = [
        business.reception(owner, cours_de_route_id=truck, statut="rejetee", date_reception=day)
        for day in dates
    ][1]
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["reception_id"] == str(last)


@pytest.mark.parametrize("statut", ["CHARGEMENT", "TRANSIT", "FRONTIERE", "ARRIVE", "DECHARGE"])
def test_whatever_the_truck_s_state_its_place_is_taken(owner, anomalies, statut):
    truck = business.cdr(owner, statut=statut)
    business.reception(owner, cours_de_route_id=truck, statut="rejetee")
    assert [a["entity_id"] for a in anomalies(CODE)] == [truck]


def test_a_rejected_reception_without_a_truck_is_no_matter(owner, anomalies):
    business.reception(owner, statut="rejetee")
    assert anomalies(CODE) == []


@pytest.mark.parametrize("day", ["infinity", "-infinity", "5874897-12-31", "4713-01-01 BC"])
def test_a_date_that_no_calendar_has_is_told_as_it_is(owner, anomalies, day):
    truck = business.cdr(owner, statut="ARRIVE")
    business.reception(
        owner,
        business.citerne(owner, depot_id=None),
        cours_de_route_id=truck,
        statut="rejetee",
        date_reception=day,
        volume_ambiant="NaN",
    )
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["occurred_at"] is None
    assert "sans dépôt" in anomaly["message"]
