"""A deployment conducted from its page: each person sees the next act that is theirs, and does it."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from tests.releases.conftest import CONFIGURATION, Team
from tests.releases.deployments.conftest import PAGE


def local(moment):
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


@pytest.fixture
def candidate(team: Team) -> int:
    """A release whose gate holds for staging."""
    release = team.register(1)
    team.pass_gate(release)
    return release


@pytest.fixture
def prepared(team: Team, candidate: int) -> int:
    return team.prepare(candidate, "staging")


@pytest.fixture
def in_production(team: Team) -> tuple[int, int]:
    """(what runs, a candidate under watch after it), in production."""
    _, first = team.bring_to_production(1)
    second = team.register(2)
    team.pass_gate(second)
    team.succeed_in("staging", second)
    team.time_passes(hours=49)
    team.pass_gate(second)
    production = team.prepare(second, "production")
    team.deploy(production)
    return first, production


def state(deployment):
    return readings.deployment(deployment).state


def test_from_the_form_to_the_success_in_staging(team, candidate, get, post):
    response, said = post(
        "open/",
        release=candidate,
        environment="staging",
        backup="backups/staging.dump",
        window_from=local(timezone.now() - timedelta(minutes=5)),
        window_to=local(timezone.now() + timedelta(hours=2)),
    )
    assert said == ["Le déploiement est ouvert, en préparation."]
    path = response.url.removeprefix(PAGE)
    deployment = int(path.strip("/"))
    page = get(path)
    assert "En préparation depuis" in page.text
    assert "Ce qui manque (3)" in page.text
    assert "L’autorisation attend ce qui manque" not in page.text, "the operator is told first"
    assert "Vous conduisez ce déploiement\u00a0: une autre personne l’autorise." in page.text

    for item in readings.deployment_checklist(deployment, "preparation"):
        response, said = post(f"{path}answer/", item=item.code, verdict="ok", evidence="git status")
        assert said == ["La réponse est enregistrée."]
    assert "Autoriser ce déploiement" not in get(path).text
    assert "Autoriser ce déploiement" not in get(path, who=team.directeur).text
    assert "Autoriser ce déploiement" in get(path, who=team.pca).text
    response, said = post(f"{path}authorise/", who=team.pca)
    assert (response.status_code, response.url) == (302, f"{PAGE}{path}")
    assert said == ["Le déploiement est autorisé."]

    commit = readings.release(candidate).commit
    _, said = post(f"{path}start/", commit=commit, configuration=CONFIGURATION["staging"])
    assert said == ["Le déploiement est démarré."]
    assert "Le deuxième échec d’une même étape met fin au déploiement." in get(path).text
    for step in ("build", "deploy"):
        assert post(f"{path}attempt/", step=step, succeeded="yes")[1] == ["L’essai est noté."]
    assert "En validation depuis" in get(path).text
    assert "Déclarer le succès" not in get(path).text
    for item in readings.deployment_checklist(deployment, "smoke"):
        post(f"{path}answer/", item=item.code, verdict="ok", evidence="Vu.")
    assert "Déclarer le succès" in get(path).text
    assert post(f"{path}succeed/")[1] == ["Le succès est déclaré."]
    page = get(path)
    assert "Réussi, " in page.text
    assert "Déclarer" not in page.text, "what is over has no next act"


def test_the_form_says_in_french_what_is_wrong_and_keeps_what_was_typed(candidate, get, post):
    response, _ = post(
        "open/",
        release="999999",
        environment="lune",
        backup="b" * 501,
        window_from="2026-13-45T99:99",
        window_to=local(timezone.now() - timedelta(days=1)),
    )
    assert response.status_code == 400
    for sentence in (
        "Cette release n’est pas enregistrée.",
        "Environnement inconnu\u00a0: staging ou production.",
        "500\u00a0caractères au plus.",
        "Donnez une date et une heure",
    ):
        assert sentence in unescape(response.text)
    assert "b" * 501 in response.text
    now = timezone.now()
    for first, last, sentence in (
        (now, now, "La fin est avant le début."),
        (now - timedelta(hours=2), now - timedelta(hours=1), "Cette fenêtre est passée."),
        (now, now + timedelta(days=400), "Dans un an au plus."),
        (now - timedelta(days=400), now + timedelta(days=1), "Il y a un an au plus."),
    ):
        response, _ = post(
            "open/",
            release=candidate,
            environment="staging",
            window_from=local(first),
            window_to=local(last),
        )
        assert (response.status_code, sentence in response.text) == (400, True), sentence
    prefilled = get("open/", release=candidate, environment="production").text
    assert f'<option value="{candidate}" selected>' in prefilled
    assert '<option value="production" selected>' in prefilled
    assert "Africa/Lubumbashi" in prefilled, "the hours are local ones, and say so"
    assert get("open/", release="9" * 30).status_code == 200


def test_a_second_deployment_in_an_environment_is_refused_and_the_form_kept(
    candidate, prepared, post
):
    response, _ = post("open/", release=candidate, environment="staging", backup="la mienne")
    assert response.status_code == 409
    assert f"Le déploiement n° {prepared} (v1.1.0) est déjà en cours" in unescape(response.text)
    assert "la mienne" in response.text


def test_a_refusal_names_all_that_is_missing_and_the_page_keeps_it(team, get, post):
    release = team.register(1)
    deployment = acts.open_deployment(
        release, environment="production", plan=acts.Plan(), actor=team.directeur
    )
    response, (said,) = post(f"{deployment}/authorise/", who=team.directeur)
    assert response.status_code == 302
    assert said.startswith("Rien n’a été modifié")
    text = unescape(get(f"{deployment}/", who=team.pca).text)
    refused = text[
        text.index('aria-labelledby="refused"') : text.index('aria-labelledby="missing"')
    ]
    for sentence in (
        "Refusé\u00a0: autoriser le déploiement",
        "Aucun Release Gate ouvert pour cette release.",
        "La référence de la sauvegarde manque.",
        "La fenêtre de maintenance manque.",
        "Sauvegarde vérifiée : sans réponse.",
        "Vous conduisez ce déploiement",
    ):
        assert sentence in refused, sentence
    assert "❌" not in text, "on a screen red is CRITICAL's"
    acts.correct(deployment, text="Le gate reste à ouvrir.", actor=team.pca)
    assert 'aria-labelledby="refused"' not in get(f"{deployment}/").text, "something else happened"


def test_who_was_slower_reads_who_was_faster_and_when(team, prepared, post):
    post(f"{prepared}/authorise/", who=team.pca)
    response, (said,) = post(f"{prepared}/authorise/", who=team.pca)
    assert response.status_code == 302
    day = date_format(timezone.localtime(), "j N Y")
    assert said.startswith(f"Rien n’a été modifié\u00a0: déjà autorisé par {team.pca}, {day} à ")


@pytest.mark.parametrize(
    ("act", "typed", "sentence"),
    [
        ("answer", {"item": "prep_clean", "verdict": "ok"}, "Un oui demande une preuve"),
        ("answer", {"item": "prep_clean"}, "Répondez oui ou non."),
        ("plan", {"window_from": "2026-11-24T20:00"}, "Une fenêtre a un début et une fin."),
        ("plan", {"backup": "a\0b"}, "caractère nul"),
        ("start", {"commit": "HEAD", "configuration": "é"}, "De 7 à 40 chiffres hexadécimaux"),
        ("attempt", {"step": "test", "succeeded": "peut-être"}, "Build ou déploiement."),
        ("watch", {"error_percent": "NaN"}, "Un nombre de 0 à 100"),
        ("watch", {"error_percent": "1", "unavailable_minutes": "-1"}, "Un nombre de 0 à 1440"),
        ("incident", {"severity": "minor"}, "Dites-le en quelques mots."),
        ("incident", {"severity": "minor", "description": "a"}, "ce qui s’est passé."),
        ("fail", {"why": "x" * 4001}, "Au plus 4\u00a0000\u00a0caractères."),
        ("correct", {"text": "é"}, "Une rectification a de 3 à 4 000 caractères."),
    ],
    ids=lambda value: str(value)[:40].replace("\0", "NUL"),
)
def test_what_can_not_be_is_a_400_beside_its_field(prepared, post, act, typed, sentence):
    response, _ = post(f"{prepared}/{act}/", **typed)
    assert response.status_code == 400
    assert sentence in unescape(response.text), "also where the page no longer has this form"
    assert state(prepared) == "preparation"


def test_two_hours_of_watch_are_counted_down_and_each_criterion_says_where_it_stands(
    team, in_production, get, post
):
    _, production = in_production
    team.time_passes(minutes=48)
    text = unescape(get(f"{production}/").text)
    assert "encore 1\u00a0h\u00a012 de surveillance, jusqu’" in text
    response, _ = post(f"{production}/watch/", error_percent="0,4", unavailable_minutes="1,5")
    assert response.status_code == 302
    text = unescape(get(f"{production}/").text)
    assert "0,4\u00a0% " in text
    assert "1,5\u00a0min en 1 relevé" in text
    post(f"{production}/watch/", error_percent="5", unavailable_minutes="3.6")
    assert state(production) == "failed", "5.1 minutes in all"
    page = get(f"{production}/")
    assert "Indisponible 5,1 minutes en tout, plus de 5." in page.text
    assert f"{PAGE}rollback/?environment=production" in page.text
    assert "Revenir en arrière" not in get(f"{production}/", who=team.pca).text


def test_an_incident_of_the_pca_ends_what_is_watched(team, in_production, get, post):
    _, production = in_production
    response, said = post(
        f"{production}/incident/", who=team.pca, severity="critical", description="Plus rien."
    )
    assert (response.status_code, said) == (302, ["L’incident est enregistré."])
    assert state(production) == "failed"
    assert "Incident critique" in get(f"{production}/").text


def test_who_authorises_depends_on_the_environment_past_the_page_too(team, candidate, get, post):
    staging = team.prepare(candidate, "staging", operator=team.directeur)
    production = team.prepare(candidate, "production", operator=team.directeur)
    assert post(f"{staging}/authorise/", who=team.directeur)[0].status_code == 403
    assert post(f"{production}/authorise/", who=team.admin)[0].status_code == 403
    assert "L’autorisation appartient à\u00a0: Directeur, PCA." in get(f"{production}/").text
    for act, person in ((staging, team.directeur), (production, team.admin)):
        with pytest.raises(SpokenRefusal):
            acts.authorise(act, actor=person)
    assert post(f"{staging}/authorise/", who=team.admin)[1] == ["Le déploiement est autorisé."]
    assert "une autre personne le conduit." in get(f"{staging}/").text
    assert 'name="commit"' in get(f"{staging}/", who=team.directeur).text


def test_a_freeze_and_a_void_gate_leave_their_marks(team, in_production, get):
    _, production = in_production
    release = readings.deployment(production).release
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    acts.report_change(release, cause="code", reason="Un correctif de plus.", actor=team.admin)
    text = unescape(get(f"{production}/").text)
    assert "Un gel a commencé pendant ce déploiement" in text
    assert "est devenu nul le" in text
    assert "gate nul\u00a0: Un correctif de plus." in text


def test_a_rollback_goes_to_the_previous_success_and_owes_a_post_mortem(
    team, in_production, get, post
):
    first, production = in_production
    acts.fail(production, why="Les sorties ne passent plus.", actor=team.admin)
    page = get("rollback/", environment="production")
    assert page.context["target"].id == first
    assert "git checkout 1d6d3c8" in page.text
    response, _ = post("rollback/", environment="production", target=first)
    assert (response.status_code, "Dites-le en quelques mots." in response.text) == (400, True)
    response, _ = post(
        "rollback/", environment="production", target=production, reason="Mauvaise cible."
    )
    assert (response.status_code, "La cible a changé" in response.text) == (409, True)
    response, said = post(
        "rollback/", environment="production", target=first, reason="Les sorties ne passent plus."
    )
    assert said == ["Le retour en arrière a commencé."]
    rollback = int(response.url.removeprefix(PAGE).strip("/"))
    text = get(f"{rollback}/").text
    assert "Retour en arrière vers v1.1.0 en production" in text
    assert "Préparation" not in text
    response, _ = post(
        "rollback/", environment="production", target=first, reason="Une deuxième fois."
    )
    assert (response.status_code, "déjà en cours" in response.text) == (409, True)
    post(f"{rollback}/attempt/", step="deploy", succeeded="yes")
    for item in readings.deployment_checklist(rollback, "smoke"):
        if item.critical:
            post(f"{rollback}/answer/", item=item.code, verdict="ok", evidence="Vu.")
    assert post(f"{rollback}/succeed/")[1] == ["Le succès est déclaré."]
    assert "post-mortem, à remplir pour le" in get(f"{rollback}/").text
    assert f"{PAGE}{rollback}/" in get(f"{production}/").text


def test_without_anything_deployed_there_is_nothing_to_go_back_to(get, post):
    assert "Rien n’a encore été déployé" in get("rollback/", environment="lune").text
    response, _ = post("rollback/", environment="staging", target=1, reason="On essaie.")
    assert response.status_code == 409
    assert "Aucune release précédente n’a réussi" in response.text


@pytest.mark.parametrize("number", ["0", "999999", "9223372036854775808", "9" * 60])
@pytest.mark.parametrize("act", ["", "report/", "report.md", "authorise/", "fail/"])
def test_a_deployment_that_is_not_there_is_a_404(get, post, number, act):
    asked = post(f"{number}/{act}")[0] if act in ("authorise/", "fail/") else get(f"{number}/{act}")
    assert asked.status_code == 404


def test_a_page_costs_as_many_queries_however_much_happened(
    team, in_production, get, django_assert_max_num_queries
):
    _, production = in_production
    for _ in range(120):
        acts.report_watch(production, error_percent=0, unavailable_minutes=0, actor=team.directeur)
    with django_assert_max_num_queries(9):  # 5, who asks, and the savepoints of a test
        page = get(f"{production}/")
    assert "lignes plus anciennes" in page.text
    assert len(page.context["lines"]) == 100
    with django_assert_max_num_queries(9):
        get(f"{production}/report/")


def test_who_chose_english_reads_where_it_stands_and_what_is_wrong_in_english(
    team, prepared, get, post
):
    team.directeur.language = "en"
    team.directeur.save()
    page = get(f"{prepared}/", who=team.directeur).text
    assert "<title>Deployment of v1.1.0 in staging · ML_PP Gouvernance</title>" in page
    assert "In preparation since" in page
    assert "Next: an Administrator or the PCA authorises it, somebody other than" in page
    response, _ = post(f"{prepared}/incident/", who=team.directeur, description="Lent.")
    assert "Severity: Choose the severity." in response.text
    assert post(f"{prepared}/correct/", who=team.directeur, text="Ajouté.")[1] == [
        "The correction is added to the history."
    ]
    assert "| Result | Not finished:" in get(f"{prepared}/report.md", who=team.directeur).text
