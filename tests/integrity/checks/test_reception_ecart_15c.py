"""RECEPTION_ECART_15C: more than 5 % between ambient and 15 °C is no temperature effect."""

import pytest

from tests import business

CODE = "RECEPTION_ECART_15C"


def test_fires_on_a_gap_above_five_percent_and_not_on_a_corrected_reception(owner, anomalies):
    business.reception(owner)
    assert anomalies() == []

    wrong = business.reception(owner, volume_15c=9_000, date_reception="2026-02-12")
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("RECEPTION", wrong)
    assert anomaly["message"].startswith("Réception du 12/02/2026 dans TANK3 · Dépôt Daipn")
    assert "10,000\u00a0%" in anomaly["message"]
    assert anomaly["payload"]["volume_ambiant"] == 10_000
    assert anomaly["payload"]["v15c_used"] == 9_000
    assert anomaly["payload"]["ecart_percent"] == 10.0

    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute("UPDATE public.receptions SET volume_15c = 9900 WHERE id = %s", [wrong])
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    ("v15c", "fires"), [(9_500, False), (9_499.9, True), (10_500, False), (10_500.1, True)]
)
def test_exactly_five_percent_is_admitted_either_way(owner, anomalies, v15c, fires):
    business.reception(owner, volume_15c=v15c)
    assert bool(anomalies(CODE)) is fires


def test_the_corrected_volume_stands_in_for_a_missing_one(owner, anomalies):
    business.reception(owner, volume_15c=None, volume_corrige_15c=8_000)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["v15c_used"] == 8_000


@pytest.mark.parametrize(
    "values",
    [
        {"statut": "rejetee", "volume_15c": 1},
        {"volume_15c": None},
        {"volume_ambiant": 0, "volume_15c": 1},
        {"volume_15c": float("nan")},
        {"volume_ambiant": float("inf"), "volume_15c": 1},
        {"volume_ambiant": float("nan"), "volume_15c": 1},
    ],
    ids=["rejected", "no 15 °C volume", "zero", "NaN at 15 °C", "infinite", "NaN ambient"],
)
def test_what_cannot_be_judged_stays_silent(owner, anomalies, values):
    business.reception(owner, **values)
    assert anomalies(CODE) == []


def test_extreme_figures_do_not_break_the_other_checks(owner, anomalies):
    business.reception(owner, volume_ambiant=1e308, volume_15c=-1e308, date_reception="infinity")
    business.reception(
        owner, volume_ambiant=1e-300, volume_15c=1e300, date_reception="5874897-12-31"
    )
    business.cdr(owner, days_old=3, statut="ARRIVE")
    assert len(anomalies("CDR_ARRIVE_STALE")) == 1
    assert len(anomalies(CODE)) == 2


@pytest.mark.parametrize(("percent", "fires"), [(0.4, True), (0.6, False), (3, False)])
def test_the_threshold_is_the_administrators_also_below_what_the_index_holds(
    owner, anomalies, percent, fires
):
    business.reception(owner)  # half a per cent
    business.reception(owner, volume_15c=9_699)
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = %s WHERE check_code = %s", [percent, CODE]
    )
    assert len(anomalies(CODE)) == 1 + fires
