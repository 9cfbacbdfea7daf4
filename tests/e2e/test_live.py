"""A page that stays open stays current, moves nothing under a finger, and says when it can't."""

import re

import pytest
from playwright.sync_api import expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import DATABASE, LIST, fill_login, row_of
from tests.e2e.test_database_away import close_database, open_database

TRUCK, OTHER_TRUCK = "1234AB01", "5678CD05"
MOMENT = 31_000  # milliseconds: one refresh later


@pytest.fixture
def open_page(incident, signed_in):
    """A page of the product whose clock the test moves; nobody points at anything."""

    def opened(path=LIST, role=Role.DIRECTEUR, **options):
        page = signed_in(role, path="/login/", **options)
        page.clock.install()
        page.goto(path)
        page.evaluate("window.sameDocument = true")
        return page

    yield opened
    open_database()


@pytest.fixture
def page(open_page):
    return open_page()


def is_refresh(request):
    return "x-refresh" in request.headers


def refreshed(page, by=MOMENT):
    """Let so many milliseconds pass, and wait for what the page then asks the server."""
    with page.expect_response(lambda response: is_refresh(response.request)) as answer:
        page.clock.fast_forward(by)
    answer.value.finished()
    return answer.value


def run(sql, *values):
    with DATABASE.owner() as connection:
        connection.execute(sql, values)


def plant(message, severity="CRITICAL"):
    run(
        "INSERT INTO public.system_alerts (check_code, severity, entity_type, entity_id, message)"
        " VALUES ('X', %s, 'CDR', gen_random_uuid(), %s)",
        severity,
        message,
    )


def test_a_new_alert_changes_the_counters_and_waits_for_the_button(page, incident):
    expect(page.locator(".counter").first).to_have_text(re.compile("^3"))
    plant("une nouvelle")
    refreshed(page)
    expect(page.locator(".counter").first).to_have_text(re.compile("^4"))
    expect(page.locator("#live")).to_have_text("1 nouvelle, actualiser")
    expect(page.locator(".alert-row")).to_have_count(3)
    page.get_by_role("button", name="1 nouvelle, actualiser").click()
    expect(page.locator(".alert-row")).to_have_count(4)
    expect(page.locator(".alert-row", has_text="une nouvelle")).to_be_focused()
    expect(page.locator("#live")).to_be_empty()
    assert page.evaluate("window.sameDocument")


def test_what_is_picked_stays_picked_when_the_new_rows_are_taken_in(page):
    page.locator(".alert-row", has_text=TRUCK).get_by_role("checkbox").check()
    page.get_by_label("Action").select_option("Confier")
    plant("la première")
    plant("la seconde")
    refreshed(page)
    page.get_by_role("button", name="2 nouvelles, actualiser").click()
    expect(page.locator(".alert-row")).to_have_count(5)
    expect(page.locator(".alert-row", has_text=TRUCK).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    expect(page.locator(".picked")).to_have_text("1 alerte sélectionnée")
    expect(page.get_by_label("Action")).to_have_value("assign")


def test_a_row_taken_in_can_be_handled_in_place(page, incident):
    plant("une nouvelle")
    refreshed(page)
    page.get_by_role("button", name="1 nouvelle, actualiser").click()
    row = page.locator(".alert-row", has_text="une nouvelle")
    row.get_by_role("button", name="Acquitter").click()
    expect(row).to_contain_text("Acquittée par Directeur de test")
    assert page.evaluate("window.sameDocument")


def test_what_another_person_did_is_shown_in_place_while_nobody_is_at_the_rows(page, incident):
    alert = incident.alert(TRUCK)
    run("UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s", alert)
    refreshed(page)
    expect(row_of(page, alert).locator(".alert-state")).to_contain_text("Acquittée")
    expect(page.locator("#live")).to_be_empty()
    assert page.evaluate("window.sameDocument")


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)], ids=["wide", "phone"])
def test_no_row_changes_under_the_pointer(page, incident, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    alert = incident.alert(TRUCK)
    row_of(page, alert).hover()
    run("UPDATE public.system_alerts SET status = 'ACK' WHERE id = %s", alert)
    refreshed(page)
    expect(page.locator("#live")).to_have_text("La liste a changé, actualiser")
    expect(row_of(page, alert).locator(".alert-state")).to_contain_text("Ouverte")
    page.mouse.move(0, 0)
    expect(row_of(page, alert).locator(".alert-state")).to_contain_text("Acquittée")
    expect(page.locator("#live")).to_be_empty()


def test_a_row_that_leaves_waits_for_the_button_and_the_focus_stays_on_its_row(page, incident):
    leaving, kept = incident.alert(TRUCK), incident.alert(OTHER_TRUCK)
    page.locator(f"#ack-{kept}").focus()
    run("UPDATE public.system_alerts SET status = 'RESOLVED' WHERE id = %s", leaving)
    refreshed(page)
    expect(page.locator(".counter").first).to_have_text(re.compile("^2"))
    expect(row_of(page, leaving)).to_be_visible()
    expect(page.locator(f"#ack-{kept}")).to_be_focused()
    page.get_by_role("button", name="La liste a changé, actualiser").press("Enter")
    expect(row_of(page, leaving)).to_have_count(0)
    expect(row_of(page, kept)).to_be_focused()


def test_an_evaluation_that_found_the_same_disturbs_nobody(page, incident):
    box = page.locator(".alert-row", has_text=TRUCK).get_by_role("checkbox")
    box.check()
    run("SELECT gouvernance.sync_alerts()")
    assert refreshed(page).status == 200
    expect(page.locator("#summary")).to_contain_text("à l’instant")
    expect(page.locator("#live")).to_be_empty()
    expect(page.locator("#live-figures")).to_be_empty()
    expect(box).to_be_checked()
    assert refreshed(page).status == 304


def test_only_a_change_of_the_figures_is_read_aloud(page):
    refreshed(page)
    expect(page.locator("#live-figures")).to_be_empty()
    plant("une nouvelle")
    refreshed(page)
    expect(page.get_by_role("status").filter(has_text="4 alertes")).to_have_text(
        "4 alertes, 2 CRITICAL, 2 WARN, sur 4 alertes"
    )


@pytest.mark.parametrize("scrolled", [0, 150])
def test_a_banner_that_appears_moves_no_row(page, scrolled):
    page.set_viewport_size({"width": 360, "height": 500})
    page.evaluate("y => scrollTo(0, y)", scrolled)
    row = page.locator(".alert-row").first
    before = row.bounding_box()["y"]
    run("UPDATE gouvernance.check_runs SET anomalies = NULL, failure = 'délai dépassé'")
    refreshed(page)
    expect(page.locator(".failing-checks")).to_contain_text("contrôles en échec")
    assert row.bounding_box()["y"] == pytest.approx(before, abs=1)


def test_a_page_that_cannot_be_refreshed_says_since_when_until_it_can(page, incident):
    refreshed(page)
    close_database()
    assert refreshed(page).status == 503
    expect(page.locator("#live")).to_contain_text(
        re.compile(r"Actualisation interrompue depuis \d\d:\d\d\.")
    )
    expect(page.locator(".alert-row")).to_have_count(3)
    open_database()
    plant("une nouvelle")
    page.get_by_role("button", name="Réessayer").press("Enter")
    expect(page.get_by_role("button", name="1 nouvelle, actualiser")).to_be_focused()


def test_a_server_that_does_not_answer_is_asked_less_and_less(page):
    asked = []
    page.on("requestfailed", lambda request: asked.append(request.url))
    page.route("**/*", lambda route: route.abort())
    for wait in (31_000, 61_000, 121_000):
        with page.expect_event("requestfailed"):
            page.clock.fast_forward(wait)
        page.clock.fast_forward(wait - 5_000)  # less than twice as long
        expect(page.locator("#live")).to_contain_text("Actualisation interrompue")
    assert len(asked) == 3


def test_a_session_that_ended_is_said_with_the_way_back(page, incident):
    page.goto(f"{LIST}?severity=WARN")
    page.context.clear_cookies(name="sessionid")
    assert refreshed(page).status == 401
    expect(page.locator("#live")).to_contain_text("Votre session est terminée.")
    expect(page.locator(".alert-row")).to_have_count(2)
    page.get_by_role("link", name="Se connecter").click()
    fill_login(page, Role.DIRECTEUR)
    expect(page).to_have_url(f"{incident.url}{LIST}?severity=WARN")


def test_rights_that_were_lost_are_said_and_nothing_more_is_asked(page):
    run("DELETE FROM public.profils")
    assert refreshed(page).status == 403
    expect(page.locator("#live")).to_contain_text("Vous n’avez plus accès à cette page.")
    expect(page.get_by_role("link", name="Recharger la page")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if is_refresh(request) else None)
    page.clock.fast_forward(10 * MOMENT)
    page.evaluate("1")
    assert asked == []


def test_another_role_or_account_is_never_shown_in_the_page_of_the_first(page):
    run("UPDATE gouvernance.mlpp_gov_user SET role = 'pca' WHERE role = 'directeur'")
    plant("une nouvelle")
    refreshed(page)
    expect(page.locator("#live")).to_contain_text("Votre compte, votre rôle")
    expect(page.locator(".counter").first).to_have_text(re.compile("^3"))
    page.get_by_role("link", name="Recharger la page").click()
    expect(page.locator(".alert-row", has_text="une nouvelle")).to_be_visible()


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_seen_again(page):
    def visible(is_visible):
        page.evaluate(
            "hidden => { Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            not is_visible,
        )

    asked = []
    page.on("request", lambda request: asked.append(request.url) if is_refresh(request) else None)
    visible(False)
    page.clock.fast_forward(10 * MOMENT)
    page.evaluate("1")
    assert asked == []
    plant("une nouvelle")
    visible(True)
    expect(page.locator("#live")).to_have_text("1 nouvelle, actualiser")
    assert len(asked) == 1


def test_after_a_filter_the_new_address_is_asked(page):
    page.get_by_label("Sévérité").select_option("WARN")
    expect(page.locator(".alert-row")).to_have_count(2)
    plant("une critique")
    assert "severity=WARN" in refreshed(page).url
    expect(page.locator(".of-all")).to_have_text("sur 4 alertes")
    expect(page.locator("#live")).to_be_empty()


def test_an_action_takes_in_what_was_waiting(page, incident):
    plant("une nouvelle")
    refreshed(page)
    expect(page.locator("#live")).to_have_text("1 nouvelle, actualiser")
    row_of(page, incident.alert(TRUCK)).get_by_role("button", name="Acquitter").click()
    expect(page.locator(".alert-row")).to_have_count(4)
    expect(page.locator("#live")).to_be_empty()


def test_ages_are_those_of_the_server_whatever_this_clock_says(incident, signed_in):
    page = signed_in(Role.PCA, path="/login/")
    page.clock.install(time="2020-01-01")
    page.goto(LIST)
    refreshed(page)
    age = page.locator(".evaluation time")
    expect(age).to_have_text("à l’instant")
    page.evaluate(
        "document.querySelector('.evaluation time').dateTime ="
        " new Date(Date.parse(document.querySelector('.evaluation time').dateTime) - 3 * 3600e3).toISOString()"
    )
    assert refreshed(page).status == 304
    expect(age).to_have_text("il y a 3\u00a0h")


def test_the_cockpit_shows_what_is_to_handle_now(open_page):
    page = open_page("/governance/", Role.PCA)
    plant("une nouvelle")
    refreshed(page)
    expect(page.locator("#state .critical")).to_have_text(re.compile(r"^2\s+CRITICAL"))
    expect(page.locator("#live")).to_be_empty()
    expect(page.locator("#live-figures")).to_contain_text("2 CRITICAL")
    close_database()
    assert refreshed(page).status == 503
    expect(page.locator("#live")).to_contain_text("Actualisation interrompue depuis")
