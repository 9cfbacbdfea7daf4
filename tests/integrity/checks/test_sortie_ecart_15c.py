"""SORTIE_ECART_15C: the same gap on what a client was delivered."""

import pytest

from tests import business

CODE = "SORTIE_ECART_15C"


def test_fires_on_a_gap_above_five_percent_and_not_on_a_corrected_sortie(owner, anomalies):
    business.sortie(owner)
    assert anomalies() == []

    wrong = business.sortie(owner, volume_corrige_15c=9_000)
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("SORTIE", wrong)
    assert anomaly["message"].startswith("Sortie de TANK3 · Dépôt Daipn, camion 9876CD05")
    assert anomaly["payload"]["volume_corrige_15c"] == 9_000
    assert anomaly["payload"]["ecart_percent"] == 10.0

    owner.execute("ALTER TABLE public.sorties_produit DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE public.sorties_produit SET volume_corrige_15c = 9900 WHERE id = %s", [wrong]
    )
    assert anomalies(CODE) == []


def test_volume_15c_is_read_first_from_the_day_ml_pp_adds_it(owner, anomalies):
    owner.execute("ALTER TABLE public.sorties_produit ADD COLUMN volume_15c double precision")
    business.sortie(owner, volume_corrige_15c=None, volume_15c=8_000)
    business.sortie(owner, volume_corrige_15c=8_000, volume_15c=9_950)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["volume_corrige_15c"] == 8_000


@pytest.mark.parametrize("statut", ["brouillon", "rejetee"])
def test_only_validated_sorties_are_judged(owner, anomalies, statut):
    business.sortie(owner, statut=statut, volume_corrige_15c=1)
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    "values",
    [
        {"volume_corrige_15c": None},
        {"volume_ambiant": 0},
        {"volume_corrige_15c": float("nan")},
        {"volume_ambiant": float("inf")},
    ],
    ids=["no 15 °C volume", "zero", "NaN", "infinite"],
)
def test_what_cannot_be_judged_stays_silent(owner, anomalies, values):
    business.sortie(owner, **values)
    assert anomalies(CODE) == []


def test_a_sortie_without_plate_still_reads_well(owner, anomalies):
    business.sortie(owner, plaque_camion=None, volume_corrige_15c=1)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"].startswith("Sortie de TANK3 · Dépôt Daipn : écart")


@pytest.mark.parametrize(("percent", "fires"), [(0.4, True), (0.6, False), (3, False)])
def test_the_threshold_is_the_administrators_also_below_what_the_index_holds(
    owner, anomalies, percent, fires
):
    business.sortie(owner)  # half a per cent
    business.sortie(owner, volume_corrige_15c=9_699)
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = %s WHERE check_code = %s", [percent, CODE]
    )
    assert len(anomalies(CODE)) == 1 + fires
