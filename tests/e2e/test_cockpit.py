"""The cockpit in a browser: from a figure to what it counts, and the report on one sheet."""

import re

from playwright.sync_api import expect

from mlpp_gov.roles import Role


def test_the_navigation_leads_to_the_cockpit_and_a_tile_to_the_alerts_it_counts(
    incident, signed_in
):
    page = signed_in(Role.DIRECTEUR, java_script_enabled=False)
    page.get_by_role("link", name="Cockpit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cockpit")
    page.get_by_role("link", name=re.compile(r"^1\s+CRITICAL")).click()
    expect(page.locator(".alert-row")).to_have_count(1)


def test_a_figure_leads_to_its_periods_and_a_period_to_its_alert(incident, signed_in):
    page = signed_in(Role.PCA, path="/governance/")
    page.get_by_role("link", name=re.compile(r"^3\s+Ouvertes")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ouvertes")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("link", name="stock négatif").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("stock négatif")


def test_the_weekly_report_prints_on_one_sheet(incident, signed_in):
    incident.ask(  # one period of every check of the catalogue, last week
        "WITH planted AS (INSERT INTO public.system_alerts"
        " (check_code, severity, entity_type, entity_id, message, first_detected_at)"
        " SELECT code, 'WARN', 'CDR', gen_random_uuid(), code, now() - interval '7 days'"
        " FROM gouvernance.checks RETURNING id) SELECT count(*) FROM planted"
    )
    page = signed_in(Role.DIRECTEUR, path="/governance/report/")
    expect(page.locator("tbody tr").filter(has_text="Stock négatif")).to_have_count(1)
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sheets) == 1
