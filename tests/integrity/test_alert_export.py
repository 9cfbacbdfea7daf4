"""The filtered list as a file: every row once, whatever their number, and nothing that Excel would run."""

import csv
import json
import logging
import tracemalloc
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from integrity import alert_export
from mlpp_gov.models import Language
from tests.database import as_owner

CSV, JSON = "/governance/integrity/export.csv", "/governance/integrity/export.json"


@pytest.fixture
def get(directeur, client_of):
    client = client_of(directeur)
    return lambda path, **params: client.get(path, params)


def table(response):
    """(head as a dict, rows below the columns, last line)."""
    text = response.getvalue().decode("utf-8-sig")
    lines = list(csv.reader(text.splitlines(), delimiter=";"))
    start = next(n for n, line in enumerate(lines) if line[:1] == ["Identifiant"])
    head = {line[0]: line[1] for line in lines[:start] if len(line) == 2}
    return head, [line for line in lines[start + 1 : -2] if line], lines[-1][0]


def test_the_csv_opens_in_a_french_excel_and_says_what_it_is(get, make_alert, directeur):
    make_alert(message="Camion « é » ; deux")
    response = get(CSV)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="alertes-')
    assert response.streaming
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    head, rows, end = table(get(CSV))
    assert head["Par"] == str(directeur)
    assert head["Filtres"] == "alertes actives"
    assert (head["Environnement"], head["Version du cockpit"]) == ("development", "v0.0.0+0000000")
    assert "(Africa/Lubumbashi)" in head["Produit le"]
    assert rows[0][5] == "Camion « é » ; deux"
    assert rows[0][6] == "Ouverte"
    assert end == "Fin de l’export\u00a0: 1 alertes"


def test_the_json_has_the_same_rows_the_payload_and_a_count(get, make_alert):
    alert = make_alert(payload='{"citerne_id": "x", "écart": 1.5}')
    found = json.loads(get(JSON).getvalue())
    assert found["count"] == 1
    assert (found["environment"], found["release"]) == ("development", "v0.0.0+0000000")
    assert found["export"]["Filtres"] == "alertes actives"
    (row,) = found["alerts"]
    assert row["id"] == str(alert)
    assert row["payload"] == {"citerne_id": "x", "écart": 1.5}
    due, since = (datetime.fromisoformat(row[at]) for at in ("due_at", "first_detected_at"))
    assert due - since == timedelta(hours=48)  # a WARN's


def test_each_file_keeps_the_language_of_its_request_while_others_are_read(
    directeur, pca, client_of, make_alert, monkeypatch
):
    monkeypatch.setattr(alert_export, "CHUNK", 2)
    for _ in range(5):
        make_alert()
    pca.language = Language.ENGLISH
    pca.save()
    english, french = client_of(pca).get(CSV), client_of(directeur).get(CSV)
    start = next(english.streaming_content) + next(english.streaming_content)
    in_french = french.getvalue().decode()
    in_english = (start + b"".join(english.streaming_content)).decode()
    assert (in_english.count(";Open;"), in_french.count(";Ouverte;")) == (5, 5)
    assert "Identifier;Severity;" in in_english
    assert in_english.endswith("End of the export: 5 alerts\r\n")
    assert in_french.endswith("Fin de l’export\u00a0: 5 alertes\r\n")


def test_the_json_is_the_same_in_every_language(pca, client_of, make_alert):
    make_alert()
    pca.language = Language.ENGLISH
    pca.save()
    found = json.loads(client_of(pca).get(JSON).getvalue())
    assert found["export"]["Filtres"] == "alertes actives"
    assert found["alerts"][0]["state"] == "Ouverte"


def test_an_empty_list_is_a_whole_file(get):
    assert table(get(CSV))[1:] == ([], "Fin de l’export\u00a0: 0 alertes")
    assert json.loads(get(JSON).getvalue())["alerts"] == []


def test_the_export_has_what_the_list_has_under_the_same_filters(get, make_alert):
    make_alert(message="jaune")
    make_alert(message="rouge", severity="CRITICAL")
    make_alert(message="réglée", status="RESOLVED")
    page = get("/governance/integrity/", severity="CRITICAL", page_size="1")
    url = page.context["export_urls"]["csv"]
    assert url == f"{CSV}?severity=CRITICAL"
    assert url in page.text
    head, rows, _ = table(get(url))
    assert [row[5] for row in rows] == ["rouge"]
    assert head["Filtres"] == "Sévérité : CRITICAL"
    assert len(table(get(CSV, status="all"))[1]) == 3


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(get, make_alert, text):
    make_alert(message=text, check_code=text)
    content = get(CSV).getvalue().decode("utf-8-sig")
    assert f"'{text}" in content.replace('"', "")
    assert f";{text}" not in content.replace('"', "")


def test_every_row_comes_once_across_chunks_and_many_detected_at_one_moment(
    get, make_alert, monkeypatch
):
    monkeypatch.setattr(alert_export, "CHUNK", 7)
    at = timezone.now() - timedelta(hours=1)
    for n in range(40):
        make_alert(message=f"m{n}", first_detected_at=at + timedelta(seconds=n // 15))
    messages = [row[5] for row in table(get(CSV))[1]]
    assert sorted(messages) == sorted(f"m{n}" for n in range(40))
    assert json.loads(get(JSON).getvalue())["count"] == 40


def test_an_evaluation_between_two_chunks_neither_repeats_nor_hides_a_row(
    get, make_alert, monkeypatch
):
    monkeypatch.setattr(alert_export, "CHUNK", 5)
    at = timezone.now() - timedelta(hours=1)
    for n in range(20):
        make_alert(message=f"m{n}", first_detected_at=at + timedelta(seconds=n))
    response = get(CSV)
    parts = iter(response.streaming_content)
    read = b"".join(next(parts) for _ in range(10))
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE public.system_alerts SET last_detected_at = now(), severity = 'CRITICAL'"
        )
    read += b"".join(parts)
    assert [read.decode().count(f";m{n};") for n in range(20)] == [1] * 20


def test_memory_does_not_grow_with_the_number_of_rows(get):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
            " SELECT 'CDR_ARRIVE_STALE', 'WARN', 'CDR', gen_random_uuid(), repeat('x', 200)"
            " FROM generate_series(1, 12000)"
        )
    response = get(CSV)
    tracemalloc.start()
    length = sum(len(part) for part in response.streaming_content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 12_000 * 300
    assert peak < 3 * alert_export.CHUNK * 8_000  # three chunks, at 8 kB a row of Django's


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"severity": "FATAL"}, "Sévérité"),
        ({"status": "CLOSED"}, "État"),
        ({"q": "x" * 10_000}, "Recherche"),
        ({"q": "\x00"}, "NUL"),
    ],
)
@pytest.mark.parametrize("path", [CSV, JSON])
def test_an_unknown_filter_is_refused_rather_than_ignored(get, path, params, said):
    response = get(path, **params)
    assert response.status_code == 400
    assert said in response.text


def test_an_export_is_logged_with_who_and_which_filters(get, make_alert, directeur, caplog):
    make_alert()
    with caplog.at_level(logging.INFO, logger="gouvernance.exports"):
        get(CSV, severity="WARN").getvalue()
    (line,) = [record.getMessage() for record in caplog.records if "export" in record.name]
    assert "format=csv" in line
    assert str(directeur.supabase_user_id) in line
    assert "Sévérité : WARN" in line


def test_somebody_whose_profile_is_refused_gets_a_page_and_no_broken_file(
    get, directeur, make_alert
):
    make_alert()
    with as_owner() as cursor:
        cursor.execute(
            "DELETE FROM public.profils WHERE user_id = %s", [directeur.supabase_user_id]
        )
    response = get(CSV)
    assert response.status_code == 403
    assert "aucun profil ML_PP" in response.text
