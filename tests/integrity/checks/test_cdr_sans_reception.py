"""CDR_SANS_RECEPTION: a truck was unloaded, and no reception says where."""

import pytest

from tests import business

CODE = "CDR_SANS_RECEPTION"


def test_fires_once_unloaded_for_two_days_and_clears_with_its_reception(owner, anomalies):
    truck = business.cdr(owner, days_old=3, statut="TRANSIT", plaque_camion="1234AB05")
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.cours_de_route SET statut = 'DECHARGE' WHERE id = %s", [truck])
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CDR")
    assert anomaly["entity_id"] == truck
    assert anomaly["message"].startswith("Camion 1234AB05 : déchargé sans réception")
    assert anomaly["payload"]["cours_de_route_id"] == str(truck)

    business.reception(owner, cours_de_route_id=truck)
    assert anomalies(CODE) == []


def test_a_rejected_reception_is_left_to_the_check_that_says_so(owner, anomalies):
    truck = business.cdr(owner, days_old=3, statut="DECHARGE")
    business.reception(owner, cours_de_route_id=truck, statut="rejetee")
    assert anomalies(CODE) == []
    assert [a["entity_id"] for a in anomalies("CDR_RECEPTION_REJETEE")] == [truck]


def test_a_reception_of_another_truck_is_not_its_own(owner, anomalies):
    truck, other = (business.cdr(owner, days_old=3, statut="DECHARGE") for _ in range(2))
    business.reception(owner, cours_de_route_id=other)
    business.reception(owner)
    assert [a["entity_id"] for a in anomalies(CODE)] == [truck]


@pytest.mark.parametrize(
    ("days_old", "fires"), [(1.9, False), (2.1, True), (91.9, True), (92.1, False)]
)
def test_it_looks_from_the_delay_to_the_end_of_its_window(owner, anomalies, days_old, fires):
    business.cdr(owner, days_old=days_old, statut="DECHARGE")
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize("statut", ["CHARGEMENT", "TRANSIT", "FRONTIERE", "ARRIVE"])
def test_a_truck_that_is_not_unloaded_needs_no_reception_yet(owner, anomalies, statut):
    business.cdr(owner, days_old=3, statut=statut)
    assert anomalies(CODE) == []


def test_delay_and_window_are_the_administrator_s(owner, anomalies):
    business.cdr(owner, days_old=50, statut="DECHARGE")
    for name, value, fires in [("delai", 60, False), ("delai", 1, True), ("fenetre", 30, False)]:
        owner.execute(
            "UPDATE gouvernance.check_thresholds SET value = %s WHERE (check_code, name) = (%s, %s)",
            [value, CODE, name],
        )
        assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize("created", ["infinity", "-infinity", "4713-01-01 BC", "294276-12-31"])
def test_a_creation_that_no_calendar_has_is_outside_the_window(owner, anomalies, created):
    business.cdr(owner, statut="DECHARGE")
    owner.execute("UPDATE public.cours_de_route SET created_at = %s", [created])
    assert anomalies(CODE) == []


@pytest.mark.parametrize("volume", [None, "NaN", "Infinity"])
def test_what_is_unknown_of_the_truck_does_not_hide_it(owner, anomalies, volume):
    business.cdr(owner, days_old=3, statut="DECHARGE", volume=volume)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"].endswith("(destination inconnue)")
    assert anomaly["payload"]["volume"] is None
