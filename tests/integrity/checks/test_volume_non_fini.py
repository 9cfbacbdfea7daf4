"""VOLUME_NON_FINI: NaN and infinity, wherever the figures of a tank are."""

import pytest

from tests import business

CODE = "VOLUME_NON_FINI"
NAN, INF = float("nan"), float("inf")


def test_fires_on_a_nan_and_clears_when_corrected(owner, anomalies):
    tank = business.citerne(owner)
    business.snapshot(owner, tank, 1_000)
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.stocks_snapshot SET stock_15c = 'NaN'")
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CITERNE_STOCK")
    assert anomaly["entity_id"] == tank
    assert anomaly["message"] == (
        "TANK3 · Dépôt Daipn : une valeur qui n’est pas un nombre (stocks_snapshot.stock_15c)"
    )
    assert anomaly["payload"]["figure"] == 1
    (line,) = anomaly["payload"]["valeurs"]
    assert (line["table"], line["colonne"], line["valeur"]) == (
        "stocks_snapshot",
        "stock_15c",
        "NaN",
    )

    owner.execute("UPDATE public.stocks_snapshot SET stock_15c = 1000")
    assert anomalies(CODE) == []


@pytest.mark.parametrize("value", [NAN, INF, -INF])
@pytest.mark.parametrize("statut", ["validee", "rejetee"])
@pytest.mark.parametrize(
    "column",
    ["volume_ambiant", "volume_observe", "volume_15c", "temperature_ambiante_c", "densite_a_15"],
)
def test_every_figure_of_a_reception_is_read(owner, anomalies, column, statut, value):
    reception = business.reception(owner, statut=statut, **{column: value})
    (anomaly,) = anomalies(CODE)
    (line,) = anomaly["payload"]["valeurs"]
    assert (line["table"], line["colonne"], line["id"]) == ("receptions", column, str(reception))


@pytest.mark.parametrize("column", ["index_avant", "index_apres", "volume_corrige_15c"])
def test_a_draft_sortie_is_read_too(owner, anomalies, column):
    sortie = business.sortie(owner, statut="brouillon", **{column: NAN})
    (anomaly,) = anomalies(CODE)
    (line,) = anomaly["payload"]["valeurs"]
    assert (line["table"], line["id"]) == ("sorties_produit", str(sortie))


def test_volume_15c_of_a_sortie_is_read_from_the_day_ml_pp_adds_it(owner, anomalies):
    owner.execute("ALTER TABLE public.sorties_produit ADD COLUMN volume_15c double precision")
    business.sortie(owner, volume_15c=9_950)
    business.sortie(owner, volume_15c=INF)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["valeurs"][0]["colonne"] == "volume_15c"


def test_one_row_tells_all_of_a_tank_and_cites_twenty(owner, anomalies):
    tank = business.citerne(owner, capacite_securite=NAN)
    business.adjustment(owner, tank, INF)
    business.insert(
        owner,
        "stocks_journaliers",
        **business._of_tank(owner, tank),
        proprietaire_type="MONALUXE",
        date_jour="2026-02-12",
        stock_ambiant=-INF,
    )
    for _ in range(20):
        business.reception(owner, tank, statut="rejetee", densite_a_15=NAN)
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["figure"] == 24
    assert len(anomaly["payload"]["valeurs"]) == 20
    assert {line["table"] for line in anomaly["payload"]["valeurs"]} == {"citernes", "receptions"}
    assert anomaly["message"].startswith(
        "TANK3 · Dépôt Daipn : 24 valeurs qui ne sont pas des nombres (citernes.capacite_securite"
    )


def test_absent_and_extreme_figures_are_numbers(owner, anomalies):
    business.reception(
        owner, statut="rejetee", volume_ambiant=None, volume_observe=1e308, densite_a_15=-1e308
    )
    business.sortie(owner, statut="brouillon", volume_ambiant=5e-324, index_avant=None)
    assert anomalies(CODE) == []
