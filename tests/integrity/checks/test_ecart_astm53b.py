"""ECART_ASTM53B: a stored volume at 15 °C that is not the one of its own density and temperature."""

from pathlib import Path

import pytest

from integrity.astm53b import volume_at_15
from integrity.checks.catalogue import catalogue
from tests import business

CODE = "ECART_ASTM53B"
SELFTEST = Path(__file__).parents[3] / "integrity/sql/selftests/ecart_astm53b.sql"
BY_THE_TABLES = volume_at_15(30_000, 837, 20)  # 29 873.4 L


@pytest.fixture
def owner(owner):
    owner.execute("UPDATE gouvernance.checks SET enabled = true WHERE code = %s", [CODE])
    return owner


def reception(owner, stored, tank=None, **values):
    """30 000 L of gasoil at 20 °C, observed at 837 kg/m³."""
    return business.reception(
        owner,
        tank,
        **{
            "index_apres": 30_000,
            "volume_ambiant": 30_000,
            "volume_15c": stored,
            "temperature_ambiante_c": 20,
            "densite_a_15": 837,
            **values,
        },
    )


def tune(owner, name, value):
    owner.execute(
        "UPDATE gouvernance.check_thresholds SET value = %s WHERE check_code = %s AND name = %s",
        [value, CODE, name],
    )


def test_it_is_off_until_an_administrator_switches_it_on(owner, anomalies):
    reception(owner, 29_600)
    assert len(anomalies(CODE)) == 1
    owner.execute("UPDATE gouvernance.checks SET enabled = false WHERE code = %s", [CODE])
    assert anomalies(CODE) == []
    assert catalogue()[CODE].enabled is False


def test_fires_on_the_wrong_volume_and_not_beside_it(owner, anomalies):
    tank = business.citerne(owner)
    reception(owner, 29_873.4, tank)
    assert anomalies() == []

    wrong = reception(owner, 29_600, tank, date_reception="2026-02-12")
    (anomaly,) = anomalies()
    assert (anomaly["check_code"], anomaly["severity"]) == (CODE, "WARN")
    assert (anomaly["entity_type"], anomaly["entity_id"]) == ("RECEPTION", wrong)
    assert anomaly["message"].startswith("Réception du 12/02/2026 dans TANK3 · Dépôt Daipn : ")
    assert "29\u00a0600\u00a0L stockés" in anomaly["message"]
    payload = anomaly["payload"]
    assert payload["ecart_litres"] == pytest.approx(BY_THE_TABLES - 29_600, abs=0.051)
    assert payload["figure"] == payload["ecart_litres"]
    assert payload["occurred_at"] == "2026-02-12T00:00:00+00:00"

    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute("UPDATE public.receptions SET volume_15c = 29873.4 WHERE id = %s", [wrong])
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    ("gap", "fires"), [(0.00099, False), (-0.00099, False), (0.00101, True), (-0.00101, True)]
)
def test_a_thousandth_is_admitted_either_way(owner, anomalies, gap, fires):
    reception(owner, BY_THE_TABLES / (1 + gap))
    assert bool(anomalies(CODE)) is fires


@pytest.mark.parametrize(("stored", "fires"), [(299.6, False), (300.5, True)])
def test_less_than_a_litre_is_admitted_of_a_small_volume_too(owner, anomalies, stored, fires):
    """By the tables 298.7 L: both stored volumes are off by more than a thousandth."""
    reception(owner, stored, volume_ambiant=300)
    assert bool(anomalies(CODE)) is fires


def test_the_thresholds_are_the_administrator_s(owner, anomalies):
    reception(owner, 29_600)
    tune(owner, "litres", 274)
    assert anomalies(CODE) == []
    tune(owner, "litres", 1)
    tune(owner, "ecart", 1)
    assert anomalies(CODE) == []


def test_what_was_typed_before_the_window_is_no_longer_read(owner, anomalies):
    old = reception(owner, 29_600)
    owner.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE public.receptions SET created_at = now() - interval '91 days' WHERE id = %s", [old]
    )
    assert anomalies(CODE) == []
    tune(owner, "fenetre", 92)
    assert [row["entity_id"] for row in anomalies(CODE)] == [old]


def test_another_product_is_not_gasoil(owner, anomalies):
    essence = business.insert(owner, "produits", nom="Essence", code="ESS")
    reception(owner, 29_600, business.citerne(owner, produit_id=essence))
    assert anomalies(CODE) == []


@pytest.mark.parametrize("code", ["G.O", "GO", "AGO", "ago "])
def test_gasoil_is_told_by_its_code_too(owner, anomalies, code):
    product = business.insert(owner, "produits", nom="Produit 2", code=code)
    reception(owner, 29_600, business.citerne(owner, produit_id=product))
    assert len(anomalies(CODE)) == 1


def test_the_corrected_volume_stands_in_for_a_missing_one(owner, anomalies):
    reception(owner, None, volume_corrige_15c=29_600)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["v15c_used"] == 29_600


def test_a_stored_zero_is_an_anomaly_without_a_percentage(owner, anomalies):
    reception(owner, 0)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["ecart_percent"] is None
    assert "plus de 100" in anomaly["message"]


@pytest.mark.parametrize(
    "values",
    [
        {"statut": "rejetee"},
        {"stored": None},
        {"stored": float("nan")},
        {"volume_ambiant": float("inf")},
        {"volume_ambiant": -1},
        {"densite_a_15": None},
        {"densite_a_15": float("nan")},
        {"densite_a_15": 0.837},
        {"temperature_ambiante_c": None},
        {"temperature_ambiante_c": float("-inf")},
        {"temperature_ambiante_c": 1e308},
    ],
    ids=str,
)
def test_what_cannot_be_judged_stays_silent(owner, anomalies, values):
    reception(owner, **{"stored": 29_600, **values})
    assert anomalies(CODE) == []


def test_extreme_figures_and_dates_do_not_break_it(owner, anomalies):
    reception(owner, 1e308, date_reception="infinity")
    reception(owner, -1e308, date_reception="5874897-12-31")
    reception(owner, 1e-300, date_reception="0044-03-15 BC")
    assert len(anomalies(CODE)) == 3


def test_the_planted_fault_of_the_self_test_is_found_whatever_the_thresholds(owner, anomalies):
    ids = [f"00000000-5e1f-4e57-8000-00000000000{number}" for number in (1, 2, 4)]
    depot, product, tank = ids
    business.insert(owner, "depots", id=depot, nom="Autotest")
    business.insert(owner, "produits", id=product, nom="Autotest A", code="AUTOTEST-A")
    business.citerne(owner, id=tank, depot_id=depot, produit_id=product)
    tune(owner, "ecart", 50)
    tune(owner, "litres", 10_000)
    owner.execute(SELFTEST.read_text(encoding="utf-8"))
    expected = SELFTEST.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- expects: ")
    assert [str(row["entity_id"]) for row in anomalies(CODE)] == [expected]
