"""From anywhere: what has a name, a plate or an identifier is one field away."""

from uuid import uuid4

import pytest
from django.utils.html import escape

from integrity.search.reading import LOOKED_AT
from tests import business
from tests.database import as_owner

URL = "/governance/search/"
LIST = "/governance/integrity/"


@pytest.fixture
def look(directeur, client_of):
    """Search as a directeur; returns the response."""
    client = client_of(directeur)
    return lambda text: client.get(URL, {"q": text})


@pytest.fixture
def depot(db):
    """A tank, a truck with a journey, a trailer and a sortie; their ids by kind."""
    with as_owner() as cursor:
        tank = business.citerne(cursor, nom="TANK3")
        business.snapshot(cursor, tank, 50_000)
        truck = business.cdr(cursor, statut="ARRIVE", plaque_camion="1234 AB-01")
        return {
            "tank": tank,
            "truck": truck,
            "reception": business.reception(cursor, tank),
            "sortie": business.sortie(cursor, tank, plaque_camion="1234AB01"),
        }


def found(response):
    """Each group's name and what it holds, then the alerts."""
    groups = {
        group.title: [thing.name for thing in group.things] for group in response.context["groups"]
    }
    alerts = [alert.message for alert in response.context["found"].alerts]
    return groups | ({"Alertes": alerts} if alerts else {})


@pytest.mark.parametrize("text", ["tank3", "Tank 3", "TANK-3", " ank3 "])
def test_a_tank_is_found_by_its_name_however_it_is_typed(look, depot, text):
    assert found(look(text)) == {"Citernes": ["TANK3 · Dépôt Daipn"]}


@pytest.mark.parametrize("text", ["1234AB01", "1234 ab 01", "34-AB", "b-01"])
def test_a_truck_is_found_by_its_plate_or_a_part_of_it_and_is_one_truck(look, depot, text):
    response = look(text)
    assert len(found(response)["Camions"]) == 1
    assert "Arrivé · aucune alerte" in response.text


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("tank", "Citernes"),
        ("truck", "Camions"),
        ("reception", "Réceptions"),
        ("sortie", "Sorties"),
    ],
)
def test_whatever_has_the_uuid_leads_to_the_alerts_about_it(
    look, depot, make_alert, directeur, client_of, kind, title
):
    make_alert(entity_id=depot[kind], message="la sienne", status="RESOLVED")
    make_alert(message="une autre")
    for text in (str(depot[kind]), depot[kind].hex.upper()):
        response = look(text)
        (group,) = response.context["groups"]
        assert group.title == title
        (thing,) = group.things
        assert (thing.alerts, thing.active) == (1, 0)
        assert thing.url == f"{LIST}?q={depot[kind]}&status=all"
    listed = client_of(directeur).get(thing.url).context["page"].object_list
    assert [row.alert.message for row in listed] == ["la sienne"]


def test_the_uuid_of_an_alert_leads_straight_to_it(look, make_alert):
    alert = make_alert()
    for text in (str(alert), str(alert).upper(), f" {{{alert}}} "):
        response = look(text)
        assert (response.status_code, response["Location"]) == (302, f"{LIST}{alert}/")


def test_words_of_an_alert_find_it_whatever_their_order_and_those_to_handle_come_first(
    look, make_alert
):
    make_alert(message="Citerne TANK9 : réglée", severity="CRITICAL", status="RESOLVED")
    make_alert(message="Citerne TANK9 : jaune")
    make_alert(message="Citerne TANK9 : rouge", severity="CRITICAL", status="ACK")
    make_alert(message="Citerne TANK8 : rouge")
    response = look("tank9 citerne")
    assert found(response) == {
        "Alertes": [f"Citerne TANK9 : {which}" for which in ("rouge", "jaune", "réglée")]
    }
    assert "retour=%2Fgovernance%2Fsearch%2F%3Fq%3Dtank9" in response.text
    assert response.text.count("/evidence/") == 3


def test_a_check_is_found_by_its_code_or_its_words(look):
    assert found(look("stock_negatif")) == {"Contrôles": ["Stock négatif · STOCK_NEGATIF"]}
    response = look("accès suspects")
    assert found(response) == {"Contrôles": ["Accès suspects · ACCES_SUSPECTS"]}
    assert f"{LIST}?q=ACCES_SUSPECTS" in response.text


def test_a_list_that_is_cut_says_so_and_shows_what_is_open(look, make_alert):
    with as_owner() as cursor:
        tanks = [business.citerne(cursor, nom=f"TANK {number}") for number in range(25)]
    for number in range(22):
        make_alert(
            message=f"alerte de cuve {number}", entity_id=tanks[24], check_code=f"CUVE_{number}"
        )
    things = look("tank").context["groups"][0]
    assert (things.total, len(things.things)) == (25, 20)
    assert (things.things[0].name, things.things[0].active) == ("TANK 24 · Dépôt Daipn", 22)
    response = look("alerte cuve")
    assert "20 premiers sur 22" in response.text
    assert f"{LIST}?q=alerte+cuve&amp;status=all" in response.text


def test_only_the_last_journeys_are_looked_at_and_the_page_says_that_there_may_be_more(look, db):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO public.cours_de_route (plaque_camion, statut, created_at)"
            " SELECT 'ZZ' || n, 'DECHARGE', now() - n * interval '1 day' FROM generate_series(1, %s) AS n",
            [LOOKED_AT + 1],
        )
    response = look("zz")
    assert "20 premiers sur plus de 1000" in response.text.replace("\u202f", "").replace("\xa0", "")
    assert found(response)["Camions"][0] == "ZZ1"


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 200, "Que cherchez-vous"),
        ("   ", 200, "Que cherchez-vous"),
        ("a", 400, "Tapez au moins 2 caractères."),
        ("x" * 201, 400, "Au plus 200 caractères"),
        ("x" * 10_000, 400, "Au plus 200 caractères"),
        ("a\0b", 400, "contient un caractère interdit (NUL)"),
        ("%%", 200, "Rien de ce nom."),
        ("__", 200, "Rien de ce nom."),
        ("--", 200, "Rien de ce nom."),
        ("' OR 1=1 --", 200, "Rien de ce nom."),
        (r"\%", 200, "Rien de ce nom."),
        ("﷽ ﷽", 200, "Rien de ce nom."),
    ],
)
def test_whatever_is_typed_gets_an_answer_in_french(
    look, depot, make_alert, text, status, sentence
):
    make_alert()
    response = look(text)
    assert response.status_code == status
    assert sentence in response.text
    assert (f'value="{escape(text)}"' in response.text) == ("\0" not in text)


def test_a_stranger_uuid_finds_nothing(look, depot, make_alert):
    make_alert()
    assert "Rien de ce nom." in look(uuid4()).text


def test_the_field_is_on_every_page_of_those_who_may_search_and_of_nobody_else(
    client_of, pca, gerant
):
    assert f'action="{URL}"' in client_of(pca).get("/account/").text
    assert client_of(pca).get(URL, {"q": "tank"}).status_code == 200
    assert f'action="{URL}"' not in client_of(gerant).get("/account/").text
    assert client_of(gerant).get(URL, {"q": "tank"}).status_code == 403


def test_the_number_of_queries_is_bounded(look, depot, make_alert, django_assert_max_num_queries):
    for _ in range(30):
        make_alert(message="tank3 en défaut")
    with django_assert_max_num_queries(
        11
    ):  # 8; the savepoint and the reset of a test's transaction
        look("tank3")
