"""Adding a second factor on a telephone, then signing in with it, without JavaScript too."""

import re
from base64 import b32decode

import pytest
from django_otp.oath import totp
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST, fill_login

PHONE = {"width": 360, "height": 740}


def code_of(key, *, steps_ahead=0):
    return f"{totp(key, drift=steps_ahead):06}"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_person_adds_a_second_factor_and_signs_in_with_it(new_page, javascript):
    page = new_page(viewport=PHONE, java_script_enabled=javascript)
    page.goto("/login/")
    fill_login(page, Role.DIRECTEUR)
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Directeur de test").click()
    page.get_by_role("link", name="L’ajouter").click()
    expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    key = b32decode(page.locator(".hint code").inner_text().replace(" ", ""))

    page.get_by_label("Code", exact=True).fill(code_of(key))
    page.get_by_role("button", name="Ajouter").click()
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", recovery)
    page.get_by_role("link", name="Je les ai notés").click()
    expect(page.get_by_text("Codes de secours restants")).to_contain_text("10")
    for path in ("remove", "codes"):
        page.goto(f"/account/second-factor/{path}/")
        expect(page.get_by_label("Code", exact=True)).to_be_focused()

    page.locator(".menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    fill_login(page, Role.DIRECTEUR)
    field = page.get_by_label("Code", exact=True)
    expect(field).to_be_focused()
    field.fill(code_of(key, steps_ahead=1))
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile(f"{LIST}$"))

    page.locator(".menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    fill_login(page, Role.DIRECTEUR)
    page.get_by_label("Code", exact=True).fill(recovery)
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile(f"{LIST}$"))
