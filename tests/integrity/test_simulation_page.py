"""The simulation report on a page and as a spreadsheet."""

import csv
import re
from io import StringIO
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrity.simulation import report as simulation
from tests import business
from tests.database import as_owner
from tests.integrity.simulation_rows import field_cases, gasoil

PAGE = "/governance/integrity/astm53b/"
CSV = "/governance/integrity/astm53b.csv"


@pytest.fixture
def client(directeur, client_of):
    return client_of(directeur)


@pytest.fixture
def eight(db):
    """The field's eight receptions."""
    with as_owner() as cursor:
        return field_cases(cursor)


def said(response):
    return response.text.replace("\u00a0", " ").replace("&nbsp;", " ")


def test_it_shows_the_eight_receptions_with_what_explains_the_wrong_ones(client, eight):
    response = client.get(PAGE)
    assert response.status_code == 200
    text = said(response)
    assert "−235,3" in text
    assert "celui d’environ 22,6 °C ; la température notée est de 29,7 °C" in text
    assert text.count("hors tolérance</strong>") == 1
    facts = dict(response.context["results"])
    assert facts["Écart"].replace("\u00a0", " ") == "−266,5 L (−0,088 %)"


def test_it_carries_method_edition_version_author_time_and_checksum(client, eight, directeur):
    response = client.get(PAGE, {"first_day": "2026-02-02"})
    identity = dict(response.context["identity"])
    assert identity["Filtres"] == "Reçues du 02/02/2026"
    assert identity["Environnement"] == "development"
    assert identity["Version du cockpit"] == "v0.0.0+0000000"
    assert identity["Édité par"] == str(directeur)
    assert identity["Édité le"].endswith("(Africa/Lubumbashi)")
    assert re.fullmatch(r"[0-9a-f]{64}", identity["Somme de contrôle (SHA-256)"])
    method = dict(response.context["method"])
    assert "D1250-80" in method["Édition"]
    assert "186,9696" in method["Constantes"]
    assert method["Arrondis"].endswith("(par défaut)")
    assert "malgré son nom" in method["Densité lue"]
    assert all(value in response.text for value in method.values())


def test_without_gasoil_it_says_so(client):
    assert "Aucune réception de gasoil validée." in said(client.get(PAGE))


def test_totals_are_over_all_pages_and_a_page_holds_fifty(client, db):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        for _ in range(60):
            gasoil(cursor, tank, volume_15c=29_873)
    first, second = client.get(PAGE), client.get(PAGE, {"page": 2})
    assert (len(first.context["page"]), len(second.context["page"])) == (50, 10)
    assert first.context["total"] == second.context["total"]
    assert first.context["total"].difference == 60
    assert "Page 2 sur 2" in said(second)
    assert client.get(PAGE, {"page": "9" * 30}).context["page"].number == 2


def test_a_filter_is_a_chip_whose_link_takes_it_away(client, eight):
    response = client.get(PAGE, {"tank": str(eight), "rounding": "exact"})
    (chip,) = response.context["chips"]
    assert chip.label == "Citerne : TANK3 · Dépôt Daipn"
    assert chip.url == f"{PAGE}?rounding=exact"
    assert f"tank={eight}" in response.context["csv_url"]


@pytest.mark.parametrize(
    "query",
    [
        {"tank": "rien"},
        {"tank": "00000000-0000-0000-0000-000000000000"},
        {"depot": "'"},
        {"first_day": "2026-02-31"},
        {"first_day": "2026-02-02", "last_day": "2026-02-01"},
        {"rounding": "5"},
        {"hydrometer": "maybe"},
        {"page": "-1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [PAGE, CSV, f"{PAGE}approve/"])
def test_an_impossible_filter_is_a_400_that_shows_the_form(client, path, query):
    response = client.get(path, query)
    assert response.status_code == 400
    assert "Corrigez le filtre signalé" in said(response)


def test_more_receptions_than_a_report_holds_ask_for_a_narrower_period(client, eight, monkeypatch):
    monkeypatch.setattr(simulation, "MOST_LINES", 7)
    for path in (PAGE, CSV):
        response = client.get(path)
        assert response.status_code == 400
        assert "réduisez la période" in response.text
    sent = {"checksum": "0" * 64, "note": "Huit réceptions relues."}
    assert "réduisez la période" in client.post(f"{PAGE}approve/", sent, follow=True).text
    assert client.get(PAGE, {"last_day": "2026-02-07"}).status_code == 200


NAMES = st.sampled_from(
    ["first_day", "last_day", "depot", "tank", "rounding", "hydrometer", "page", "checksum", "x"]
)
VALUES = st.one_of(
    st.text(max_size=80),
    st.dates().map(str),
    st.sampled_from(["0001-01-01", "9999-12-31", "exact", "no", "1", "9" * 5000, "\x00", "%00"]),
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from([PAGE, CSV, f"{PAGE}approve/"]),
    pairs=st.lists(st.tuples(NAMES, VALUES), max_size=5),
)
def test_no_query_string_ends_in_a_500(client, eight, path, pairs):
    query = urlencode(pairs, errors="surrogatepass")
    assert client.get(f"{path}?{query}").status_code in (200, 400), query


def test_absurd_figures_end_in_no_500(client, db):
    with as_owner() as cursor:
        gasoil(cursor, volume_15c=1e308, date_reception="infinity")
        gasoil(cursor, volume_15c=-1e308, date_reception="5874897-12-31")
        gasoil(cursor, volume_ambiant=1e-300, volume_15c=1e-300)
        gasoil(cursor, volume_ambiant="NaN", volume_15c="Infinity", densite_a_15="-Infinity")
        gasoil(cursor, volume_ambiant=1e308, temperature_ambiante_c="NaN", volume_15c=0)
    for path in (PAGE, f"{PAGE}?rounding=exact", CSV):
        response = client.get(path)
        assert response.status_code == 200
        assert "NaN" not in b"".join(response).decode()


def test_names_are_escaped(client, db):
    with as_owner() as cursor:
        gasoil(cursor, business.citerne(cursor, nom="<b>T1</b>"))
    assert "<b>T1</b>" not in client.get(PAGE).text


def test_the_page_costs_as_many_queries_for_sixty_receptions_as_for_eight(
    client, eight, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        client.get(PAGE)
    with as_owner() as cursor:
        for _ in range(60):
            gasoil(cursor, eight)
    with django_assert_max_num_queries(12):
        client.get(PAGE)


# As a spreadsheet


def lines_of(response):
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def test_the_csv_has_every_reception_below_the_report_s_identity(client, eight):
    response = client.get(CSV)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.search(
        r'filename="simulation-astm53b-[0-9a-f]{12}.csv"', response["Content-Disposition"]
    )
    lines = lines_of(response)
    head = {line[0]: line[1] for line in lines if len(line) == 2}
    assert head["Filtres"] == "aucun"
    assert (head["Environnement"], head["Version du cockpit"]) == ("development", "v0.0.0+0000000")
    assert len(head["Somme de contrôle (SHA-256)"]) == 64
    columns = next(line for line in lines if line[:1] == ["Date"])
    rows = [dict(zip(columns, line, strict=True)) for line in lines[lines.index(columns) + 1 :]]
    assert len(rows) == 8
    assert (rows[0]["Stocké à 15 °C (L)"], rows[0]["Calculé à 15 °C (L)"]) == ("39048", "38812,7")
    assert (rows[0]["Écart (L)"], rows[0]["Tolérance ± 0,1 %"]) == ("-235,3", "hors tolérance")
    assert "22,6" in rows[0]["Signalements"]


def test_the_csv_s_totals_count_what_can_t_be_computed(client, eight):
    with as_owner() as cursor:
        gasoil(cursor, eight, temperature_ambiante_c=None)
    lines = lines_of(client.get(CSV))
    columns = next(line for line in lines if "Non calculables" in line)
    total = dict(zip(columns, lines[lines.index(columns) + 2], strict=True))
    assert (total["Réceptions"], total["Non calculables"], total["Écart (L)"]) == (
        "9",
        "1",
        "-266,5",
    )


def test_a_name_that_excel_would_run_gets_an_apostrophe(client, db):
    with as_owner() as cursor:
        gasoil(cursor, business.citerne(cursor, nom="=1+1"))
    assert any("'=1+1" in line for line in lines_of(client.get(CSV)))
