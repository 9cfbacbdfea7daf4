"""The post-mortem of a rollback: seven sections, each version kept, nobody's text lost."""

from html import unescape

import pytest

from releases import acts, readings
from releases.deployments.forms import SECTIONS
from tests.releases.conftest import Team, events

WHOLE = {name: f"{label}, rempli comme il se doit." for name, (label, _) in SECTIONS.items()}


@pytest.fixture
def owed(team: Team) -> readings.OwedPostMortem:
    team.bring_to_production(1)
    team.bring_to_production(2)
    team.roll_back()
    [owed] = readings.post_mortems_owed()
    return owed


@pytest.fixture
def path(owed: readings.OwedPostMortem) -> str:
    return f"post-mortems/{owed.id}/"


def test_it_tells_what_each_section_wants_and_until_when(team, owed, path, get):
    response = get(path, who=team.pca)
    text = unescape(response.text)
    for label, guidance in SECTIONS.values():
        assert label in text
        assert guidance in text
    assert "À remplir pour le" in text
    assert "v1.2.0 à v1.1.0" in text
    assert "Les sorties ne passent plus." in text
    team.time_passes(days=7)
    assert "En retard\u00a0: il était dû le" in unescape(get(path).text)


def test_a_part_of_it_is_kept_and_each_version_stays_readable(team, owed, path, get, post):
    response, said = post(path, seen=0, context="Une mise en production du vendredi.")
    assert response.status_code == 302
    assert said == ["La version est enregistrée\u00a0: le post-mortem n’est pas encore complet."]
    assert readings.post_mortems_owed() == [owed]
    page = get(path, who=team.directeur)
    assert page.context["form"]["context"].value() == "Une mise en production du vendredi."
    first = page.context["form"]["seen"].value()
    assert "Symptômes, Cause, Preuve SQL, Correction, Prévention, Validation" in page.text

    response, said = post(path, who=team.directeur, seen=first, **WHOLE)
    assert said == ["Le post-mortem est complet."]
    assert readings.post_mortems_owed() == []
    page = get(path)
    assert "Complet, par" in page.text
    assert [version.who for version in page.context["post_mortem"].versions] == [
        str(team.directeur),
        str(team.admin),
    ]
    assert "Une mise en production du vendredi." not in page.text
    assert "Une mise en production du vendredi." in get(path, version=first).text
    assert get(path, version="9" * 30).status_code == 200
    assert get(path, version="é").status_code == 200


def test_of_two_who_write_at_once_the_second_loses_nothing_and_covers_nothing(
    team, path, get, post
):
    seen = get(path).context["form"]["seen"].value()
    assert seen == 0
    post(path, who=team.directeur, seen=seen, **WHOLE)
    response, _ = post(path, seen=seen, **{**WHOLE, "cause": "Ma cause <b>à moi</b>."})
    assert response.status_code == 409
    text = unescape(response.text)
    assert f"{team.directeur} a écrit une version le" in text
    assert "Ma cause &lt;b&gt;à moi&lt;/b&gt;." in response.text, "what was typed stays"
    assert text.count(WHOLE["cause"]) == 1, "the other's text is beside it"
    assert text.count(WHOLE["symptoms"]) == 1, "what is the same is not shown twice"
    assert events(kind="post_mortem_written", refused=True) == [("post_mortem_written", True)]

    again = response.context["form"]["seen"].value()
    response, said = post(path, seen=again, **{**WHOLE, "cause": "Les deux causes réunies."})
    assert said == ["Le post-mortem est complet."]


def test_without_a_version_it_started_from_nothing_is_asked(team, owed):
    for _ in range(2):
        assert acts.write_post_mortem(owed.id, sections=WHOLE, actor=team.admin)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"seen": 0, "cause": "x" * 20001}, "20\u00a0000 caractères au plus."),
        ({"seen": 0, "cause": "a\0b"}, "caractère nul"),
        ({"seen": "é", "cause": "Gardée."}, "Gardée."),
        ({"cause": "Gardée."}, "Gardée."),
    ],
    ids=["long", "nul", "odd", "unseen"],
)
def test_what_can_not_be_kept_is_a_400_and_stays_typed(path, post, typed, sentence):
    response, _ = post(path, **typed)
    assert response.status_code == 400
    assert sentence in unescape(response.text)
    assert typed["cause"][:20].replace("\0", "") in response.text.replace("\0", "")


@pytest.mark.parametrize("number", ["0", "999999", "9" * 60])
def test_one_that_is_not_there_is_a_404(get, post, number):
    assert get(f"post-mortems/{number}/").status_code == 404
    assert post(f"post-mortems/{number}/", seen=0)[0].status_code == 404


def test_its_page_costs_as_many_queries_for_many_versions(
    team, owed, path, get, django_assert_max_num_queries
):
    for _ in range(30):
        acts.write_post_mortem(owed.id, sections=WHOLE, actor=team.admin)
    with django_assert_max_num_queries(7):  # 3, who asks, and the savepoints of a test
        assert len(get(path).context["post_mortem"].versions) == 30
