"""What holds for every page, wide and on a phone: see WIDE, PHONE and the two walks at the end."""

from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from mlpp_gov.roles import Role
from tests.e2e.cockpit import LIST

LONG = (
    "Citerne au nom très long " + "sans_aucune_coupure" * 5 + " dépasse sa capacité de 12 400 L, "
)
LONG += "tous propriétaires confondus. " * 3
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "color_scheme": "dark",
    "reduced_motion": "reduce",
}
# 320 is what WCAG 2.2 asks of reflow (1.4.10), 640 a screen of 1280 zoomed to 200 % (1.4.4).
NARROW = (360, 320, 640, 768)
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((seen) => {
    for (const shift of seen.getEntries())
      for (const { node } of shift.sources)
        shifts.push(`${shift.value.toFixed(4)} ${node?.outerHTML?.slice(0, 80) ?? node?.nodeName}`);
  }).observe({ type: "layout-shift", buffered: true });
"""
MOVING = """
  [...document.querySelectorAll("*")].filter((element) => {
    const { transitionDuration, animationName } = getComputedStyle(element);
    return /[1-9]/.test(transitionDuration) || animationName !== "none";
  }).map((element) => element.outerHTML.slice(0, 80))
"""


@pytest.fixture
def long_message(incident):
    """The id of an alert that nothing can shorten: 200 characters, words without a break."""
    (alert,) = incident.ask(
        "INSERT INTO public.system_alerts"
        " (check_code, severity, entity_type, entity_id, message, payload)"
        " VALUES (%s, 'CRITICAL', 'CITERNE_STOCK', gen_random_uuid(), %s,"
        " jsonb_build_object('cle', repeat('x', 400))) RETURNING id",
        "UN_CONTROLE_DONT_LE_CODE_NE_SE_COUPE_PAS",
        LONG[:200],
    )
    return alert


@pytest.fixture
def long_notification(incident):
    """The id of a message that nothing can shorten, given up after a long reason."""
    (message,) = incident.ask(
        "INSERT INTO gouvernance.notification_messages (rule, topic, recipient, state, subject, body)"
        " VALUES (1, 'opened', 'channel:' || repeat('a', 30), 'given_up', %s, %s) RETURNING id",
        LONG,
        f"{LONG}\n\nhttps://gouvernance.example.org/" + "chemin_sans_fin" * 20,
    )
    incident.ask(
        "INSERT INTO gouvernance.notification_attempts"
        " (message, started_at, finished_at, outcome, failure)"
        " VALUES (%s, now(), now(), 'failed', repeat('raison_sans_coupure', 8)) RETURNING id",
        message,
    )
    return message


@pytest.fixture
def long_deployment(incident):
    """(a deployment under way, a post-mortem owed), of a tag and with texts that nothing can shorten."""
    person = incident.people[Role.PCA]
    (release,) = incident.ask(
        "INSERT INTO gouvernance.releases (tag, commit, category, person, role)"
        " VALUES (repeat('tag_sans_coupure_', 5), repeat('0c5c2b7f', 5), 'MAINTENANCE', %s, 'admin')"
        " RETURNING id",
        person,
    )
    incident.ask(
        "INSERT INTO gouvernance.gates (release, configuration, person, role)"
        " VALUES (%s, '{}', %s, 'admin') RETURNING id",
        release,
        person,
    )
    (deployment,) = incident.ask(
        "INSERT INTO gouvernance.deployments (release, environment, kind, state, operator, gate,"
        " authorised_by, authorised_role, authorised_at, started_at, deployed_at, backup_reference,"
        " rollback_plan)"
        " SELECT %s, 'production', 'deployment', 'validation', gen_random_uuid(), id, %s, 'pca', now(),"
        " now(), now(), repeat('sauvegarde_sans_coupure', 9), repeat('plan_sans_coupure', 20)"
        " FROM gouvernance.gates WHERE release = %s RETURNING id",
        release,
        person,
        release,
    )
    incident.ask(
        "INSERT INTO gouvernance.release_incidents"
        " (environment, deployment, severity, description, person, role)"
        " VALUES ('production', %s, 'minor', %s, %s, 'pca') RETURNING id",
        deployment,
        LONG,
        person,
    )
    incident.ask(
        "INSERT INTO gouvernance.release_events (kind, deployment, refused, person, role, details)"
        " VALUES ('deployment_started', %s, true, %s, 'pca',"
        " jsonb_build_object('unmet', gouvernance.unmet('x', %s))) RETURNING id",
        deployment,
        person,
        LONG,
    )
    (post_mortem,) = incident.ask(
        "WITH rollback AS (INSERT INTO gouvernance.deployments"
        " (release, environment, kind, state, operator, replaces, reason, started_at)"
        " VALUES (%s, 'production', 'rollback', 'execution', %s, %s, %s, now()) RETURNING id)"
        " INSERT INTO gouvernance.post_mortems (rollback, due_on)"
        " SELECT id, current_date + 5 FROM rollback RETURNING id",
        release,
        person,
        deployment,
        LONG,
    )
    return deployment, post_mortem


@pytest.fixture
def long_release(incident):
    """The tag of a release that nothing can shorten, with an open gate and a refusal."""
    tag = "v" + "9" * 99
    incident.ask(
        "WITH release AS ("
        "   INSERT INTO gouvernance.releases (tag, commit, category, notes, person, role)"
        "   VALUES (%s, repeat('a', 40), 'POST-PROD FEATURE', %s, gen_random_uuid(), 'admin')"
        "   RETURNING id"
        "), gate AS ("
        "   INSERT INTO gouvernance.gates (release, configuration, person, role)"
        "   SELECT id, jsonb_build_object('staging', repeat('a', 64)), gen_random_uuid(), 'admin'"
        "   FROM release RETURNING id"
        "), answer AS ("
        "   INSERT INTO gouvernance.checklist_answers (gate, item, verdict, evidence, person, role)"
        "   SELECT id, 'git_main', 'ok', 'https://ci.example.org/' || repeat('x', 300),"
        "       gen_random_uuid(), 'admin' FROM gate"
        ") INSERT INTO gouvernance.release_events (kind, release, refused, role, details)"
        " SELECT 'deployment_authorised', id, true, 'admin', jsonb_build_object('unmet',"
        "   jsonb_build_array(jsonb_build_object('code', 'x', 'said', repeat('sans_coupure', 30))))"
        " FROM release RETURNING id",
        tag,
        LONG,
    )
    return tag


@pytest.fixture
def every_page(
    new_page, signed_in, long_message, long_notification, long_release, long_deployment, incident
):
    """Each kind of page of the cockpit, as (browser page, path) to go to."""

    def visits(**options):
        for path in ("/login/", "/password/", "/password/sent/", "/password/MQ/perime/"):
            yield new_page(**options), path
        yield signed_in(Role.GERANT, **options), LIST  # 403
        page = signed_in(Role.DIRECTEUR, **options)
        for path in (
            LIST,
            f"{LIST}?q=introuvable",
            f"{LIST}?severity=FATAL",  # 400
            f"{LIST}{long_message}/",
            f"{LIST}{long_message}/evidence/",
            f"{LIST}{incident.alert('stock négatif')}/evidence/",
            f"{LIST}since/",
            "/governance/search/",
            "/governance/search/?q=citerne",
            "/governance/search/?q=introuvable",
            f"/governance/search/?q={LONG}",  # 400
            f"{LIST}checks/",
            f"{LIST}checks/STOCK_NEGATIF/",
            f"{LIST}checks/stocks-ouverture/",
            f"{LIST}astm53b/",
            f"{LIST}astm53b/approve/",
            f"{LIST}astm53b/?tank=rien",  # 400
            "/governance/",
            "/governance/?span=abc",  # 400
            "/governance/periods/",
            "/governance/report/",
            "/governance/service-levels/",
            "/governance/notifications/",
            f"/governance/notifications/messages/{long_notification}/",
            "/governance/notifications/messages/",
            "/governance/notifications/messages/?state=sending",
            "/governance/notifications/messages/?page=x",  # 400
            "/governance/rls/",
            "/governance/journal/",
            "/governance/journal/?event=rien",  # 400
            "/governance/releases/",
            "/governance/releases/?page=x",  # 400
            "/governance/releases/register/",
            f"/governance/releases/{long_release}/",
            f"/governance/releases/{long_release}/gate/open/",
            f"/governance/releases/{long_release}/gate/git_main/",
            "/governance/releases/freeze/",
            "/governance/deployments/",
            "/governance/deployments/?state=rien",  # 400
            "/governance/deployments/open/",
            "/governance/deployments/rollback/",
            f"/governance/deployments/{long_deployment[0]}/",
            f"/governance/deployments/{long_deployment[0]}/report/",
            f"/governance/deployments/post-mortems/{long_deployment[1]}/",
            "/governance/operations/",
            "/governance/operations/ASTM53B/",
            "/governance/operations/new/",
            "/governance/phase2/",
            "/governance/phase2/2/",
            "/governance/phase2/2/update/",
            "/governance/nulle-part/",  # 404
            "/account/",
            "/account/password/",
            "/account/second-factor/",
            "/design/",
        ):
            yield page, path
        yield signed_in(Role.ADMIN, **options), "/governance/notifications/"
        page = signed_in(Role.ADMIN, **options)
        yield page, f"/governance/releases/freeze/?release={long_release}"
        yield page, "/governance/releases/tokens/"
        yield page, "/governance/notifications/rules/add/"
        yield page, "/governance/notifications/rules/1/"

    return visits


def test_handling_an_alert_does_not_make_the_console_complain(incident, signed_in):
    page = signed_in(Role.DIRECTEUR)
    complaints = complaints_of(page)
    page.get_by_role("button", name="Acquitter").first.click()
    expect(page.locator("#messages")).to_have_text("Alerte acquittée.")
    page.get_by_label("Sévérité").select_option("WARN")
    expect(page.locator(".alert-row")).to_have_count(2)
    assert complaints == []


def complaints_of(page):
    """What the console says from now on, a Content-Security-Policy violation included.

    The browser also writes there that the page itself answered 404: that is no fault of the page.
    """
    complaints = []

    def hear(message):
        of_the_page_itself = message.location["url"] == page.url and "status of 4" in message.text
        if message.type in ("error", "warning") and not of_the_page_itself:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def violations(page: Page, *tags: str, rule: str = "") -> list[str]:
    """What axe-core has against the page as it is now: rule, then element."""
    only = {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": list(tags)}
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE)
    found = page.evaluate(
        "options => axe.run(options)", {"runOnly": only, "resultTypes": ["violations"]}
    )
    return [
        f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_every_page_on_a_wide_screen(every_page, subtests):
    for page, path in every_page(**WIDE):
        complaints = complaints_of(page)
        page.goto(path)
        with subtests.test("says its environment and its release", path=path):
            footer = page.get_by_role("contentinfo")
            expect(footer).to_contain_text("Environnement : development")
            expect(footer).to_contain_text("Version : v0.0.0+0000000")
        with subtests.test("is accessible", path=path):
            assert violations(page, *RULES) == []
        page.emulate_media(color_scheme="dark")
        with subtests.test("has contrast in the dark", path=path):
            assert violations(page, rule="color-contrast") == []
        page.emulate_media(color_scheme="light")
        with subtests.test("makes no complaint in the console", path=path):
            assert complaints == []


def test_every_page_on_a_phone(every_page, subtests):
    for page, path in every_page(**PHONE):
        page.goto(path)
        with subtests.test("does not move while it loads", path=path):
            page.evaluate(WATCH_SHIFTS)
            assert page.evaluate("new Promise(requestAnimationFrame).then(() => shifts)") == []
        with subtests.test("does not move for who asked for it", path=path):
            assert page.evaluate(MOVING) == []
        with subtests.test("is accessible", path=path):
            assert violations(page, *RULES) == []
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 740})
            with subtests.test("does not scroll sideways", path=path, width=width):
                assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [
                    width,
                    width,
                ]
        page.set_viewport_size(PHONE["viewport"])
        page.emulate_media(color_scheme="light")
        with subtests.test("has contrast in the light", path=path):
            assert violations(page, rule="color-contrast") == []
        page.emulate_media(color_scheme="dark")
