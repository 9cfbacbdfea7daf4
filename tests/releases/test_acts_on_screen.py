"""Acts on releases as people do them on screen: done, refused with all that is missing, too late, mistyped."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mlpp_gov.models import Language, User
from mlpp_gov.roles import SpokenRefusal
from releases import acts, readings
from tests.database import as_owner
from tests.releases.conftest import CONFIGURATION, Team, events

REGISTER = "/governance/releases/register/"
RELEASE = "/governance/releases/v1.0.0/"
FREEZE = "/governance/releases/freeze/"
TOKENS = "/governance/releases/tokens/"
CANDIDATE = {"tag": "v1.0.0", "commit": "0c5c2b7", "category": "MAINTENANCE", "notes": ""}

Post = Callable[..., Any]


@pytest.fixture
def post(client_of: Callable[[User], Client]) -> Post:
    """As that person, following where the answer leads."""
    return lambda person, path, **fields: client_of(person).post(path, fields, follow=True)


def said(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def test_a_candidate_is_registered_once_for_ever(team: Team, post: Post) -> None:
    response = post(team.admin, REGISTER, **CANDIDATE)
    assert response.redirect_chain == [(RELEASE, 302)]
    assert "La release v1.0.0 est enregistrée." in said(response)
    again = post(team.directeur, REGISTER, **{**CANDIDATE, "commit": "0C5C2B7AA"})
    assert again.status_code == 200, "the same commit, said longer"
    other = post(team.directeur, REGISTER, **{**CANDIDATE, "commit": "1d6d3c8"})
    assert other.status_code == 409
    assert "Le tag « v1.0.0 » désigne déjà le commit 0c5c2b7" in said(other)
    assert 'value="1d6d3c8"' in other.text
    assert events(kind="registered") == [("registered", False), ("registered", True)]


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("tag", "", "Donnez le tag Git."),
        ("tag", "v1..0", "Des lettres sans accent"),
        ("tag", "é", "Des lettres sans accent"),
        ("tag", "v" * 101, "au plus 100"),
        ("tag", "freeze", "« freeze » est un mot réservé"),
        ("tag", "prod-2999-01-01", "est dans le futur"),
        ("tag", "prod-2026-02-31", "n’existe pas"),
        ("commit", "zzzzzzz", "de 7 à 40"),
        ("commit", "0c5c2b", "de 7 à 40"),
        ("category", "AUTRE", "La catégorie est MAINTENANCE"),
        ("category", "", "Choisissez la catégorie."),
        ("notes", "n" * 10_001, "au plus 10 000"),
    ],
)
def test_what_cannot_be_registered_is_said_in_french_and_kept(
    field: str, typed: str, error: str, team: Team, post: Post
) -> None:
    response = post(team.admin, REGISTER, **{**CANDIDATE, field: typed})
    assert response.status_code == 400
    assert error in said(response)
    assert readings.release_of_tag("v1.0.0") is None


def test_each_reads_forms_and_refusals_in_their_own_language(team: Team, post: Post) -> None:
    team.admin.language = Language.ENGLISH
    team.admin.save()
    post(team.admin, REGISTER, **CANDIDATE)
    refused = said(post(team.admin, REGISTER, **{**CANDIDATE, "commit": "1d6d3c8"}))
    assert "Refused: 1 condition does not hold" in refused
    assert "Give the Git tag." in said(post(team.admin, REGISTER, **{**CANDIDATE, "tag": ""}))
    mistyped = said(post(team.directeur, REGISTER, **{**CANDIDATE, "tag": ""}))
    assert "Donnez le tag Git." in mistyped


def test_a_link_fills_the_form_in(team: Team, client_of: Callable[[User], Client]) -> None:
    page = client_of(team.admin).get(REGISTER, {"tag": "v9<b>", "commit": "abc1234"})
    assert 'value="v9&lt;b&gt;"' in page.text
    assert 'value="abc1234"' in page.text


def test_a_gate_is_opened_answered_and_lost_on_screen(team: Team, post: Post) -> None:
    release = team.register(0)
    empty = post(team.admin, f"{RELEASE}gate/open/")
    assert empty.status_code == 400
    assert "Donnez au moins l’empreinte" in said(empty)
    wrong = post(team.admin, f"{RELEASE}gate/open/", staging="pas une empreinte")
    assert (wrong.status_code, "de 8 à 64" in said(wrong)) == (400, True)
    refused = post(
        team.admin, f"{RELEASE}gate/git_main/", verdict="ok", evidence="git branch --contains"
    )
    assert refused.status_code == 409
    assert "pas de gate en cours" in said(refused)
    assert "git branch --contains" in refused.text
    digest = "A1" * 32
    post(team.admin, f"{RELEASE}gate/open/", production=f"{digest}  env/.env.prod\n")
    done = post(
        team.directeur, f"{RELEASE}gate/git_main/", verdict="ok", evidence="git branch --contains"
    )
    assert done.redirect_chain == [(f"{RELEASE}#gate", 302)]
    assert "Réponse enregistrée : Commit présent sur main." in said(done)
    assert digest.lower() in done.text
    lost = post(team.admin, f"{RELEASE}gate/change/", cause="code", reason="Un commit de plus.")
    assert "Le gate est nul" in said(lost)
    twice = post(team.admin, f"{RELEASE}gate/change/", cause="code", reason="Un commit de plus.")
    assert twice.status_code == 409
    assert events(release=release, refused=True) == [("gate_answered", True), ("gate_voided", True)]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choisissez un verdict."),
        ({"verdict": "peut-être"}, "Verdict inconnu."),
        ({"verdict": "ok"}, "Un oui demande une preuve"),
        ({"verdict": "ok", "evidence": "a"}, "Un ✅ demande une preuve"),
        ({"verdict": "ok", "evidence": "e" * 4001}, "Au plus 4 000"),
        ({"verdict": "conditional", "conditions": "Relancé."}, "dans les 90 jours"),
        ({"verdict": "conditional", "re_evaluate_on": "2020-01-01"}, "Dites lesquelles"),
        ({"verdict": "conditional", "re_evaluate_on": "jamais"}, "Donnez une date."),
    ],
)
def test_an_answer_that_cannot_be_is_said_beside_its_field(
    fields: dict[str, str], error: str, team: Team, post: Post
) -> None:
    acts.open_gate(team.register(0), configuration=CONFIGURATION, actor=team.admin)
    response = post(team.admin, f"{RELEASE}gate/tests_flaky/", **fields)
    assert response.status_code == 400
    assert error in said(response)
    assert events(kind="gate_answered") == []


def test_every_answer_to_an_item_stays_in_sight(
    team: Team, post: Post, client_of: Callable[[User], Client]
) -> None:
    acts.open_gate(team.register(0), configuration=CONFIGURATION, actor=team.admin)
    item = f"{RELEASE}gate/tests_flaky/"
    until = (timezone.now() + timedelta(days=30)).date()
    post(team.admin, item, verdict="no", evidence="Deux tests instables.")
    post(
        team.directeur,
        item,
        verdict="conditional",
        conditions="Relancés à la main.",
        re_evaluate_on=until.isoformat(),
    )
    page = said(client_of(team.admin).get(item))
    assert re.search(r"Sous conditions , c’est elle qui vaut .* Non Deux tests instables\.", page)
    assert "par Directeur de test" in page
    assert "sous conditions A, B, C" in said(client_of(team.pca).get(RELEASE))
    for unknown in ("ci_nightly", "smoke_login", "rien"):
        assert client_of(team.admin).get(f"{RELEASE}gate/{unknown}/").status_code == 404


def test_a_freeze_names_all_that_keeps_it_back_then_begins_and_ends(team: Team, post: Post) -> None:
    release = team.register(0)
    asked = f"{FREEZE}begin/?release=v1.0.0"
    fields = {"release": release, "reason": "Clôture du mois."}
    refused = post(team.pca, asked, **fields)
    assert refused.status_code == 409
    assert "Aucun Release Gate ouvert" in said(refused)
    assert "Commit présent sur main : sans réponse." in said(refused)
    assert "Clôture du mois." in refused.text
    acts.open_gate(release, configuration=CONFIGURATION, actor=team.admin)
    acts.answer_gate(release, item="tests_flaky", verdict="no", evidence="Deux.", actor=team.admin)
    refused = post(team.pca, asked, **fields)
    assert "Tests instables documentés : non, Deux." in said(refused)
    assert "❌" not in refused.text, "on a screen red is CRITICAL's"
    team.pass_gate(release)
    assert post(team.pca, asked, **{**fields, "reason": ""}).status_code == 400
    begun = post(team.pca, f"{FREEZE}begin/", **fields)
    assert "Le gel commence" in said(begun)
    assert "décidé par PCA de test sur v1.0.0" in said(begun)
    late = post(team.admin, f"{FREEZE}begin/", **fields)
    assert "Un gel est déjà en cours, décidé par PCA de test le" in said(late)
    planned = post(team.directeur, f"{FREEZE}end/", purpose="planned", why="Clôture faite.")
    assert planned.status_code == 400, "a directeur ends it for an urgent fix only"
    urgent = post(team.directeur, f"{FREEZE}end/", purpose="urgent_fix", why="Sorties bloquées.")
    assert "Le gel est fini ; son gate tient toujours." in said(urgent)
    assert "Fini pour un correctif urgent : Sorties bloquées." in said(urgent)
    late = post(team.pca, f"{FREEZE}end/", purpose="planned", why="Clôture faite.")
    assert "Le gel est déjà fini par Directeur de test le" in said(late)


def test_a_freeze_that_ends_on_a_lost_gate_says_that_a_new_one_is_needed(
    team: Team, post: Post
) -> None:
    release = team.register(0)
    team.pass_gate(release)
    acts.begin_freeze(release, reason="Clôture du mois.", actor=team.pca)
    acts.report_change(release, cause="code", reason="Un commit de plus.", actor=team.admin)
    ended = post(team.pca, f"{FREEZE}end/", purpose="planned", why="Clôture faite.")
    assert "Son gate ne tient plus : il en faut un nouveau." in said(ended)
    assert "Le gate ne tenait plus." in said(ended)


def test_a_token_is_shown_once_and_never_kept(
    team: Team, post: Post, client_of: Callable[[User], Client]
) -> None:
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    given = post(team.admin, TOKENS, name="CI <b>", scopes=["register", "gate"], until=until)
    (secret,) = re.findall(r"mlpp_[\w-]{43}", given.text)
    assert "no-store" in given["Cache-Control"]
    with as_owner() as cursor:
        cursor.execute("SELECT digest, owner, expires_at FROM gouvernance.release_tokens")
        [(digest, owner, expires_at)] = cursor.fetchall()
    assert digest == hashlib.sha256(secret.encode()).digest()
    assert owner == team.admin.supabase_user_id
    assert timezone.localtime(expires_at).date().isoformat() == until
    listed = client_of(team.admin).get(TOKENS)
    assert "CI &lt;b&gt;" in listed.text
    assert "mlpp_" not in listed.text
    assert "Enregistrer une release" in listed.text
    bearer = acts.Bearer(digest.hex())
    acts.register(**{**CANDIDATE, "actor": bearer})
    with as_owner() as cursor:  # its own transaction ends with the test's only
        cursor.execute("SELECT set_config('gouvernance.release_token', '', true)")
    assert "jeton « CI <b> », de Administrateur de test" in said(client_of(team.pca).get(RELEASE))
    (token,) = re.findall(r"tokens/(\d+)/revoke/", listed.text)
    assert "Le jeton est révoqué" in said(post(team.admin, f"{TOKENS}{token}/revoke/"))
    assert "déjà révoqué" in said(post(team.admin, f"{TOKENS}{token}/revoke/"))
    assert post(team.admin, f"{TOKENS}{'9' * 30}/revoke/").status_code == 200
    assert "révoqué le" in said(client_of(team.admin).get(TOKENS))
    with pytest.raises(SpokenRefusal):
        acts.register(**{**CANDIDATE, "tag": "v1.0.1", "actor": bearer})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Donnez un nom"),
        ({"scopes": []}, "Choisissez au moins une portée."),
        ({"scopes": ["tout"]}, "Portée inconnue."),
        ({"until": "2020-01-01"}, "D’aujourd’hui à dans un an."),
        ({"until": "9999-12-31"}, "D’aujourd’hui à dans un an."),
        ({"until": "demain"}, "Donnez une date."),
    ],
)
def test_a_token_that_cannot_be_is_not_given(
    fields: dict[str, Any], error: str, team: Team, post: Post
) -> None:
    given = {"name": "CI", "scopes": ["gate"], "until": timezone.localdate().isoformat()}
    response = post(team.admin, TOKENS, **{**given, **fields})
    assert response.status_code == 400
    assert error in said(response)
    assert "mlpp_" not in response.text
    assert events(kind="token_issued") == []
