"""What the releases' first page says, and its page of one release, as each who governs sees them."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mlpp_gov.models import User
from releases import acts
from releases.gate.reading import read_gate
from releases.recommendation import recommend
from releases.register import reading
from releases.timetravel import let_time_pass
from tests.database import as_owner
from tests.releases.conftest import CONFIGURATION, Team

OVERVIEW = "/governance/releases/"
Get = Callable[..., Any]


def text_of(response: Any) -> str:
    """What a person reads of the page, the spaces of one kind."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@pytest.fixture
def get(admin: User, client_of: Callable[[User], Client]) -> Get:
    client = client_of(admin)
    return lambda path=OVERVIEW, **params: client.get(path, params)


def proposed() -> tuple[str, bool] | None:
    """The scenario that is proposed, and whether nothing is missing."""
    found = recommend(read_gate(None), reading.present())
    return (found.scenario, not found.missing) if found else None


def test_where_nothing_is_known_the_page_says_so(get: Get) -> None:
    text = text_of(get())
    assert text.count("inconnu aucun déploiement n’est passé par ici") == 2
    assert "rien n’est encore enregistré" in text
    assert "v0.0.0+0000000 environnement development" in text
    assert "Aucun acte n’a été refusé" in text


def test_the_proposed_scenario_follows_the_decision_matrix(team: Team, get: Get) -> None:
    assert proposed() is None, "nothing is registered"
    release = team.register(0)
    assert proposed() == ("gate", True)
    team.pass_gate(release, besides=("git_main",))
    assert proposed() == ("A", False)
    assert "Commit présent sur main : sans réponse" in text_of(get())
    acts.answer_gate(release, item="git_main", verdict="ok", evidence="Vu.", actor=team.admin)
    assert proposed() == ("A", True)
    deployment = team.prepare(release, "staging")
    assert recommend(read_gate(None), reading.present()).under_way.id == deployment
    team.deploy(deployment)
    team.validate(deployment)
    assert proposed() == ("B", False), "48 hours are not over"
    team.time_passes(hours=49)
    team.night("0c5c2b7", days_ago=1)
    team.night("0c5c2b7")
    assert proposed() == ("B", True)
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    assert proposed() == ("C", True)
    acts.end_freeze(purpose="planned", why="Clôture faite.", actor=team.pca)
    acts.report_change(release, cause="code", reason="Un commit de plus.", actor=team.admin)
    assert proposed() == ("gate", True)
    assert "Le dernier gate est nul : Un commit de plus." in text_of(get())


def test_what_staging_no_longer_runs_goes_there_again_and_what_is_overtaken_goes_nowhere(
    team: Team, get: Get
) -> None:
    first, second = team.register(0), team.register(1)
    for release in (first, second):
        team.pass_gate(release)
        team.succeed_in("staging", release)
    assert "Et maintenant : Scénario A" in text_of(get("/governance/releases/v1.0.0/"))
    assert "Et maintenant : Scénario B" in text_of(get("/governance/releases/v1.1.0/"))
    team.time_passes(hours=49)
    team.night("1d6d3c8", days_ago=1)
    team.night("1d6d3c8")
    team.succeed_in("production", second)
    assert "Et maintenant" not in text_of(get("/governance/releases/v1.0.0/"))
    assert "la dernière enregistrée est déjà passée en production" in text_of(get())


def test_what_runs_what_is_owed_and_what_was_refused_is_on_the_first_page(
    team: Team, get: Get
) -> None:
    first, _ = team.bring_to_production(1)
    team.bring_to_production(2)
    team.roll_back()
    deployment = acts.open_deployment(
        first, environment="production", plan=acts.Plan(), actor=team.admin
    )
    with pytest.raises(acts.Refused):
        acts.authorise(deployment, actor=team.pca)
    text = text_of(get())
    assert "Production v1.1.0 1d6d3c8 depuis le" in text
    assert "retour en arrière décidé par Administrateur de test" in text
    assert "Staging v1.2.0 2e7e4d9 depuis le" in text
    assert "autorisée par PCA de test" in text
    assert "Retour en arrière de v1.2.0 : Les sorties ne passent plus. dû le" in text
    assert "en retard, dû le" not in text
    assert "Refusé : autoriser le déploiement" in text
    assert "La référence de la sauvegarde manque." in text
    assert re.search(r"v1\.2\.0 retirée de la production .* v1\.1\.0 en production", text)
    team.time_passes(days=6)
    assert "en retard, dû le" in text_of(get())


def test_a_release_page_says_where_it_stands_and_who_answered_what(team: Team, get: Get) -> None:
    release, _ = team.bring_to_production(1)
    text = text_of(get("/governance/releases/v1.1.0/"))
    assert "En production depuis le" in text
    assert "Et maintenant" not in text, "nothing is to be decided of it any more"
    assert re.search(r"Aucun test ignoré Tests oui A, B, C Vu\. Administrateur de test", text)
    assert re.search(r"Contrat SQL conforme Système oui A, B conforme le système", text)
    assert CONFIGURATION["staging"] in text
    assert "Succès déclaré · déploiement" in text
    acts.report_change(release, cause="configuration", reason="Une clé.", actor=team.directeur)
    text = text_of(get("/governance/releases/v1.1.0/"))
    assert "Nouveau Release Gate requis" in text
    assert "la configuration a changé : Une clé." in text
    assert text.count("Il faut d’abord un gate ouvert.") == 3


def test_only_https_addresses_of_an_evidence_are_links(team: Team, get: Get) -> None:
    release = team.register(0)
    acts.open_gate(release, configuration=CONFIGURATION, actor=team.admin)
    typed = 'voir https://ci.example.org/1?a=1&b=2, javascript:alert(1) http://x.example <b>"'
    acts.answer_gate(release, item="git_main", verdict="ok", evidence=typed, actor=team.admin)
    page = get("/governance/releases/v1.0.0/").text
    assert 'href="https://ci.example.org/1?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in page
    assert 'href="javascript' not in page
    assert 'href="http://x' not in page
    assert "&lt;b&gt;&quot;" in page


def test_the_contract_is_verified_when_the_gate_is_shown_and_not_again_for_ten_minutes(
    team: Team, get: Get
) -> None:
    team.register(0)
    with as_owner() as cursor:
        let_time_pass(cursor, timedelta(minutes=11))

    def checks() -> list[tuple[list[str]]]:
        with as_owner() as cursor:
            cursor.execute("SELECT differences FROM gouvernance.contract_checks ORDER BY id")
            return cursor.fetchall()

    before = len(checks())
    get("/governance/releases/v1.0.0/")
    assert checks()[before:] == [([],)], "the application's login sees the whole contract"
    get("/governance/releases/v1.0.0/")
    assert len(checks()) == before + 1
    with as_owner() as cursor:
        let_time_pass(cursor, timedelta(minutes=11))
        cursor.execute("GRANT INSERT ON gouvernance.releases TO anon")
        cursor.execute("ALTER VIEW public.v_integrity_checks SET (security_invoker = false)")
    text = text_of(get("/governance/releases/v1.0.0/"))
    assert "v_integrity_checks" in checks()[-1][0][0]
    assert "objet(s) non conforme(s)" in text


@pytest.mark.parametrize("person", ["directeur", "pca"])
def test_each_sees_what_they_may_do_and_who_may_do_the_rest(
    person: str, team: Team, client_of: Callable[[User], Client]
) -> None:
    team.register(0)
    client = client_of(getattr(team, person))
    first, release = client.get(OVERVIEW), client.get("/governance/releases/v1.0.0/")
    conducts = person == "directeur"
    assert ("Enregistrer une release" in first.text) is conducts
    assert ("Ouvrir le gate" in release.text) is conducts
    assert ("?release=v1.0.0" in release.text) is not conducts, "the freeze is the PCA's"
    assert "/governance/releases/tokens/" not in first.text
    assert ("Ouvrent le gate et y répondent" in release.text) is not conducts


TEN_THOUSAND = """
    INSERT INTO gouvernance.releases (tag, commit, category, person, role)
    SELECT 'v0.' || n, md5(n::text), 'MAINTENANCE', %(person)s, 'admin'
    FROM generate_series(1, 10000) AS n;
    INSERT INTO gouvernance.release_events (kind, release, person, role, details, refused)
    SELECT 'registered', id, person, role, '{"unmet": []}', id %% 100 = 0 FROM gouvernance.releases;
    INSERT INTO gouvernance.gates (release, configuration, person, role)
    SELECT id, '{}', person, role FROM gouvernance.releases;
    INSERT INTO gouvernance.deployments
        (release, environment, kind, state, operator, authorised_by, authorised_at, opened_at, deployed_at)
    SELECT id, e, 'deployment', 'success', person, gen_random_uuid(), now(), now(),
        now() - (10001 - id) * interval '1 hour'
    FROM gouvernance.releases, unnest(ARRAY['staging', 'production']) AS e
    WHERE tag <> 'v0.10000';
    ANALYZE gouvernance.releases, gouvernance.release_events, gouvernance.gates, gouvernance.deployments;
"""


def test_ten_thousand_releases_are_fifty_at_a_time(
    team: Team, get: Get, django_assert_max_num_queries: Any
) -> None:
    with as_owner() as cursor:
        cursor.execute(TEN_THOUSAND, {"person": team.admin.supabase_user_id})
    for path in (OVERVIEW, "/governance/releases/v0.10000/"):
        started = timezone.now()
        with django_assert_max_num_queries(9):  # 8, and what is frozen at the head of every page
            response = get(path)
        assert response.status_code == 200
        assert timezone.now() - started < timedelta(seconds=5), path
        assert len(response.text) < 80_000, path
    page = get().context["page"]
    assert (page.paginator.count, len(page.object_list), page.object_list[0].tag) == (
        10_000,
        50,
        "v0.10000",
    )
    assert get(page=999_999).context["page"].object_list[-1].tag == "v0.1"
    assert [get(page=odd).status_code for odd in ("0", "x", "9" * 30)] == [400] * 3


def test_a_tag_that_is_not_registered_is_not_found(get: Get) -> None:
    for odd in ("v9.9.9", "é", "%2e%2e", "a" * 500, "%27"):
        assert get(f"/governance/releases/{odd}/").status_code == 404, odd
    assert get("/governance/releases/v1%00/").status_code == 400


def test_the_cockpit_says_what_runs_and_whether_releases_are_frozen(team: Team, get: Get) -> None:
    assert "Production inconnu Staging inconnu Gel des releases aucun" in text_of(
        get("/governance/")
    )
    release = team.register(0)
    team.pass_gate(release)
    team.succeed_in("staging", release)
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    text = text_of(get("/governance/"))
    assert re.search(r"Production inconnu Staging v1\.0\.0 .* Gel des releases en cours", text)
