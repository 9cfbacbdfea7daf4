"""The indexes of the checks on movements: found by their checks, and never in the way of a row."""

from pathlib import Path

import pytest

from integrity.checks.catalogue import FOLDER
from tests import business
from tests.database import as_owner

USED_BY = {
    "gouvernance_receptions_ecart_15c": "reception_ecart_15c",
    "gouvernance_sorties_ecart_15c": "sortie_ecart_15c",
    "gouvernance_receptions_incoherentes": "reception_incoherente",
    "gouvernance_sorties_incoherentes": "sortie_incoherente",
    "gouvernance_receptions_proprietaire": "proprietaire_incoherent",
    "gouvernance_sorties_proprietaire": "proprietaire_incoherent",
    "gouvernance_receptions_non_finies": "volume_non_fini",
    "gouvernance_sorties_non_finies": "volume_non_fini",
    "gouvernance_journaliers_non_finis": "volume_non_fini",
    "gouvernance_cdr_dates": "date_aberrante",
    "gouvernance_cdr_ecart_dates": "date_aberrante",
}
EXTREMES = (float("nan"), float("inf"), float("-inf"), 1.7e308, -1.7e308, 5e-324, -5e-324, 0, None)


@pytest.fixture
def owner(db):
    with as_owner() as cursor:
        for name in USED_BY:
            path: Path = FOLDER.parent / f"indexes/{name}.sql"
            cursor.execute(path.read_text(encoding="utf-8").replace("{{ concurrently }}", ""))
        # What the date in an OR beside the fault is looked up in; rows enough for a choice of plans.
        for table, column in (("receptions", "date_reception"), ("sorties_produit", "date_sortie")):
            cursor.execute(f"CREATE INDEX ON public.{table} ({column}) WHERE statut = 'validee'")
        yield cursor


@pytest.mark.parametrize(("index", "check"), USED_BY.items())
def test_the_planner_proves_that_a_check_may_read_its_index(owner, index, check):
    tank = business.citerne(owner)
    for _ in range(30):
        business.reception(owner, tank)
        business.sortie(owner, tank)
    owner.execute("ANALYZE public.receptions, public.sorties_produit")
    for other in ("enable_seqscan", "enable_indexscan"):
        owner.execute(f"SET LOCAL {other} = off")
    owner.execute(f"EXPLAIN SELECT * FROM gouvernance.check_{check}")
    assert any(index in line for (line,) in owner.fetchall())


@pytest.mark.parametrize("first", EXTREMES)
@pytest.mark.parametrize("second", EXTREMES)
def test_no_figure_keeps_a_row_from_being_written(owner, first, second):
    owner.execute(
        "ALTER TABLE public.receptions DROP CONSTRAINT receptions_index_check,"
        " DROP CONSTRAINT receptions_volume_ambiant_check"
    )
    owner.execute(
        "ALTER TABLE public.sorties_produit DROP CONSTRAINT sorties_produit_volume_ambiant_check"
    )
    for avant, apres in ((first, second), (second, second), (1, first)):
        figures = {"index_avant": avant, "index_apres": apres, "volume_ambiant": first}
        business.reception(owner, **figures, volume_15c=second, volume_corrige_15c=first)
        business.sortie(owner, **figures, volume_corrige_15c=second)
    owner.execute("SELECT count(*) FROM public.v_integrity_checks")
    assert owner.fetchone()[0] >= 0, "read to its end without an error"


@pytest.mark.parametrize("date", ["infinity", "-infinity", "4714-11-24 BC", "5874897-12-31", None])
@pytest.mark.parametrize("created", ["infinity", "-infinity", "294276-12-31", "4714-11-24 BC"])
def test_no_date_keeps_a_truck_from_being_written(owner, date, created):
    owner.execute(
        "INSERT INTO public.cours_de_route (plaque_camion, date_chargement, created_at)"
        " VALUES ('1234AB05', %s, %s) RETURNING id",
        [date, created],
    )
    (truck,) = owner.fetchone()
    owner.execute("SELECT entity_id FROM gouvernance.check_date_aberrante")
    assert owner.fetchall() == [(truck,)]
