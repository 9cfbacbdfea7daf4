"""CDR_BLOQUE: a truck on the road for longer than its journey takes."""

from datetime import date, datetime, timedelta

import pytest

from tests import business

CODE = "CDR_BLOQUE"
LIMITS = {"CHARGEMENT": 5, "TRANSIT": 10, "FRONTIERE": 7}  # days


def days_ago(days: int) -> date:
    return date.today() - timedelta(days=days)  # noqa: DTZ011


def test_fires_at_the_border_and_clears_when_the_truck_moves_on(owner, anomalies):
    depot = business.depot(owner, "Dépôt Daipn")
    truck = business.cdr(
        owner, statut="FRONTIERE", plaque_camion="1234AB05", depot_destination_id=depot
    )
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.cours_de_route SET created_at = now() - interval '12.5 days'")
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CDR")
    assert anomaly["entity_id"] == truck
    assert anomaly["message"].startswith("Camion 1234AB05 : toujours à la frontière, cours de")
    assert anomaly["message"].endswith("(destination Dépôt Daipn)")
    assert "figure" not in anomaly["payload"], "days would grow of themselves and end acceptances"
    assert anomaly["payload"]["cours_de_route_id"] == str(truck)
    assert anomaly["payload"]["depot_id"] == str(depot)

    owner.execute("UPDATE public.cours_de_route SET statut = 'DECHARGE', created_at = now()")
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("statut", "limit"), LIMITS.items())
@pytest.mark.parametrize(("excess", "fires"), [(-0.1, False), (0.1, True)])
def test_each_state_has_its_own_limit(owner, anomalies, statut, limit, excess, fires):
    business.cdr(owner, days_old=limit + excess, statut=statut)
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize(
    ("statut", "fires"), [("CHARGEMENT", False), ("TRANSIT", True), ("FRONTIERE", True)]
)
def test_once_on_the_road_the_age_counts_from_the_loading(owner, anomalies, statut, fires):
    business.cdr(owner, days_old=1, statut=statut, date_chargement=days_ago(30))
    assert bool(anomalies(CODE)) is fires


def test_a_loading_after_the_creation_gives_the_truck_its_time_again(owner, anomalies):
    business.cdr(owner, days_old=30, statut="TRANSIT", date_chargement=days_ago(9))
    assert anomalies(CODE) == []


@pytest.mark.parametrize("loaded", [None, "infinity", "-infinity", "5874897-12-31", "2999-01-01"])
def test_a_loading_date_that_cannot_be_leaves_the_creation(owner, anomalies, loaded):
    business.cdr(owner, days_old=30, statut="TRANSIT", date_chargement=loaded)
    (anomaly,) = anomalies(CODE)
    assert "cours de route créé le" in anomaly["message"]


@pytest.mark.parametrize("created", ["infinity", "-infinity", "4713-01-01 BC", "294276-12-31"])
def test_a_creation_that_no_calendar_has_is_no_age(owner, anomalies, created):
    business.cdr(owner, statut="FRONTIERE")
    owner.execute("UPDATE public.cours_de_route SET created_at = %s", [created])
    assert anomalies(CODE) == []


def test_the_fact_became_true_when_the_limit_was_passed(owner, anomalies):
    business.cdr(owner, days_old=8, statut="FRONTIERE")
    owner.execute("SELECT created_at + interval '7 days' FROM public.cours_de_route")
    ((passed,),) = owner.fetchall()
    (anomaly,) = anomalies(CODE)
    assert datetime.fromisoformat(anomaly["payload"]["occurred_at"]) == passed


@pytest.mark.parametrize("statut", ["ARRIVE", "DECHARGE"])
def test_a_truck_that_arrived_is_not_on_the_road(owner, anomalies, statut):
    business.cdr(owner, days_old=120, statut=statut)
    assert anomalies(CODE) == []


def test_each_limit_is_the_administrator_s(owner, anomalies):
    for statut in LIMITS:
        business.cdr(owner, days_old=20, statut=statut)
    for left, name in [(2, "chargement"), (1, "transit"), (0, "frontiere")]:
        owner.execute(
            "UPDATE gouvernance.check_thresholds SET value = 21 WHERE (check_code, name) = (%s, %s)",
            [CODE, name],
        )
        assert len(anomalies(CODE)) == left
