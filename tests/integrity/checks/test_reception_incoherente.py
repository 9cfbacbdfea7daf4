"""RECEPTION_INCOHERENTE: the meter, the volume and the dates of a reception contradict."""

import pytest

from tests import business

CODE = "RECEPTION_INCOHERENTE"


def day(owner, days):
    """A date so many days from now, in UTC as the check counts."""
    owner.execute("SELECT (now() AT TIME ZONE 'UTC')::date + %s::integer", [days])
    return owner.fetchone()[0]


def test_fires_on_a_meter_that_disagrees_with_the_volume_and_clears_when_corrected(
    owner, anomalies
):
    business.reception(owner)
    assert anomalies(CODE) == []

    wrong = business.reception(owner, index_apres=10_250, date_reception="2026-02-12")
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "RECEPTION")
    assert anomaly["entity_id"] == wrong
    assert anomaly["message"].startswith("Réception du 12/02/2026 dans TANK3 · Dépôt Daipn : écart")
    assert anomaly["payload"]["figure"] == 250
    assert anomaly["payload"]["occurred_at"].startswith("2026-02-12")

    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute("UPDATE public.receptions SET index_apres = 10000 WHERE id = %s", [wrong])
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("index", "fires"), [(10_001, False), (10_001.01, True), (9_998.9, True)])
def test_a_litre_is_admitted_either_way(owner, anomalies, index, fires):
    business.reception(owner, index_apres=index)
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"volume_ambiant": 0}, "volume ambiant nul ou négatif"),
        ({"volume_15c": None}, "volume à 15\u00a0°C absent"),
        ({"date_reception": "9000-01-01"}, "datée de l’avenir"),
        ({"date_reception": "5874897-12-31"}, "datée de l’avenir"),
    ],
    ids=["zero", "no 15 °C volume", "future", "far future"],
)
def test_every_fault_is_named(owner, anomalies, values, fault):
    business.reception(owner, **values)
    (anomaly,) = anomalies(CODE)
    assert fault in anomaly["message"]
    assert any(fault in line for line in anomaly["payload"]["fautes"])


def test_several_faults_of_a_legacy_reception_make_one_row(owner, anomalies):
    owner.execute(
        "ALTER TABLE public.receptions DROP CONSTRAINT receptions_index_check,"
        " DROP CONSTRAINT receptions_volume_ambiant_check"
    )
    truck = business.cdr(owner, days_old=1, date_chargement=day(owner, -1))
    wrong = business.reception(
        owner,
        index_apres=0,
        volume_ambiant=None,
        volume_15c=None,
        cours_de_route_id=truck,
        date_reception=day(owner, -9),
    )
    (anomaly,) = anomalies(CODE)
    assert anomaly["entity_id"] == wrong
    assert len(anomaly["payload"]["fautes"]) == 5
    assert anomaly["payload"]["cours_de_route_id"] == str(truck)


@pytest.mark.parametrize(("days", "fires"), [(1, False), (2, True)])
def test_a_day_ahead_is_the_most_a_date_may_be(owner, anomalies, days, fires):
    business.reception(owner, date_reception=day(owner, days))
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize(
    ("loaded", "created", "received", "fault"),
    [
        (-5, 9, -5, None),
        (-4, 9, -5, "antérieure au chargement de son cours de route"),
        (None, 5, -5, None),
        (None, 4, -5, "antérieure à la création de son cours de route"),
        (9000, 9, -5, None),
        (-80, 80, -91, None),
    ],
    ids=[
        "the day it loaded",
        "before it loaded",
        "the day it was created",
        "before it was created",
        "a truck that loads in the future is DATE_ABERRANTE’s",
        "beyond the window",
    ],
)
def test_a_reception_comes_after_its_truck(owner, anomalies, loaded, created, received, fault):
    truck = business.cdr(
        owner, days_old=created, date_chargement=None if loaded is None else day(owner, loaded)
    )
    business.reception(owner, cours_de_route_id=truck, date_reception=day(owner, received))
    assert [a["payload"]["fautes"][0].rpartition(",")[0] for a in anomalies(CODE)] == (
        [fault] if fault else []
    )


def test_a_rejected_reception_is_not_judged(owner, anomalies):
    business.reception(owner, statut="rejetee", index_apres=1, volume_15c=None)
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    "values",
    [
        {"index_avant": None},
        {"index_apres": float("nan")},
        {"volume_ambiant": float("inf")},
        {"volume_15c": float("nan")},
        {"volume_15c": None, "volume_corrige_15c": 9_950},
        {"date_reception": "infinity"},
        {"date_reception": "-infinity"},
    ],
    ids=str,
)
def test_what_is_unknown_or_another_checks_stays_silent(owner, anomalies, values):
    business.reception(owner, **values)
    assert anomalies(CODE) == []


def test_an_infinite_date_of_the_truck_breaks_nothing(owner, anomalies):
    truck = business.cdr(owner, date_chargement="infinity")
    owner.execute("UPDATE public.cours_de_route SET created_at = '-infinity'")
    business.reception(owner, cours_de_route_id=truck)
    assert anomalies(CODE) == []


def test_the_tolerances_are_the_administrators(owner, anomalies):
    business.reception(owner, index_apres=10_250)
    business.reception(owner, date_reception=day(owner, 5))
    owner.execute(
        "UPDATE gouvernance.check_thresholds"
        " SET value = CASE name WHEN 'ecart' THEN 250 ELSE 5 END WHERE check_code = %s",
        [CODE],
    )
    assert anomalies(CODE) == []
