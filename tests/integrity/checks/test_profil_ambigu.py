"""PROFIL_AMBIGU: an account of which the profiles don't say one known role (contract, trap 14)."""

import json
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction

from alerts.models import Alert
from alerts.sync import sync_alerts
from integrity.entities import entity_label, with_entity_names
from integrity.models import IntegrityCheck
from mlpp_gov.identity import db_identity
from tests.database import as_owner

CODE = "PROFIL_AMBIGU"


def account(owner, *roles: str | None, name: str | None = "Jean Kabongo") -> UUID:
    """An account with one profile of each role, created a day apart."""
    user = uuid4()
    owner.execute("INSERT INTO auth.users (id, email) VALUES (%s, %s)", [user, f"{user}@monaluxe"])
    for day, role in enumerate(roles, start=1):
        owner.execute(
            "INSERT INTO public.profils (user_id, nom_complet, role, created_at)"
            " VALUES (%s, %s, %s, make_timestamptz(2026, 2, %s, 0, 0, 0, 'UTC'))",
            [user, name, role, day],
        )
    return user


@pytest.fixture
def any_role(owner):
    """An installation whose profils has no CHECK on the role."""
    owner.execute("ALTER TABLE public.profils DROP CONSTRAINT profils_role_check")
    owner.execute("ALTER TABLE public.profils ALTER COLUMN role DROP NOT NULL")


def test_fires_on_a_second_profile_and_clears_when_one_is_left(owner, anomalies):
    user = account(owner, "lecture")
    assert anomalies(CODE) == []

    owner.execute(
        "INSERT INTO public.profils (user_id, nom_complet, role, created_at)"
        " VALUES (%s, 'Jean Kabongo', 'admin', '2026-02-19 10:00+00')",
        [user],
    )
    (anomaly,) = anomalies(CODE)
    assert (anomaly["severity"], anomaly["entity_type"]) == ("WARN", "PROFIL")
    assert anomaly["entity_id"] == user
    assert anomaly["message"] == "Profil de Jean Kabongo : 2 profils (lecture, admin)"
    assert anomaly["payload"]["figure"] == 2
    assert [p["role"] for p in anomaly["payload"]["profils"]] == ["lecture", "admin"]
    assert anomaly["payload"]["occurred_at"] == "2026-02-19T10:00:00+00:00"

    owner.execute("DELETE FROM public.profils WHERE role = 'admin'")
    assert anomalies(CODE) == []


def test_fires_on_an_account_without_profile(owner, anomalies):
    user = account(owner)
    (anomaly,) = anomalies(CODE)
    assert anomaly["entity_id"] == user
    assert anomaly["message"] == f"Profil de {str(user)[:8]} : aucun profil"
    assert anomaly["payload"]["figure"] == 0
    assert anomaly["payload"]["occurred_at"] is None


@pytest.mark.parametrize("role", ["admin", "directeur", "gerant", "operateur", "lecture", "pca"])
def test_each_role_of_the_application_is_known(owner, anomalies, any_role, role):
    account(owner, role)
    assert anomalies(CODE) == []


@pytest.mark.parametrize(
    ("role", "said"), [("chef", "chef"), ("Admin", "Admin"), (None, "sans rôle")]
)
def test_another_role_is_unknown(owner, anomalies, any_role, role, said):
    account(owner, role)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"] == f"Profil de Jean Kabongo : rôle inconnu ({said})"


def test_two_faults_at_once_are_one_row(owner, anomalies, any_role):
    account(owner, "chef", "lecture", "x" * 5000)
    (anomaly,) = anomalies(CODE)
    several, unknown = anomaly["payload"]["fautes"]
    assert several.startswith("3 profils (chef, lecture, xxx")
    assert unknown.startswith("rôle inconnu (chef, xxx")


@pytest.mark.parametrize("name", [None, "", "  ", "jean@monaluxe.app"])
def test_neither_message_nor_payload_holds_an_e_mail_address(owner, anomalies, name):
    user = account(owner, "lecture", "pca", name=name)
    (anomaly,) = anomalies(CODE)
    assert anomaly["message"].startswith(f"Profil de {str(user)[:8]} : ")
    assert "@" not in f"{anomaly['payload']}"


def test_a_profile_without_a_date_is_a_profile(owner, anomalies):
    owner.execute("ALTER TABLE public.profils ALTER COLUMN created_at DROP NOT NULL")
    account(owner, "lecture", "pca")
    owner.execute("UPDATE public.profils SET created_at = NULL")
    (anomaly,) = anomalies(CODE)
    assert anomaly["payload"]["occurred_at"] is None


def test_an_account_that_supabase_deleted_is_no_account(owner, anomalies):
    account(owner)
    owner.execute("ALTER TABLE auth.users ADD COLUMN deleted_at timestamptz")
    assert len(anomalies(CODE)) == 1
    owner.execute("UPDATE auth.users SET deleted_at = now()")
    assert anomalies(CODE) == []


def test_the_evaluation_makes_an_alert_of_it(db):
    with as_owner() as owner:
        user = account(owner)
    sync_alerts()
    with as_owner() as owner:
        owner.execute("SELECT entity_id FROM public.system_alerts WHERE check_code = %s", [CODE])
        assert owner.fetchall() == [(user,)]


@pytest.mark.parametrize("role", ["admin", "directeur", "pca"])
def test_who_governs_reads_them(role, request):
    reader = request.getfixturevalue(role)
    with as_owner() as owner:
        user = account(owner)
    with db_identity(reader):
        found = IntegrityCheck.objects.filter(check_code=CODE).values_list("entity_id", flat=True)
        assert list(found) == [user]


@pytest.mark.parametrize("roles", [(), ("gerant",), ("lecture",), ("gerant", "admin"), None])
def test_nobody_else_reads_them_or_their_names(owner, roles):
    """Not even a token of no person, which `None` stands for."""
    user = account(owner)
    claims = "" if roles is None else json.dumps({"sub": str(account(owner, *roles))})
    owner.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
    owner.execute("SET LOCAL ROLE authenticated")
    owner.execute("SELECT * FROM gouvernance.ambiguous_profiles()")
    assert owner.fetchall() == []
    owner.execute("SELECT * FROM gouvernance.profile_names(%s)", [[user]])
    assert owner.fetchall() == []
    owner.execute("RESET ROLE")


def test_the_public_key_may_not_even_ask(owner):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        owner.execute("SET LOCAL ROLE anon")
        owner.execute("SELECT * FROM gouvernance.ambiguous_profiles()")


def test_the_screen_names_the_account(directeur, client_of):
    with as_owner() as owner:
        account(owner, "lecture", "admin")
    sync_alerts()
    page = client_of(directeur).get("/governance/integrity/").content.decode()
    assert "Profil Jean Kabongo" in page


def test_a_name_outlives_the_fault(directeur, make_alert):
    with as_owner() as owner:
        user = account(owner, "lecture")
    alert = make_alert(check_code=CODE, entity_type="PROFIL", entity_id=user)
    with db_identity(directeur):
        found = with_entity_names(Alert.objects.filter(id=alert)).get()
    assert entity_label(found) == "Profil Jean Kabongo"
