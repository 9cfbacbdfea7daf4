"""Approving a simulation report: by whom, of exactly what was read, for ever."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from integrity.simulation.approvals import DataChanged, NothingToApprove, approve, read_approvals
from integrity.simulation.report import Parameters, simulate
from mlpp_gov.identity import db_identity
from mlpp_gov.roles import MissingPermission, SpokenRefusal
from tests import business
from tests.database import as_owner
from tests.integrity.simulation_rows import field_cases, gasoil

PAGE = "/governance/integrity/astm53b/"
APPROVE = f"{PAGE}approve/"
NOTE = "Huit réceptions relues avec le dépôt."
SQL = "SELECT gouvernance.approve_simulation(%s, NULL, NULL, NULL, NULL, 'ml_pp', true, %s)"
WHOLE = Parameters()


@pytest.fixture(autouse=True)
def eight(db):
    with as_owner() as cursor:
        return field_cases(cursor)


def checksum_for(person, parameters=WHOLE):
    with db_identity(person):
        return simulate(connection, parameters).checksum


def approvals_for(person, checksum=""):
    with db_identity(person):
        return read_approvals(checksum)


@pytest.mark.parametrize("role", ["directeur", "pca"])
def test_a_directeur_and_the_pca_approve_and_the_page_says_so(role, request, client_of):
    person = request.getfixturevalue(role)
    client = client_of(person)
    page = client.get(PAGE)
    assert "Rapport non approuvé." in page.text
    checksum = page.context["report"].checksum
    assert checksum in client.get(page.context["approve_url"]).text

    response = client.post(APPROVE, {"checksum": checksum, "note": NOTE}, follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    assert "Rapport approuvé." in response.text
    assert f"Rapport approuvé par {person} le " in response.text
    assert NOTE in response.text
    assert "Approuver ce rapport" not in response.text
    (approval,) = approvals_for(person, checksum)
    assert (approval.approved_by, approval.stop_gate) == (person.supabase_user_id, "ASTM53B")
    assert (approval.receptions, approval.unknown, approval.out_of_tolerance) == (8, 0, 1)
    assert (float(approval.difference), approval.is_whole) == (-266.5, True)


def test_whoever_carries_the_migration_out_does_not_authorise_it(admin, client_of):
    checksum = checksum_for(admin)
    page = client_of(admin).get(PAGE)
    assert "L’approbation appartient à&nbsp;: Directeur, PCA." in page.text
    assert "Approuver ce rapport" not in page.text
    with pytest.raises(MissingPermission, match="Directeur, PCA"):
        approve(WHOLE, checksum=checksum, note=NOTE, actor=admin)


@pytest.mark.parametrize("role", ["admin", "gerant", "lecture"])
def test_the_database_refuses_everybody_else_when_python_is_bypassed(role, request, directeur):
    checksum = checksum_for(directeur)
    person = request.getfixturevalue(role)
    with pytest.raises(DatabaseError, match="un directeur ou le PCA"):
        run_as(person, SQL, [checksum, NOTE])


def run_as(person, sql, parameters):
    """Without db_identity(), which would refuse first: role and claims only."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('request.jwt.claims', %s, true), set_config('role', 'authenticated', true)",
            [f'{{"sub": "{person.supabase_user_id}"}}'],
        )
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
        cursor.execute("SELECT set_config('role', 'none', true)")  # outlives its savepoint
        return rows


def test_the_database_refuses_a_checksum_that_is_no_report_s(directeur):
    with pytest.raises(DatabaseError, match="Les données ont changé depuis"):
        run_as(directeur, SQL, ["0" * 64, NOTE])


@pytest.mark.parametrize("note", [None, "", " " * 40, "trop court", "x" * 2001])
def test_the_database_asks_for_a_note_of_ten_characters(directeur, note):
    checksum = checksum_for(directeur)
    note = note if note != "trop court" else "  court.    "
    with pytest.raises(DatabaseError, match="La note a de 10 à 2000 caractères"):
        run_as(directeur, SQL, [checksum, note])


@pytest.mark.parametrize(
    ("rounding", "hydrometer"), [("autre", True), (None, True), ("exact", None)]
)
def test_the_database_refuses_unknown_parameters(directeur, rounding, hydrometer):
    with pytest.raises(DatabaseError, match="Paramètre inconnu"):
        run_as(
            directeur,
            "SELECT gouvernance.approve_simulation(%s, NULL, NULL, NULL, NULL, %s, %s, %s)",
            ["0" * 64, rounding, hydrometer, NOTE],
        )


def test_data_that_changed_since_are_not_approved_and_the_person_is_told(
    directeur, client_of, eight
):
    checksum = checksum_for(directeur)
    with as_owner() as cursor:
        gasoil(cursor, eight)
    response = client_of(directeur).post(APPROVE, {"checksum": checksum, "note": NOTE}, follow=True)
    assert "les données ont changé depuis" in response.text
    assert approvals_for(directeur) == []
    with pytest.raises(DataChanged):
        approve(WHOLE, checksum=checksum, note=NOTE, actor=directeur)


def test_an_approval_is_of_its_parameters_only(directeur, eight):
    narrowed = Parameters(tank=eight)
    approve(narrowed, checksum=checksum_for(directeur, narrowed), note=NOTE, actor=directeur)
    (approval,) = approvals_for(directeur, checksum_for(directeur))
    assert (approval.is_current, approval.is_whole) == (False, False)
    with pytest.raises(DataChanged):
        approve(WHOLE, checksum=approval.checksum, note=NOTE, actor=directeur)


def test_after_a_change_the_page_no_longer_calls_the_report_approved(directeur, client_of, eight):
    approve(WHOLE, checksum=checksum_for(directeur), note=NOTE, actor=directeur)
    with as_owner() as cursor:
        business.adjustment(cursor, eight, -1)
    page = client_of(directeur).get(PAGE)
    assert "Rapport non approuvé." in page.text
    assert NOTE in page.text  # among the past ones


def test_two_people_may_approve_a_report_and_one_only_once(directeur, pca, client_of):
    checksum = checksum_for(directeur)
    assert approve(WHOLE, checksum=checksum, note=NOTE, actor=directeur)
    assert approve(WHOLE, checksum=checksum, note=NOTE, actor=pca)
    again = client_of(pca).post(APPROVE, {"checksum": checksum, "note": NOTE}, follow=True)
    assert "Vous aviez déjà approuvé ce rapport." in again.text
    assert len(approvals_for(pca)) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"note": "court"},
        {"note": " " * 20},
        {"checksum": "a" * 63},
        {"checksum": "a" * 64 + "\n"},
    ],
    ids=str,
)
def test_an_incomplete_request_is_asked_again(directeur, client_of, sent):
    data = {"checksum": checksum_for(directeur), "note": NOTE, **sent} if sent else {}
    response = client_of(directeur).post(APPROVE, data)
    assert response.status_code == 400
    assert "field-error" in response.text
    assert approvals_for(directeur) == []


def test_a_report_without_receptions_has_nothing_to_approve(directeur, client_of):
    with as_owner() as cursor:
        tank = business.citerne(cursor)
    nothing = Parameters(tank=tank)
    checksum = checksum_for(directeur, nothing)
    with pytest.raises(NothingToApprove, match="rien à approuver"):
        approve(nothing, checksum=checksum, note=NOTE, actor=directeur)


def test_a_person_who_may_read_a_part_only_cannot_approve_it_as_the_whole(directeur):
    with as_owner() as cursor:
        cursor.execute(
            "CREATE POLICY une_seule ON public.receptions AS RESTRICTIVE FOR SELECT TO authenticated"
            " USING (date_reception < '2026-02-05')"
        )
    checksum = checksum_for(directeur)
    with pytest.raises(SpokenRefusal, match="Vos droits ne montrent pas toutes les réceptions"):
        approve(WHOLE, checksum=checksum, note=NOTE, actor=directeur)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE gouvernance.simulation_approvals SET note = 'Réécrite après coup'",
        "DELETE FROM gouvernance.simulation_approvals",
        "TRUNCATE gouvernance.simulation_approvals",
    ],
)
def test_not_even_the_owner_rewrites_an_approval(directeur, sql):
    approve(WHOLE, checksum=checksum_for(directeur), note=NOTE, actor=directeur)
    with (
        pytest.raises(DatabaseError, match="Un journal ne se réécrit pas"),
        transaction.atomic(),
        as_owner() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize("role", ["directeur", "admin"])
def test_a_person_writes_no_approval_of_their_own(role, request):
    person = request.getfixturevalue(role)
    with pytest.raises(DatabaseError, match="permission denied"):
        run_as(
            person,
            "INSERT INTO gouvernance.simulation_approvals"
            " (checksum, parameters, totals, note, approved_by)"
            " VALUES (%s, '{}', '{}', %s, %s) RETURNING id",
            ["0" * 64, NOTE, uuid4()],
        )


def test_who_may_not_read_alerts_reads_no_approval_either(directeur, gerant):
    approve(WHOLE, checksum=checksum_for(directeur), note=NOTE, actor=directeur)
    count = "SELECT count(*) FROM gouvernance.simulation_approvals"
    assert run_as(directeur, count, []) == [(1,)]
    assert run_as(gerant, count, []) == [(0,)]


@pytest.mark.parametrize(
    "signature",
    [
        "approve_simulation(text, date, date, uuid, uuid, text, boolean, text)",
        "simulation_lines(date, date, uuid, uuid, text, boolean)",
        "simulation_checksum(date, date, uuid, uuid, text, boolean, text[])",
    ],
)
@pytest.mark.parametrize("role", ["anon", "mlpp_gov_app", "service_role"])
def test_neither_the_internet_nor_the_bare_login_may_call_it(role, signature):
    with as_owner() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role, f"gouvernance.{signature}"]
        )
        assert cursor.fetchone() == (False,)


def test_approving_writes_nothing_into_ml_pp(directeur):
    counts = (
        "SELECT (SELECT count(*) FROM public.receptions), (SELECT count(*) FROM public.log_actions),"
        " (SELECT count(*) FROM public.stocks_adjustments), (SELECT sum(volume_15c) FROM public.receptions)"
    )
    before = run_as(directeur, counts, [])
    approve(WHOLE, checksum=checksum_for(directeur), note=NOTE, actor=directeur)
    assert run_as(directeur, counts, []) == before
