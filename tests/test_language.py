"""French by default, English for who chooses it."""

import pytest
from django.test import Client

from mlpp_gov.models import User

pytestmark = pytest.mark.django_db


def test_a_stranger_chooses_english_and_goes_back_to_the_page() -> None:
    stranger = Client()

    response = stranger.post("/language/", {"language": "en", "next": "/login/?next=/account/"})

    assert response["Location"] == "/login/?next=/account/"
    page = stranger.get("/login/")
    assert page["Content-Language"] == "en"
    assert '<html lang="en">' in page.text
    assert "Skip to content" in page.text


def test_what_a_person_chose_follows_them_to_another_machine(client_of, directeur) -> None:
    client_of(directeur).post("/language/", {"language": "en"})

    elsewhere = client_of(User.objects.get(pk=directeur.pk))
    assert elsewhere.get("/account/")["Content-Language"] == "en"
    assert elsewhere.cookies["language"].value == "en"
    assert elsewhere.get("/nulle-part/")["Content-Language"] == "en"


def test_another_language_is_refused_with_the_field(client_of, directeur) -> None:
    response = client_of(directeur).post("/language/", {"language": "de"})

    assert response.status_code == 400
    assert "Le champ « language »" in response.text


def test_the_way_back_stays_on_this_site(client_of, directeur) -> None:
    response = client_of(directeur).post(
        "/language/", {"language": "en", "next": "https://ailleurs.example.org/"}
    )

    assert response["Location"] == "/"


def test_an_open_page_is_asked_again_once_the_language_changed(client_of, directeur) -> None:
    client = client_of(directeur)
    page = "/governance/integrity/"
    tag = client.get(page, headers={"X-Refresh": "1"})["ETag"]
    unchanged = {"X-Refresh": "1", "If-None-Match": tag}
    assert client.get(page, headers=unchanged).status_code == 304

    client.post("/language/", {"language": "en"})

    assert client.get(page, headers=unchanged).status_code == 200
