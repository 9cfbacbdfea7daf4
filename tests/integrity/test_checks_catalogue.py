"""Every check is one file that says what it is."""

import re

import pytest

from integrity.checks import selftest
from integrity.checks.catalogue import FOLDER, TEXTS, CheckFileError, catalogue, parse
from integrity.checks.documentation import BEGIN, DOCUMENTS, END, remade

ROOT = FOLDER.parents[2]
HEADER = "".join(f"-- {key}: A\n" for key in TEXTS)
V1 = {
    "STOCK_NEGATIF": ("CRITICAL", "CITERNE_STOCK"),
    "STOCK_OVER_CAPACITY": ("CRITICAL", "CITERNE_STOCK"),
    "CDR_ARRIVE_STALE": ("WARN", "CDR"),
    "RECEPTION_ECART_15C": ("WARN", "RECEPTION"),
    "SORTIE_ECART_15C": ("WARN", "SORTIE"),
}


def test_the_five_v1_checks_have_the_contracts_severity_and_entity():
    assert {c.code: (c.severity, c.entity) for c in catalogue().values() if c.code in V1} == V1


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_a_check_is_named_after_its_code(path):
    check = parse(path.read_text(encoding="utf-8"))
    assert check.code.lower() == path.stem
    assert check.severity in {"INFO", "WARN", "CRITICAL"}


@pytest.mark.parametrize("code", catalogue())
def test_a_check_comes_with_its_tests_its_self_test_and_its_place_in_the_guides(code):
    assert (ROOT / f"tests/integrity/checks/test_{code.lower()}.py").exists()
    assert (selftest.FOLDER / f"{code.lower()}.sql").exists()
    for document in DOCUMENTS:
        assert f"](../integrity/sql/checks/{code.lower()}.sql)" in document.read_text("utf-8")


def test_there_is_no_self_test_without_a_check():
    faults = {path.stem for path in selftest.FOLDER.glob("*.sql")} - {"base"}
    assert faults <= {code.lower() for code in catalogue()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_what_a_guide_says_of_the_checks_is_what_their_headers_say(document):
    text = document.read_text(encoding="utf-8")
    assert text == remade(document, text), "run: manage.py checks document"


@pytest.mark.parametrize("text", ["", BEGIN, END, END + BEGIN])
def test_a_guide_without_its_two_markers_is_left_alone(text):
    with pytest.raises(ValueError, match="Repères absents"):
        remade(next(iter(DOCUMENTS)), text)


def test_a_bar_in_a_header_does_not_break_the_table(monkeypatch):
    check = parse(
        HEADER.replace("label: A", "label: A | B").replace("severity: A", "severity: WARN")
        + "SELECT 1"
    )
    monkeypatch.setattr("integrity.checks.documentation.catalogue", lambda: {"A": check})
    assert "**A \\| B**" in remade(next(iter(DOCUMENTS)), BEGIN + END)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "-- code: A\n-- severity: WARN\nSELECT 1",
            "action, entity, label, limits, occurred, rule, why",
        ),
        (f"{HEADER}-- surprise: 1\nSELECT 1", "inconnu : surprise$"),
        (f"{HEADER}-- code: A\nSELECT 1", "inconnu : code$"),
        (HEADER, "inconnu : sql$"),
        (f"{HEADER}-- enabled: yes\nSELECT 1", "enabled"),
        (f"{HEADER}-- threshold: seuil 5\nSELECT 1", "Seuil illisible : seuil 5"),
        (f"{HEADER}-- threshold: seuil = cinq % [0 ; 9] Écart\nSELECT 1", "illisible"),
        (
            f"{HEADER}-- threshold: seuil = 10 % [0 ; 9] Écart\nSELECT 1",
            "hors de ses propres bornes",
        ),
    ],
)
def test_a_faulty_header_is_refused_and_named(text, wrong):
    with pytest.raises(CheckFileError, match=wrong):
        parse(text)


def test_every_threshold_of_a_header_is_used_by_its_check_and_no_other():
    for check in catalogue().values():
        used = set(re.findall(r"gouvernance\.threshold\('(\w+)', '(\w+)'\)", check.sql))
        assert used == {(check.code, threshold.name) for threshold in check.thresholds}


def test_every_check_says_in_its_payload_when_the_fact_became_true():
    assert [c.code for c in catalogue().values() if "'occurred_at'," not in c.sql] == []
