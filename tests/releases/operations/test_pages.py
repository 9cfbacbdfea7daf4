"""What the pages say: the operation taken over from the tracker, its STOPs, a form that loses nothing."""

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from integrity.simulation.approvals import approve
from integrity.simulation.report import Parameters, simulate
from mlpp_gov import contract
from mlpp_gov.identity import db_identity
from releases.operations import actions
from releases.operations.reading import operation
from releases.templatetags.releases_banner import frozen_activities, frozen_text
from tests.database import as_owner
from tests.integrity.simulation_rows import field_cases
from tests.releases.operations.conftest import EVIDENCE, PAGE, log_of, rows

ASTM = f"{PAGE}ASTM53B/"
BANNER = 'aria-label="Activités gelées"'
NEW = {
    "title": "Bascule du dépôt",
    "code": "BASCULE",
    "why": "Le dépôt change de citerne.",
    "activities": "Sorties",
    "steps": "Sauvegarder\nSTOP Vérifiée\nMigrer",
}


def test_the_astm_operation_stands_as_the_tracker_has_it(pca, client_of):
    text = client_of(pca).get(PAGE).text
    assert "3 sur 11 étapes et STOP faits" in text
    assert "prochain STOP&nbsp;: Rapport de simulation approuvé (8 réceptions)" in text
    page = client_of(pca).get(ASTM)
    for shown in (
        "Migration volumétrique ASTM 53B (gasoil)",
        "backups/prod_pre_astm53b_20260221_2253_data.dump",
        "repris du suivi, le 21/02/2026",
        "repris du suivi, date inconnue",
        "Aucune modification de la base avant backup complet et rapport de simulation validé",
        "aucun rapport de simulation n’est approuvé pour ce STOP",
        "Constaté dans la base&nbsp;: encore gelé\u00a0: Sorties",
        "Aucun rapport n’est encore approuvé.",
        "Franchir ce STOP",
    ):
        assert shown in page.text, shown
    for hidden in (
        "Déclarer faite",
        "Rouvrir",
        "Lever le gel",
        "Ajouter une note",
        "Abandonner l’",
    ):
        assert hidden not in page.text, hidden
    assert [(step.is_stop, step.is_done) for step in page.context["operation"].steps] == [
        *((False, done) for done in (False, True, True, True, False, False)),
        *[(True, False)] * 2,
        *[(False, False)] * 3,
    ]


def test_only_a_current_report_of_everything_opens_the_stop(directeur, pca, admin, client_of):
    for position in (1, 5, 6):
        actions.declare("ASTM53B", position, "", actor=admin)
    with as_owner() as cursor:
        field_cases(cursor)

    def approve_report(parameters):
        with db_identity(directeur):
            checksum = simulate(connection, parameters).checksum
        approve(parameters, checksum=checksum, note="Relu avec le dépôt.", actor=directeur)

    def obstacles():
        found = operation("ASTM53B", reader=pca)
        return next(step.obstacles for step in found.steps if step.obstacles is not None)

    first_day = rows("SELECT min(date_reception) FROM public.receptions")[0][0]
    approve_report(Parameters(first_day=first_day))
    assert obstacles() == ["les rapports approuvés ne couvrent qu’une partie des réceptions"]
    approve_report(Parameters())
    assert obstacles() == []
    text = client_of(pca).get(ASTM).text
    assert "À jour" in text
    assert "Partiel&nbsp;: ne compte pas pour le STOP" in text
    assert f"approuvé par {directeur} le " in text

    with as_owner() as cursor:
        cursor.execute("ALTER TABLE public.receptions DISABLE TRIGGER USER")
        cursor.execute("UPDATE public.receptions SET temperature_ambiante_c = 31")
    outdated = "les données ont changé depuis l’approbation du rapport de simulation"
    assert obstacles() == [outdated]
    assert "Dépassé&nbsp;: les données ont changé depuis" in client_of(pca).get(ASTM).text
    assert actions.pass_stop("ASTM53B", 7, EVIDENCE, actor=pca) == [outdated]
    approve_report(Parameters())
    assert actions.pass_stop("ASTM53B", 7, EVIDENCE, actor=pca) == []


def test_sorties_are_not_declared_thawed_while_they_are_frozen(admin, act):
    with as_owner() as cursor:
        for position in (7, 8):
            cursor.execute(
                "INSERT INTO gouvernance.operation_log (operation, step, kind)"
                " SELECT operation, id, 'stop_passed' FROM gouvernance.operation_steps"
                " WHERE position = %s",
                [position],
            )
    response, _ = act("ASTM53B/steps/10/done/", {"text": "Dégelées."})
    assert response.status_code == 400
    assert "encore gelé\u00a0: Sorties." in response.text
    actions.set_freeze("ASTM53B", "Sorties", False, "La migration est faite.", actor=admin)
    assert act("ASTM53B/steps/10/done/")[1] == ["Étape déclarée faite."]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"code": ""}, "code"),
        ({"code": "bascule"}, "code"),
        ({"code": "../x"}, "code"),
        ({"code": "X" * 31}, "code"),
        ({"code": "ASTM53B"}, "__all__"),
        ({"why": "court"}, "why"),
        ({"why": "a\0" * 20}, "why"),
        ({"activities": "x" * 61}, "activities"),
        ({"activities": ",".join(map(str, range(11)))}, "activities"),
        ({"steps": ""}, "steps"),
        ({"steps": "Sauvegarder\nSTOP :\nMigrer"}, "steps"),
        ({"steps": "x" * 301}, "steps"),
        ({"steps": "pas\n" * 101}, "steps"),
        ({"steps": "a\0b"}, "steps"),
    ],
)
def test_what_is_not_possible_is_said_at_its_field_and_stays_typed(act, wrong, field):
    response, said = act("new/", {**NEW, **wrong})
    assert (response.status_code, said) == (400, [])
    assert list(response.context["form"].errors) == [field]
    assert all(response.context["form"][name].value() == {**NEW, **wrong}[name] for name in NEW)
    assert rows("SELECT code FROM gouvernance.operations") == [("ASTM53B",)]


@pytest.mark.parametrize("code", ["RIEN", "astm53b", "x" * 300, "%F0%9F%9B%91"])
def test_an_operation_or_a_step_that_is_not_there_is_a_404(code, admin, act, client_of):
    assert client_of(admin).get(f"{PAGE}{code}/").status_code == 404
    for path in ("start/", "note/", "unfreeze/", "steps/1/done/"):
        assert act(f"{code}/{path}", {"text": EVIDENCE})[0].status_code == 404
    for path in (f"steps/{'9' * 30}/done/", "steps/0/reopen/", "steps/7/done/"):
        assert act(f"ASTM53B/{path}", {"text": EVIDENCE})[0].status_code == 404


@pytest.mark.parametrize("text", ["", "x" * 2001, "a\0b"])
def test_a_text_that_cannot_be_kept_is_said_and_changes_nothing(text, act, pca):
    before = log_of("ASTM53B")
    for path, who in (("note/", None), ("abandon/", None), ("steps/7/pass/", pca)):
        response, _ = act(f"ASTM53B/{path}", {"text": text}, **({"who": who} if who else {}))
        assert response.status_code == 400
        assert 'role="alert"' in response.text or "field-error" in response.text
    assert [entry for entry in log_of("ASTM53B") if entry[0] != "stop_refused"] == before


def test_the_page_asks_as_many_questions_of_a_long_log_as_of_a_short_one(admin, client_of):
    client = client_of(admin)
    client.get(ASTM)
    with CaptureQueriesContext(connection) as few:
        client.get(ASTM)
    for number in range(20):
        actions.note("ASTM53B", f"Note {number}", actor=admin)
    with CaptureQueriesContext(connection) as many:
        assert "Note 19" in client.get(ASTM).text
    assert len(many) <= len(few) + 1  # the name of who wrote them


def test_the_whole_log_is_there_fifty_entries_at_a_time(admin, client_of):
    client = client_of(admin)
    for number in range(60):
        actions.note("ASTM53B", f"Note {number}.", actor=admin)
    newest, oldest = client.get(ASTM).text, client.get(ASTM, {"page": 10**9}).text
    assert ("Note 59." in newest, "Note 9." in newest) == (True, False)
    assert ("Note 59." in oldest, "Note 9." in oldest, "Opération ouverte" in oldest) == (
        False,
        True,
        True,
    )
    assert "?page=2#log" in newest
    assert client.get(ASTM, {"page": "a\0"}).status_code == 400


def test_every_governance_page_says_what_is_frozen_to_those_who_govern(
    pca, gerant, client_of, client
):
    for path in ("/governance/", "/governance/integrity/", "/governance/notifications/", PAGE):
        text = client_of(pca).get(path).text
        assert BANNER in text, path
        assert "<strong>Sorties gelées</strong>" in text
        assert f'<a href="{ASTM}">' in text
        assert "depuis le 21/02/2026" in text
    for response in (client_of(gerant).get("/account/"), client.get("/login/")):
        assert response.status_code == 200
        assert BANNER not in response.text


def test_a_page_never_fails_for_what_is_frozen(pca, caplog):
    request = RequestFactory().get(PAGE)
    with transaction.atomic():
        with as_owner() as cursor:
            cursor.execute("ALTER FUNCTION gouvernance.active_restrictions() RENAME TO ailleurs")
        assert frozen_activities({"request": request, "user": pca}) == {"unknown": True}
        transaction.set_rollback(True)
    assert "restrictions could not be read" in caplog.text
    assert frozen_activities({"request": request, "user": pca})["restrictions"]


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        ("Sorties", "Sorties gelées"),
        ("Réceptions", "Réceptions gelées"),
        ("Transferts", "Gel\u00a0: Transferts"),
    ],
)
def test_what_is_frozen_is_said_in_french(activity, said):
    assert frozen_text(activity) == said


def test_deploying_again_leaves_the_operation_as_it_has_become(admin):
    actions.note("ASTM53B", "Une note d’après.", actor=admin)
    before = log_of("ASTM53B")
    with as_owner() as cursor:
        cursor.execute(contract.find("operations").script("deploy"))
    assert log_of("ASTM53B") == before
