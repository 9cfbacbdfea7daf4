"""An operation from its opening to its end, and everything that is refused on the way."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from mlpp_gov.calls import InvalidInput
from mlpp_gov.roles import SpokenRefusal
from releases.operations import actions
from releases.operations.actions import TooLate
from releases.operations.reading import late_text, operation
from tests.database import as_owner
from tests.releases.operations.conftest import EVIDENCE, PAGE, log_of, rows

REASON = "Déclaré sur le mauvais dépôt."


def test_an_operation_goes_from_its_form_to_its_end(act, admin, directeur, pca, client_of):
    response, said = act(
        "new/",
        {
            "title": "Bascule du dépôt",
            "code": "BASCULE-2",
            "why": "Le dépôt change de citerne.",
            "activities": "Réceptions, Transferts, Réceptions",
            "steps": "Sauvegarder | la référence\r\n\r\nSTOP : Sauvegarde vérifiée | le fichier relu\r\nMigrer",
        },
    )
    page = f"{PAGE}BASCULE-2/"
    assert (response.status_code, response.url) == (302, page)
    assert said == ["Opération ouverte. Rien n’est gelé avant son lancement."]
    assert "Réceptions gelées" not in client_of(pca).get(page).text

    assert act("BASCULE-2/start/")[1] == ["Opération lancée."]
    text = client_of(pca).get("/governance/integrity/").text
    assert "<strong>Réceptions gelées, Gel\u00a0: Transferts</strong>" in text
    assert act("BASCULE-2/steps/1/done/", {"text": ""})[1] == ["Étape déclarée faite."]
    response, said = act("BASCULE-2/steps/2/pass/", {"text": EVIDENCE}, who=directeur)
    assert (response.status_code, said) == (302, ["STOP franchi."])
    assert act("BASCULE-2/finish/")[1] == [
        "Rien n’a changé\u00a0: il reste à faire\u00a0: «\u00a0Migrer\u00a0»."
    ]
    act("BASCULE-2/steps/3/done/", {"text": "Journal de migration n° 12"})
    response, said = act("BASCULE-2/finish/")
    assert said == ["Opération clôturée\u00a0; plus rien n’est gelé."]

    assert log_of("BASCULE-2") == [
        ("opened", None),
        ("started", None),
        ("frozen", "Réceptions"),
        ("frozen", "Transferts"),
        ("done", "1"),
        ("stop_passed", "2"),
        ("done", "3"),
        ("unfrozen", "Réceptions"),
        ("unfrozen", "Transferts"),
        ("finished", None),
    ]
    text = client_of(pca).get(page).text
    assert "Réceptions gelées" not in text
    for shown in ("Clôturée", f"Preuve&nbsp;: {EVIDENCE}", "n° 12", str(directeur), str(admin)):
        assert shown in text, shown
    assert "<form" not in text.partition("<main")[2].partition("</main>")[0]


def test_steps_between_two_stops_are_done_in_any_order_and_none_beyond(running, admin, act):
    actions.declare(running, 2, "", actor=admin)
    with pytest.raises(
        InvalidInput, match="le STOP «\u00a0Sauvegarde vérifiée\u00a0» n’est pas franchi"
    ):
        actions.declare(running, 4, EVIDENCE, actor=admin)
    response, _ = act(f"{running}/steps/4/done/", {"text": "Déjà migré."})
    assert response.status_code == 400
    assert "n’est pas franchi" in response.text
    assert "Déjà migré." in response.text
    assert log_of(running)[-1] == ("done", "2")


def test_a_stop_refused_names_everything_that_is_missing_and_stays_in_the_log(
    running, admin, directeur, pca, act
):
    actions.declare(running, 1, "", actor=directeur)
    response, said = act(f"{running}/steps/3/pass/", {"text": "vu\r\nlà"}, who=directeur)
    missing = (
        "étapes non faites\u00a0: «\u00a0Prévenir le dépôt\u00a0»",
        f"{directeur} a déclaré «\u00a0Sauvegarder\u00a0»\u00a0: ce STOP demande un autre directeur ou le PCA",
        "la preuve a au moins 10 caractères",
    )
    assert (response.status_code, said) == (400, [])
    for shown in (*(f"Le STOP reste fermé\u00a0: {why}." for why in missing), "vu\nlà"):
        assert shown in response.text, shown
    assert log_of(running)[-1] == ("stop_refused", "3")
    assert rows(
        "SELECT text, evidence FROM gouvernance.operation_log ORDER BY id DESC LIMIT 1"
    ) == [("\u00a0; ".join(missing), "vu\nlà")]

    actions.declare(running, 2, "", actor=admin)
    assert len(actions.pass_stop(running, 3, EVIDENCE, actor=directeur)) == 1
    assert actions.pass_stop(running, 3, EVIDENCE, actor=pca) == []


def test_what_was_declared_by_mistake_is_reopened_by_an_entry_never_under_a_passed_stop(
    running, admin, pca, act
):
    for position in (1, 2):
        actions.declare(running, position, "", actor=admin)
    response, _ = act(f"{running}/steps/1/reopen/", {"text": "court"})
    assert response.status_code == 400
    assert "la raison a de 10 à 2000 caractères" in response.text
    assert act(f"{running}/steps/1/reopen/", {"text": REASON})[1] == ["Étape rouverte."]
    with pytest.raises(TooLate, match="déjà été rouverte"):
        actions.reopen(running, 1, REASON, actor=admin)
    actions.declare(running, 1, EVIDENCE, actor=admin)
    actions.pass_stop(running, 3, EVIDENCE, actor=pca)
    with pytest.raises(InvalidInput, match="c’est lui qu’il faut d’abord retirer"):
        actions.reopen(running, 1, REASON, actor=admin)
    actions.declare(running, 4, "", actor=admin)
    with pytest.raises(
        InvalidInput, match="c’est fait au-delà de ce STOP\u00a0: «\u00a0Migrer\u00a0»"
    ):
        actions.withdraw_stop(running, 3, REASON, actor=pca)
    actions.reopen(running, 4, REASON, actor=admin)
    assert act(f"{running}/steps/3/withdraw/", {"text": REASON}, who=pca)[1] == ["STOP remis."]
    with pytest.raises(InvalidInput, match="n’est pas franchi"):
        actions.declare(running, 4, "", actor=admin)
    actions.reopen(running, 1, REASON, actor=admin)
    steps = operation(running, reader=admin).steps
    assert [step.is_done for step in steps] == [False, True, False, False]


def test_a_freeze_is_lifted_and_put_back_for_a_reason(running, admin, pca, act, client_of):
    frozen = "Gel\u00a0: Transferts"
    response, _ = act(f"{running}/unfreeze/", {"activity": "Transferts", "text": " "})
    assert response.status_code == 400
    given = {"activity": "Transferts", "text": "Le dépôt voisin prend le relais."}
    assert act(f"{running}/unfreeze/", given)[1] == ["Gel levé."]
    response, _ = act(f"{running}/unfreeze/", given)
    assert response.status_code == 409
    assert f"Le gel a déjà été levé par {admin}, le " in response.text
    assert given["text"] in response.text.partition("Votre texte, non enregistré")[2]
    assert frozen not in client_of(pca).get(PAGE).text
    assert act(f"{running}/freeze/", given)[1] == ["Gel remis."]
    assert frozen in client_of(pca).get(PAGE).text
    for activity in ("", "Sorties", "a\0b"):
        data = {"activity": activity, "text": REASON}
        assert act(f"{running}/unfreeze/", data)[0].status_code in (400, 404)


def test_what_an_abandoned_operation_froze_stays_frozen_until_somebody_says_why_not(
    running, admin, act, client_of
):
    assert act(f"{running}/abandon/", {"text": REASON})[1] == ["Opération abandonnée."]
    text = client_of(admin).get(f"{PAGE}{running}/").text
    assert "reste jusqu’à ce que quelqu’un lève le gel" in text
    assert "Gel\u00a0: Transferts" in client_of(admin).get("/governance/").text
    with pytest.raises(TooLate, match="déjà été abandonnée"):
        actions.set_freeze(running, "Transferts", True, REASON, actor=admin)
    actions.set_freeze(running, "Transferts", False, REASON, actor=admin)
    assert "Gel\u00a0: Transferts" not in client_of(admin).get("/governance/").text
    assert act(f"{running}/note/", {"text": "Repris en avril."})[1] == ["Note ajoutée."]
    for late in (
        lambda: actions.abandon(running, REASON, actor=admin),
        lambda: actions.declare(running, 1, "", actor=admin),
        lambda: actions.finish(running, actor=admin),
        lambda: actions.start(running, actor=admin),
    ):
        with pytest.raises(TooLate, match="L’opération a déjà été abandonnée"):
            late()


def test_nothing_is_done_before_the_start(admin, directeur):
    steps = [actions.NewStep("step", "Sauvegarder"), actions.NewStep("stop", "Vérifiée")]
    actions.open_operation("TOT", "Trop tôt", "Rien n’a commencé.", [], steps, actor=admin)
    for early in (
        lambda: actions.declare("TOT", 1, "", actor=admin),
        lambda: actions.pass_stop("TOT", 2, EVIDENCE, actor=directeur),
        lambda: actions.finish("TOT", actor=admin),
        lambda: actions.set_freeze("TOT", "Sorties", True, REASON, actor=admin),
    ):
        with pytest.raises(InvalidInput, match="n’a pas encore commencé"):
            early()
    assert log_of("TOT") == [("opened", None)]


def test_whoever_was_faster_is_named_and_nothing_typed_is_lost(running, admin, pca, directeur, act):
    for position in (1, 2):
        actions.declare(running, position, "", actor=admin)
    with pytest.raises(TooLate) as late:
        actions.declare(running, 1, "", actor=directeur)
    assert late_text(late.value).startswith(
        f"Cette étape a déjà été déclarée faite par {admin}, le "
    )
    actions.pass_stop(running, 3, EVIDENCE, actor=pca)
    response, _ = act(f"{running}/steps/3/pass/", {"text": "Ma propre preuve"}, who=directeur)
    assert response.status_code == 409
    assert f"Ce STOP est déjà franchi par {pca}, le " in response.text
    assert "Ma propre preuve" in response.text
    said = act(f"{running}/start/")[1]
    assert said[0].startswith(f"L’opération a déjà été lancée par {admin}, le ")


def test_the_database_decides_who_may_when_python_is_bypassed(
    running, admin, directeur, pca, gerant
):
    for refused, person in (
        (lambda: actions.declare(running, 1, "", actor=pca), "pca"),
        (lambda: actions.reopen(running, 1, REASON, actor=pca), "pca"),
        (lambda: actions.set_freeze(running, "Transferts", False, REASON, actor=pca), "pca"),
        (lambda: actions.note(running, REASON, actor=pca), "pca"),
        (lambda: actions.abandon(running, REASON, actor=pca), "pca"),
        (lambda: actions.finish(running, actor=pca), "pca"),
        (lambda: actions.pass_stop(running, 3, EVIDENCE, actor=admin), "admin"),
        (lambda: actions.withdraw_stop(running, 3, REASON, actor=admin), "admin"),
        (lambda: actions.note(running, REASON, actor=gerant), "gerant"),
    ):
        with pytest.raises(SpokenRefusal, match="profil ML_PP"):
            refused()
            pytest.fail(person)
    for statement in (
        "INSERT INTO gouvernance.operation_log (operation, kind) VALUES (1, 'note')",
        "UPDATE gouvernance.operations SET title = 'x'",
        "SELECT gouvernance.log_operation(1, 'note', 'admin')",
        "SELECT * FROM gouvernance.restrictions",
    ):
        with pytest.raises(DatabaseError, match="permission denied"):
            as_person(admin, statement)
    with (
        pytest.raises(DatabaseError, match="Un journal ne se réécrit pas"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute("UPDATE gouvernance.operation_log SET text = 'autre chose'")
    assert as_person(gerant, "SELECT count(*) FROM gouvernance.operation_log") == (0,)
    with pytest.raises(DatabaseError, match="profil ML_PP"):
        as_person(gerant, "SELECT * FROM gouvernance.gate_approvals('ASTM53B')")


def as_person(person, sql):
    """Without db_identity(), which would refuse first: role and claims only."""
    claims = json.dumps({"sub": str(person.supabase_user_id), "role": "authenticated"})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute("SET LOCAL ROLE authenticated")
        cursor.execute(sql)
        row = cursor.fetchone()
        cursor.execute("SET LOCAL ROLE none")
        return row


def test_of_two_who_pass_a_stop_at_once_one_wins_and_is_named_to_the_other(fresh_database):
    people = [uuid4(), uuid4()]
    with fresh_database.owner() as owner:
        for person in people:
            owner.execute("INSERT INTO auth.users (id) VALUES (%s)", [person])
            owner.execute(
                "INSERT INTO public.profils (user_id, role) VALUES (%s, 'directeur')", [person]
            )
        claims = json.dumps({"sub": str(people[0])})
        owner.execute("SELECT set_config('request.jwt.claims', %s, false)", [claims])
        steps = '[{"kind": "stop", "title": "Vérifié"}]'
        owner.execute(
            "SELECT gouvernance.open_operation('X1', 'Essai', 'Deux à la fois.', '{}', %s)", [steps]
        )
        owner.execute("SELECT gouvernance.start_operation('X1')")
    start = Barrier(2)

    def pass_stop(person):
        claims = json.dumps({"sub": str(person), "role": "authenticated"})
        with fresh_database.app() as app, app.transaction():
            app.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
            app.execute("SET LOCAL ROLE authenticated")
            start.wait(timeout=30)
            try:
                with app.transaction():
                    passed = app.execute("SELECT gouvernance.pass_stop('X1', 1, %s)", [EVIDENCE])
                    return passed.fetchone()[0]
            except psycopg.Error as refusal:
                return refusal.sqlstate, json.loads(refusal.diag.message_detail)["by"]

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(pass_stop, people))
    winner = people[results.index([])]
    assert ("GV001", str(winner)) in results
