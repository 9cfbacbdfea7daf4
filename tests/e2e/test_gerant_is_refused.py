"""A gerant gets a refusal that says what is missing, whom to ask, and how to leave."""

from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST


def test_the_page_names_the_missing_right_and_who_has_it(incident, signed_in):
    page = signed_in(Role.GERANT)
    expect(page.get_by_role("heading", name="Accès refusé")).to_be_visible()
    expect(page.locator("main")).to_contain_text(
        "Votre rôle (Gérant) ne donne pas le droit de consulter les écrans de gouvernance."
    )
    expect(page.locator("main")).to_contain_text("Administrateur, Directeur, PCA")
    expect(page.locator("main")).to_contain_text("demandez ce droit à un administrateur")
    response = page.goto(LIST)
    assert response.status == 403


def test_the_page_lets_one_sign_out(incident, signed_in):
    page = signed_in(Role.GERANT)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    page.goto(LIST)
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
