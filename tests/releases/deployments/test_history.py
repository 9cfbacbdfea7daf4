"""The history: deployments, rollbacks, freezes and incidents of both environments in one order."""

from html import unescape

import pytest

from releases import acts, readings
from tests.database import as_owner
from tests.releases.conftest import Team
from tests.releases.deployments.conftest import PAGE


def titles(response):
    return [entry.title for entry in response.context["page"].object_list]


@pytest.fixture
def eventful(team: Team) -> Team:
    """A release in both environments, a freeze, an incident in staging, a rollback in production."""
    team.bring_to_production(1)
    team.time_passes(days=1)
    second, _ = team.bring_to_production(2)
    team.time_passes(hours=1)
    acts.begin_freeze(second, reason="Clôture du mois.", actor=team.pca)
    team.time_passes(minutes=1)
    acts.end_freeze(purpose="urgent_fix", why="Un correctif.", actor=team.directeur)
    team.time_passes(minutes=1)
    acts.declare_incident(
        environment="staging", severity="minor", description="Une <lenteur>.", actor=team.pca
    )
    team.time_passes(minutes=1)
    team.roll_back()
    return team


def test_a_deployment_leads_back_to_the_history_as_it_was_left(team, get):
    release = team.register(1)
    team.pass_gate(release)
    deployment = team.prepare(release, "staging")
    left = "%3Fenvironment%3Dstaging"
    assert f"{deployment}/?retour=%2Fgovernance%2Fdeployments%2F{left}" in (
        get(environment="staging").text
    )
    assert "retour=" not in get().text
    path = f"{PAGE}?environment=staging"
    for page in (f"{deployment}/", f"{deployment}/report/"):
        assert f'href="{path}"' in get(page, retour=path).text
        elsewhere = get(page, retour="https://ailleurs.example.org/").text
        assert f'href="{PAGE}"' in elsewhere
        assert 'href="https://ailleurs' not in elsewhere


def test_without_anything_the_page_says_so(get):
    text = get().text
    assert "Aucun déploiement n’a encore été ouvert ici." in text
    assert "Aucun déploiement n’est en cours." in text


def test_all_is_in_one_order_the_latest_first_and_filtered_by_the_url(eventful, get):
    response = get()
    assert titles(response) == [
        "Retour en arrière vers v1.1.0",
        "Incident mineur sous v1.2.0",
        "Fin du gel, pour un correctif urgent",
        "Gel commencé sur v1.2.0",
        "Déploiement de v1.2.0",
        "Déploiement de v1.2.0",
        "Déploiement de v1.1.0",
        "Déploiement de v1.1.0",
    ]
    assert "Une &lt;lenteur&gt;." in response.text
    assert "Les sorties ne passent plus." in response.text
    assert "Retiré par un retour en arrière" in response.text
    assert titles(get(environment="staging")) == [
        "Incident mineur sous v1.2.0",
        "Déploiement de v1.2.0",
        "Déploiement de v1.1.0",
    ]
    assert len(titles(get(environment="production"))) == 5
    only = get(state="rolled_back", environment="production")
    assert titles(only) == ["Déploiement de v1.2.0"]
    assert "État\u00a0: Retiré par un retour en arrière" in unescape(only.text)
    assert "Rien ne correspond à ces filtres." in get(state="abandoned").text


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"environment": "lune"}, "Environnement inconnu"),
        ({"state": "'; DROP"}, "État inconnu"),
        ({"page": "-1"}, "Effacer les filtres"),
        ({"page": "é"}, "Effacer les filtres"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_filter_that_is_none_is_a_400_that_says_so(get, filters, sentence):
    response = get(**filters)
    assert response.status_code == 400
    assert sentence in response.text


def test_the_pca_reads_without_being_offered_what_is_not_theirs(eventful, get):
    text = get(who=eventful.pca).text
    assert "Ouvrir un déploiement" not in text
    assert "Revenir en arrière" not in text
    assert "Ouvrir un déploiement" in get(who=eventful.directeur).text
    assert "Post-mortem du retour en arrière" in text


def test_ten_thousand_are_fifty_at_a_time(team, get, django_assert_max_num_queries):
    release = team.register(1)
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO gouvernance.deployments (release, environment, kind, state, operator,"
            " opened_at, finished_at, outcome)"
            " SELECT %s, (ARRAY['staging', 'production'])[1 + n %% 2], 'deployment', 'abandoned', %s,"
            " now() - n * interval '1 hour', now(), repeat('Pas le moment. ', 100)"
            " FROM generate_series(1, 10000) AS n",
            [release, team.admin.supabase_user_id],
        )
    with django_assert_max_num_queries(9):  # 5, who asks, and the savepoints of a test
        response = get()
    assert len(titles(response)) == 50
    assert "Page 1 sur 200" in response.text.replace("\u202f", " ")
    assert len(response.content) < 100_000
    assert get(page=10**9 - 1).context["page"].number == 200
    assert get(environment="staging").context["page"].paginator.count == 5000
    assert readings.deployments_of(release)
