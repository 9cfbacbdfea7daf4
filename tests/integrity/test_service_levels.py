"""The page of the service levels: everybody who governs reads it, an administrator changes it there."""

import pytest

from tests.database import as_owner

PAGE = "/governance/service-levels/"


@pytest.fixture
def post(admin, client_of):
    client = client_of(admin)
    return lambda action, **data: client.post(f"{PAGE}{action}/", data)


def levels():
    with as_owner() as cursor:
        cursor.execute("SELECT check_code, severity, hours FROM gouvernance.service_levels")
        return set(cursor.fetchall())


GENERAL = {("*", "CRITICAL", None), ("*", "WARN", 48)}


def test_an_administrator_sets_and_takes_away_a_level_and_the_journal_says_who(
    post, admin, client_of
):
    assert post("set", check="STOCK_NEGATIF", severity="CRITICAL", hours="4").url == PAGE
    assert levels() == {*GENERAL, ("STOCK_NEGATIF", "CRITICAL", 4)}
    text = client_of(admin).get(PAGE).text
    assert "Stock négatif, CRITICAL" in text
    assert "Délai&nbsp;: celui de tous les contrôles → 4\u00a0h" in text
    assert str(admin) in text
    post("clear", check="STOCK_NEGATIF", severity="CRITICAL")
    assert levels() == GENERAL


def test_an_empty_delay_is_the_same_day(post):
    post("set", check="*", severity="WARN", hours="")
    assert levels() == {("*", "CRITICAL", None), ("*", "WARN", None)}


@pytest.mark.parametrize(
    "data",
    [
        {"hours": "0"},
        {"hours": "8761"},
        {"hours": "beaucoup"},
        {"hours": "9" * 400},
        {"severity": "INFO"},
        {"check": "PAS_UN_CONTROLE"},
        {"check": ""},
    ],
)
def test_an_impossible_level_is_refused_beside_its_field(post, data):
    response = post("set", **{"check": "*", "severity": "WARN", "hours": "5", **data})
    assert response.status_code == 400
    assert response.context["form"].errors.keys() == data.keys()
    assert levels() == GENERAL


@pytest.mark.parametrize("check", ["*", "", "X" * 300, "PAS_UN_CONTROLE"])
def test_taking_away_what_is_not_there_or_must_stay_changes_nothing(post, check):
    assert post("clear", check=check, severity="WARN").status_code == 302
    assert levels() == GENERAL


def test_others_read_the_levels_and_find_no_form(pca, client_of):
    text = client_of(pca).get(PAGE).text
    assert "48\u00a0h" in text
    assert "le jour même (heure du dépôt)" in text
    assert "Enregistrer le délai" not in text
