"""Opening stocks: declared and withdrawn by an administrator, and journalled."""

import pytest
from django.contrib.messages import get_messages

from integrity.checks.tuning import declare_opening_stock
from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from tests import business
from tests.database import as_owner

URL = "/governance/integrity/checks/stocks-ouverture/"
NOWHERE = "00000000-0000-4000-8000-000000000000"  # no tank


@pytest.fixture
def place(db):
    """A tank and its product, as a form names them."""
    with as_owner() as cursor:
        tank = business.citerne(cursor)
        cursor.execute("SELECT produit_id FROM public.citernes")
        return {"citerne": tank, "produit": cursor.fetchone()[0], "proprietaire": "MONALUXE"}


@pytest.fixture
def post(admin, client_of):
    """Post a form as the administrator; returns (response, texts of the messages)."""
    client = client_of(admin)

    def posted(action, data):
        response = client.post(f"{URL}{action}/", data)
        return response, [str(message) for message in get_messages(response.wsgi_request)]

    return posted


def declared():
    with as_owner() as cursor:
        cursor.execute("SELECT stock_ambiant, stock_15c FROM gouvernance.opening_stocks")
        return [(float(ambiant), float(v15c)) for ambiant, v15c in cursor.fetchall()]


def lines():
    with as_owner() as cursor:
        cursor.execute("SELECT count(*) FROM gouvernance.check_changes")
        return cursor.fetchone()[0]


def test_a_stock_is_declared_changed_and_withdrawn(post, place, admin, client_of):
    response, said = post("declare", {**place, "ambiant": "10 000,5", "v15c": "9950"})
    assert (response.status_code, response.url) == (302, URL)
    assert said == ["Stock d’ouverture déclaré."]
    assert declared() == [(10_000.5, 9950)]
    text = client_of(admin).get(URL).text
    assert "TANK3 · Dépôt Daipn, Gasoil" in text
    assert "10\u00a0000,5\u00a0L ambiant, 9\u00a0950\u00a0L à 15\u00a0°C" in text.replace(
        "\u202f", "\u00a0"
    )

    post("declare", {**place, "ambiant": "1", "v15c": "2"})
    assert declared() == [(1, 2)]

    response, said = post("withdraw", place)
    assert (response.status_code, said[-1]) == (302, "Stock d’ouverture retiré.")
    assert declared() == []
    text = client_of(admin).get(URL).text
    assert "Aucun stock d’ouverture déclaré." in text
    assert "Ambiant&nbsp;: 1\u00a0L → —" in text
    assert text.count(f"{admin} ·") == 3


def test_owners_of_one_tank_are_declared_apart(post, place):
    for owner in ("MONALUXE", "PARTENAIRE"):
        post("declare", {**place, "proprietaire": owner, "ambiant": "0", "v15c": "0"})
    assert declared() == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("citerne", ""),
        ("citerne", NOWHERE),
        ("citerne", "pas un uuid"),
        ("produit", "' OR 1=1"),
        ("proprietaire", "PERSONNE"),
        ("ambiant", "-1"),
        ("ambiant", "1000000001"),
        ("v15c", "NaN"),
        ("v15c", ""),
    ],
)
def test_what_is_not_possible_is_said_at_the_field_and_stays_typed(post, place, field, typed):
    data = {**place, "ambiant": "123", "v15c": "456", field: typed}
    response, said = post("declare", data)
    assert (response.status_code, said) == (400, [])
    assert set(response.context["form"].errors) == {field}
    assert 'value="123"' in response.text or field == "ambiant"
    assert declared() == []


def test_a_declaration_whose_tank_is_gone_can_be_withdrawn(post, place, admin, client_of):
    post("declare", {**place, "ambiant": "1", "v15c": "1"})
    with as_owner() as cursor:
        cursor.execute("DELETE FROM public.citernes")
    assert f"{str(place['citerne'])[:8]}… (introuvable)" in client_of(admin).get(URL).text
    post("withdraw", place)
    assert declared() == []


@pytest.mark.parametrize("key", [{}, {"citerne": "x"}, {"citerne": NOWHERE}])
def test_withdrawing_what_is_not_declared_says_so_and_leaves_no_line(post, place, key):
    response, (said,) = post("withdraw", {**place, **key})
    assert response.status_code == 302
    assert "n’est pas déclaré" in said
    assert lines() == 0


@pytest.mark.parametrize("who", ["directeur", "pca"])
def test_others_read_and_have_no_form(who, request, place, post, client_of):
    post("declare", {**place, "ambiant": "1", "v15c": "1"})
    client = client_of(request.getfixturevalue(who))
    text = client.get(URL).text
    assert "TANK3" in text
    assert "Retirer" not in text
    assert "Seul un administrateur" in text
    for action in ("declare", "withdraw"):
        assert client.post(f"{URL}{action}/", place).status_code == 403


def test_the_database_refuses_others_and_impossible_volumes(admin, directeur, place):
    key = (place["citerne"], place["produit"], place["proprietaire"])
    with pytest.raises(SpokenRefusal, match="administrateur"):
        declare_opening_stock(*key, actor=directeur, ambiant=1, v15c=1)
    for ambiant, v15c in ((-1, 1), (1, None), ("NaN", 1), (10**10, 1)):
        with pytest.raises(InvalidInput):
            declare_opening_stock(*key, actor=admin, ambiant=ambiant, v15c=v15c)
    declare_opening_stock(*key, actor=admin, ambiant=None, v15c=None)
    assert (declared(), lines()) == ([], 0), "nothing was declared, nothing is taken back"
