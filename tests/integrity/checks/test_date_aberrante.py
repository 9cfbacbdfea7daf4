"""DATE_ABERRANTE: dates that no calendar of a depot has."""

import pytest

from tests import business

CODE = "DATE_ABERRANTE"


def test_fires_on_a_loading_of_another_age_and_clears_when_corrected(owner, anomalies):
    truck = business.cdr(owner, plaque_camion="1234AB05")
    assert anomalies(CODE) == []

    owner.execute("UPDATE public.cours_de_route SET date_chargement = '1926-02-12'")
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "CDR")
    assert anomaly["entity_id"] == truck
    assert anomaly["message"].startswith("Camion 1234AB05 : chargement daté du 12/02/1926")
    assert len(anomaly["payload"]["fautes"]) == 2, "too old, and too far from the creation"

    owner.execute("UPDATE public.cours_de_route SET date_chargement = created_at::date")
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    ("loaded", "created", "fires"),
    [
        ("NULL", "now()", False),
        ("'2015-01-01'", "'2015-01-01 00:00+00'", False),
        ("'2014-12-31'", "'2015-01-01 00:00+00'", True),
        ("'2015-01-01'", "'2014-12-31 23:59:59.999999+00'", True),
        ("(now() AT TIME ZONE 'UTC')::date + 1", "now() + interval '23 hours'", False),
        ("(now() AT TIME ZONE 'UTC')::date + 2", "now()", True),
        ("NULL", "now() + interval '25 hours'", True),
        ("'2026-01-01'::date + 180", "'2026-01-01 12:00+00'", False),
        ("'2026-01-01'::date - 180", "'2026-01-01 12:00+00'", False),
        ("'2026-01-01'::date - 181", "'2026-01-01 12:00+00'", True),
        ("'2025-01-01'::date + 181", "'2025-01-01 12:00+00'", True),
        ("'infinity'", "now()", True),
        ("'-infinity'", "now()", True),
        ("NULL", "'infinity'", True),
        ("'5874897-12-31'", "'-infinity'", True),
        ("'4714-11-24 BC'", "'294276-12-31 23:59:59+00'", True),
    ],
)
def test_each_bound_of_a_truck_is_exact(owner, anomalies, loaded, created, fires):
    truck = business.cdr(owner)
    owner.execute(
        f"UPDATE public.cours_de_route SET date_chargement = {loaded}, created_at = {created}"
        " WHERE id = %s",
        [truck],
    )
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == ([truck] if fires else [])


@pytest.mark.parametrize(
    ("date", "fires"),
    [
        ("2015-01-01", False),
        ("2014-12-31", True),
        ("0001-01-01", True),
        ("infinity", True),
        ("-infinity", True),
        ("5874897-12-31", False),
    ],
)
def test_each_bound_of_a_reception_is_exact(owner, anomalies, date, fires):
    business.reception(owner, statut="rejetee", date_reception=date)
    assert anomalies(CODE) == []
    wrong = business.reception(owner, date_reception=date)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == ([wrong] if fires else [])


@pytest.mark.parametrize(
    ("date", "fires"),
    [
        ("2015-01-01 00:00+00", False),
        ("2014-12-31 23:59:59.999999+00", True),
        ("infinity", True),
        ("-infinity", True),
        ("294276-12-31 00:00+00", False),
    ],
)
def test_each_bound_of_a_sortie_is_exact(owner, anomalies, date, fires):
    business.sortie(owner, statut="brouillon", date_sortie=date)
    assert anomalies(CODE) == []
    wrong = business.sortie(owner, date_sortie=date)
    assert [anomaly["entity_id"] for anomaly in anomalies(CODE)] == ([wrong] if fires else [])


def test_the_bounds_are_the_administrators(owner, anomalies):
    business.reception(owner, date_reception="1999-01-01")
    truck = business.cdr(owner)
    owner.execute(
        "UPDATE public.cours_de_route SET created_at = '2026-01-01', date_chargement = '2025-01-01'"
        " WHERE id = %s",
        [truck],
    )
    assert len(anomalies(CODE)) == 2
    owner.execute(
        "UPDATE gouvernance.check_thresholds"
        " SET value = CASE name WHEN 'annee_min' THEN 1999 WHEN 'ecart' THEN 365 ELSE value END"
        " WHERE check_code = %s",
        [CODE],
    )
    assert anomalies(CODE) == []
