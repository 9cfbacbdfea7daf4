"""Every check is one file that says what it is."""

import pytest

from integrity.checks import FOLDER, CheckFileError, catalogue, parse

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
        ("-- code: A\n-- severity: WARN\nSELECT 1", "action, entity, label, limits, why"),
        ("-- surprise: 1\nSELECT 1", "surprise"),
        ("-- code: A", "sql"),
    ],
)
def test_a_faulty_header_is_refused_and_named(text, wrong):
    with pytest.raises(CheckFileError, match=wrong):
        parse(text)
