"""SORTIE_INCOHERENTE: the meter, the volume, the paper and the date of a sortie contradict."""

import pytest

from tests import business

CODE = "SORTIE_INCOHERENTE"


def test_fires_on_a_meter_that_disagrees_with_the_volume_and_clears_when_corrected(
    owner, anomalies
):
    business.sortie(owner)
    assert anomalies(CODE) == []

    wrong = business.sortie(owner, index_apres=10_250)
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "SORTIE")
    assert anomaly["entity_id"] == wrong
    assert anomaly["message"].startswith("Sortie de TANK3 · Dépôt Daipn, camion 9876CD05 : écart")
    assert anomaly["payload"]["figure"] == 250
    assert len(anomaly["payload"]["fautes"]) == 1

    owner.execute("ALTER TABLE public.sorties_produit DISABLE TRIGGER USER")
    owner.execute("UPDATE public.sorties_produit SET index_apres = 10000 WHERE id = %s", [wrong])
    assert anomalies(CODE) == []


@pytest.mark.parametrize(("index", "fires"), [(10_001, False), (10_001.01, True), (9_998.9, True)])
def test_a_litre_is_admitted_either_way(owner, anomalies, index, fires):
    business.sortie(owner, index_apres=index)
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"volume_ambiant": 0, "index_apres": 0}, "volume ambiant nul ou négatif"),
        ({"volume_ambiant": -5}, "volume ambiant nul ou négatif"),
        ({"index_avant": 10_000}, "index d’après"),
        ({"volume_corrige_15c": None}, "volume à 15\u00a0°C absent"),
    ],
    ids=["zero", "negative", "index", "no 15 °C volume"],
)
def test_every_fault_is_named(owner, anomalies, values, fault):
    business.sortie(owner, **values)
    (anomaly,) = anomalies(CODE)
    assert fault in anomaly["message"]
    assert any(fault in line for line in anomaly["payload"]["fautes"])


@pytest.mark.parametrize(
    ("date", "fires"),
    [("now() + interval '23 hours'", False), ("now() + interval '25 hours'", True)],
)
def test_a_day_ahead_is_the_most_a_date_may_be(owner, anomalies, date, fires):
    owner.execute(f"SELECT {date}")
    business.sortie(owner, date_sortie=owner.fetchone()[0])
    assert bool(anomalies(CODE)) is fires


def test_several_faults_of_a_legacy_sortie_make_one_row(owner, anomalies):
    owner.execute(
        "ALTER TABLE public.sorties_produit DROP CONSTRAINT sorties_produit_beneficiaire_check,"
        " DROP CONSTRAINT sorties_produit_volume_ambiant_check"
    )
    wrong = business.sortie(
        owner,
        client_id=None,
        volume_ambiant=None,
        volume_corrige_15c=None,
        plaque_camion=None,
        index_apres=0,
        date_sortie="9000-01-01",
    )
    (anomaly,) = anomalies(CODE)
    assert anomaly["entity_id"] == wrong
    assert len(anomaly["payload"]["fautes"]) == 5
    assert anomaly["payload"]["figure"] is None
    assert anomaly["payload"]["occurred_at"] < "9000", "its record stands in for a date to come"


def test_volume_15c_is_read_first_from_the_day_ml_pp_adds_it(owner, anomalies):
    owner.execute("ALTER TABLE public.sorties_produit ADD COLUMN volume_15c double precision")
    business.sortie(owner, volume_corrige_15c=None, volume_15c=9_950)
    assert anomalies(CODE) == []


@pytest.mark.parametrize("statut", ["brouillon", "rejetee"])
def test_only_validated_sorties_are_judged(owner, anomalies, statut):
    business.sortie(owner, statut=statut, index_apres=1, volume_corrige_15c=None)
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    "values",
    [
        {"index_avant": None},
        {"index_apres": float("nan")},
        {"volume_ambiant": float("inf")},
        {"volume_ambiant": float("-inf")},
        {"volume_corrige_15c": float("nan")},
        {"date_sortie": "infinity"},
        {"date_sortie": "-infinity"},
    ],
    ids=str,
)
def test_what_is_unknown_or_another_checks_stays_silent(owner, anomalies, values):
    business.sortie(owner, **values)
    assert anomalies(CODE) == []


def test_extreme_figures_are_written_and_judged(owner, anomalies):
    business.sortie(owner, index_avant=-1e308, index_apres=1e308, volume_ambiant=-1e308)
    business.sortie(owner, index_apres=5e-324, volume_ambiant=5e-324, volume_corrige_15c=1e308)
    assert len(anomalies(CODE)) == 1


def test_the_tolerances_are_the_administrators(owner, anomalies):
    business.sortie(owner, index_apres=10_250)
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = 250"
        " WHERE check_code = %s AND name = 'ecart'",
        [CODE],
    )
    assert anomalies(CODE) == []
