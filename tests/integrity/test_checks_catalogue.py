"""Every check is one file that says what it is."""

import re

import pytest

from integrity.checks import FOLDER, TEXTS, CheckFileError, catalogue, parse

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
def test_a_check_is_named_after_its_code_and_has_a_test_of_its_own(path):
    check = parse(path.read_text(encoding="utf-8"))
    assert check.code.lower() == path.stem
    assert check.severity in {"INFO", "WARN", "CRITICAL"}
    assert (FOLDER.parents[2] / f"tests/integrity/checks/test_{path.stem}.py").exists()


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
