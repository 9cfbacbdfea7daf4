"""The Phase 2 tracker: as it was taken over, its rules, and two people on one action."""

import json
import re

import pytest
from django.db import DatabaseError, connection, transaction

from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from releases.tracker import actions
from releases.tracker.actions import Stale
from releases.tracker.reading import action
from tests.database import as_owner

PAGE = "/governance/phase2/"
TYPED = {
    "version": "0",
    "status": "DONE",
    "status_detail": "PROD",
    "owner": "A. Kabila",
    "reference": "PR #80 / 1a2b3c4",
    "started_on": "2026-03-01",
    "ended_on": "2026-03-02",
    "notes": "Livré.",
    "evidence": "première ligne\r\n\r\ndeuxième ligne",
}


def column(name, action_id=3):
    with as_owner() as cursor:
        cursor.execute(f"SELECT {name} FROM gouvernance.phase2_actions WHERE id = %s", [action_id])
        return cursor.fetchone()[0]


def changes():
    with as_owner() as cursor:
        cursor.execute("SELECT count(*) FROM gouvernance.phase2_changes")
        return cursor.fetchone()[0]


@pytest.fixture
def update(admin, client_of):
    def posted(values=None, *, who=admin, action_id=3):
        return client_of(who).post(f"{PAGE}{action_id}/update/", {**TYPED, **(values or {})})

    return posted


def test_the_ten_actions_stand_as_the_tracker_has_them(pca, client_of):
    page = client_of(pca).get(PAGE)
    text = page.text
    assert "4 actions sur 10 terminées\u00a0; 0 en cours, 0 bloquée, 6 à faire." in text
    assert [(axis.done, axis.total) for axis in page.context["axes"]] == [
        *((3, 4), (0, 2)),
        *((1, 2), (0, 2)),
    ]
    assert re.findall(r'<progress max="(\d)" value="(\d)"', text) == [
        *(("4", "3"), ("2", "0")),
        *(("2", "1"), ("2", "0")),
    ]
    for shown in ("Terminée (STAGING + PROD)", "PR #71 / 9a80413", "19/02/2026", "inconnue"):
        assert shown in text, shown
    text = client_of(pca).get(f"{PAGE}2/").text
    for shown in ("Patch 2.1→2.4 déployés.", "MERGED (PR #73)\n- 2.3 STAGING", "inconnue"):
        assert shown in text, shown
    assert "Mettre à jour" not in text
    assert "Telle que le suivi l’avait en février 2026." in text
    for action_id, shown in (
        (1, "- CDR_ARRIVE_STALE: 5"),
        (7, "curl ANON → `[]`"),
        (4, "- PR: #71"),
    ):
        assert shown in client_of(pca).get(f"{PAGE}{action_id}/").text, shown


def test_an_action_is_brought_on_and_who_did_it_is_kept(update, admin, client_of):
    form = client_of(admin).get(f"{PAGE}3/update/").text
    assert 'name="version" value="0"' in form
    response = update()
    assert (response.status_code, response.url) == (302, f"{PAGE}3/")
    assert (column("evidence"), column("imported")) == ("première ligne\n\ndeuxième ligne", False)
    text = client_of(admin).get(f"{PAGE}3/").text
    for shown in (
        "Statut&nbsp;: À faire → Terminée",
        "PR ou commit&nbsp;: — → PR #80 / 1a2b3c4",
        "Fin&nbsp;: — → 02/03/2026",
        f"{admin} · admin",
        "première ligne\n\ndeuxième ligne",
    ):
        assert shown in text, shown
    assert "5 actions sur 10 terminées" in client_of(admin).get(PAGE).text

    assert update({"version": str(column("version"))}).status_code == 302
    assert changes() == 1, "nothing differed"


def test_an_imported_action_keeps_its_gaps_until_somebody_changes_it(update):
    kept = {
        **dict.fromkeys(("reference", "started_on", "ended_on", "owner"), ""),
        "notes": column("notes", 2),
        "evidence": column("evidence", 2),
    }
    response = update({**kept, "owner": "Quelqu’un"}, action_id=2)
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"reference", "ended_on"}
    assert column("imported", 2)
    assert update({**kept, "reference": "PR #73", "ended_on": "2026-02-20"}, action_id=2).url
    assert not column("imported", 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"ended_on": ""}, "ended_on"),
        ({"ended_on": "2026-02-28"}, "ended_on"),
        ({"ended_on": "2099-01-01"}, "ended_on"),
        ({"ended_on": "2026-02-31"}, "ended_on"),
        ({"ended_on": "9999-12-31"}, "ended_on"),
        ({"status": "TODO"}, "ended_on"),
        ({"status": "IN_PROGRESS", "started_on": "", "ended_on": ""}, "started_on"),
        ({"status": "BLOCKED", "notes": "", "ended_on": ""}, "notes"),
        ({"status": "FINI"}, "status"),
        ({"status": ""}, "status"),
        ({"owner": "x" * 101}, "owner"),
        ({"notes": "a\0b"}, "notes"),
        ({"evidence": "x" * 10_001}, "evidence"),
        ({"version": ""}, "version"),
        ({"version": "9" * 30}, "version"),
    ],
)
def test_a_broken_rule_is_said_at_its_field_and_stays_typed(update, wrong, field):
    response = update(wrong)
    assert response.status_code == 400
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert all(form[name].value() == {**TYPED, **wrong}[name] for name in TYPED)
    assert (column("status"), changes()) == ("TODO", 0)


def test_whoever_saves_what_they_read_too_long_ago_is_told_who_changed_what(
    update, admin, directeur, client_of
):
    update({"owner": "Le premier"})
    stale = update({"owner": "La seconde", "notes": "Ma note."}, who=directeur)
    assert stale.status_code == 409
    for shown in (
        "L’action a changé depuis que vous l’avez lue",
        "Responsable&nbsp;: — → Le premier",
        f"{admin} · admin",
        'value="La seconde"',
        "Ma note.",
    ):
        assert shown in stale.text, shown
    assert (column("owner"), changes()) == ("Le premier", 1)
    version = re.search(r'name="version" value="(\d+)"', stale.text).group(1)
    assert update({"owner": "La seconde", "version": version}, who=directeur).status_code == 302
    assert (column("owner"), changes()) == ("La seconde", 2)


def test_the_database_has_the_rules_and_decides_who_may(admin, directeur, pca, gerant):
    values = {**TYPED, "version": 0, "evidence": "vu"}
    for person in (pca, gerant):
        with pytest.raises(SpokenRefusal, match="profil ML_PP"):
            actions.update(3, values, actor=person)
    broken = {**values, "reference": " ", "ended_on": None}
    with pytest.raises(InvalidInput) as refused:
        actions.update(3, broken, actor=admin)
    assert str(refused.value) == (
        "DONE demande une référence (PR ou commit)\u00a0; DONE demande une date de fin."
    )
    for wrong, why in (
        ({"ended_on": "2026-02-01"}, "la fin est avant le début"),
        ({"status": "TODO"}, "ne va qu’avec DONE"),
        ({"status": "BLOCKED", "ended_on": None, "notes": ""}, "BLOCKED demande une note"),
        ({"status": "FINI", "ended_on": None}, "n’est pas possible"),
        ({"ended_on": "2099-01-01"}, "à venir"),
        ({"owner": None}, "n’est pas possible"),
    ):
        with pytest.raises(InvalidInput, match=why):
            actions.update(3, {**values, **wrong}, actor=admin)
    with pytest.raises(InvalidInput, match="inconnue"):
        actions.update(11, values, actor=admin)
    with pytest.raises(Stale):
        actions.update(3, {**values, "version": 7}, actor=directeur)
    assert changes() == 0
    actions.update(3, values, actor=directeur)
    for statement in (
        "UPDATE gouvernance.phase2_actions SET reference = '' WHERE id = 3",
        "UPDATE gouvernance.phase2_changes SET before = '{}'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), as_owner() as cursor:
            cursor.execute(statement)
    found, kept = action(3, reader=pca)
    assert (found.reference, kept[0].role) == (values["reference"], "directeur")


def test_nobody_writes_but_through_the_function(admin):
    claims = json.dumps({"sub": str(admin.supabase_user_id), "role": "authenticated"})
    for statement in (
        "UPDATE gouvernance.phase2_actions SET status = 'DONE'",
        "DELETE FROM gouvernance.phase2_changes",
        "INSERT INTO gouvernance.phase2_changes (action) VALUES (1)",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
            cursor.execute("SET LOCAL ROLE authenticated")
            cursor.execute(statement)


@pytest.mark.parametrize("action_id", ["0", "11", "9" * 30])
def test_an_action_that_is_not_there_is_a_404(action_id, admin, client_of, update):
    for path in ("", "update/"):
        assert client_of(admin).get(f"{PAGE}{action_id}/{path}").status_code == 404
    assert update(action_id=action_id).status_code == 404
