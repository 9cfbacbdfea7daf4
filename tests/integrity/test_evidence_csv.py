"""The movements as a spreadsheet for a French Excel."""

import csv
from io import StringIO

import pytest

from alerts.sync import sync_alerts
from integrity.spreadsheet import as_csv
from tests import business
from tests.database import as_owner


@pytest.fixture
def download(directeur, client_of):
    client = client_of(directeur)
    return lambda alert_id: client.get(f"/governance/integrity/{alert_id}/evidence.csv")


@pytest.fixture
def negative_tank(db):
    with as_owner() as cursor:
        tank = business.citerne(cursor, nom="=TANK3")
        business.sortie(
            cursor, tank, booked=False, plaque_camion="+33 1;2", volume_ambiant=10_000.5
        )
        business.snapshot(cursor, tank, 0, booked=False)
        business.adjustment(cursor, tank, -4_000, reason="@SUM(A1:A9) à relire")
    sync_alerts()
    with as_owner() as cursor:
        cursor.execute("SELECT id FROM public.system_alerts WHERE check_code = 'STOCK_NEGATIF'")
        return cursor.fetchone()[0]


def lines_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def test_the_head_says_what_when_by_whom_and_of_which_period(download, negative_tank, directeur):
    response = download(negative_tank)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        f'attachment; filename="mouvements-{negative_tank}.csv"'
    )
    assert response.content.startswith(b"\xef\xbb\xbf")
    head = {line[0]: line[1] for line in lines_of(response) if len(line) == 2}
    assert head["Identifiant"] == str(negative_tank)
    assert head["Par"] == str(directeur)
    assert "Africa/Lubumbashi" in head["Extrait le"]
    assert (head["Environnement"], head["Version du cockpit"]) == ("development", "v0.0.0+0000000")
    assert head["Filtre"].startswith("datés ou saisis du ")
    assert head["Citerne"] == "'=TANK3 · Dépôt Daipn"


def test_numbers_stay_numbers_and_texts_are_never_formulas(download, negative_tank):
    lines = lines_of(download(negative_tank))
    columns = next(line for line in lines if line[:1] == ["Date"])
    rows = [dict(zip(columns, line, strict=True)) for line in lines[lines.index(columns) + 1 :]]
    by_kind = {row["Mouvement"]: row for row in rows}
    assert by_kind["Sortie"]["Ambiant (L)"] == "-10000,5"
    assert by_kind["Sortie"]["Camion"] == "'+33 1;2"
    assert by_kind["Ajustement de sortie"]["Ambiant (L)"] == "-4000"
    assert by_kind["Ajustement de sortie"]["Note"] == "'@SUM(A1:A9) à relire"


def test_the_balance_is_left_out_where_it_would_be_a_guess(download, negative_tank):
    lines = lines_of(download(negative_tank))
    assert any(line[:1] == ["Solde"] and "n’expliquent pas" in line[1] for line in lines)
    columns = next(line for line in lines if line[:1] == ["Date"])
    assert {line[columns.index("Solde (L)")] for line in lines[lines.index(columns) + 1 :]} == {""}


def test_an_alert_without_a_tank_has_a_head_that_says_so(download, make_alert):
    response = download(make_alert())
    assert response.status_code == 200
    assert "Aucune citerne liée à cette alerte" in response.content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_excel_would_run_gets_an_apostrophe(start):
    (cells,) = csv.reader(StringIO(as_csv([[f"{start}1+1", "a"]])[1:], newline=""), delimiter=";")
    assert cells == [f"'{start}1+1", "a"]
