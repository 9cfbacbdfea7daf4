"""The stand-in ML_PP schema is what section 1 of the contract says, and installs nowhere else."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg import Cursor

from mlpp_gov.models import User
from tests import business
from tests.database import Database, as_owner, create_database, drop_database

ROOT = Path(__file__).resolve().parents[2]

UUID_, TEXT, FLOAT, NUMERIC, BOOL = "uuid", "text", "double precision", "numeric", "boolean"
DATE, TIME, JSONB = "date", "timestamp with time zone", "jsonb"
OWNED = {"citerne_id": UUID_, "produit_id": UUID_, "proprietaire_type": TEXT, "depot_id": UUID_}
STOCK = {"stock_ambiant": FLOAT, "stock_15c": FLOAT}
NAMED = {"id": UUID_, "nom": TEXT}
MEASURED = {
    "index_avant": FLOAT,
    "index_apres": FLOAT,
    "volume_ambiant": FLOAT,
    "volume_corrige_15c": FLOAT,
    "temperature_ambiante_c": FLOAT,
    "densite_a_15": FLOAT,
}
MOVEMENT = {
    "id": UUID_,
    "citerne_id": UUID_,
    "produit_id": UUID_,
    "partenaire_id": UUID_,
    "proprietaire_type": TEXT,
    "statut": TEXT,
    "created_by": UUID_,
    "validated_by": UUID_,
    "created_at": TIME,
    **MEASURED,
}
COLUMNS = {
    "auth.users": {"id": UUID_, "email": TEXT},
    "public.depots": {**NAMED, "adresse": TEXT, "created_at": TIME},
    "public.produits": {
        **NAMED,
        "code": TEXT,
        "description": TEXT,
        "actif": BOOL,
        "created_at": TIME,
    },
    "public.citernes": {
        **NAMED,
        "depot_id": UUID_,
        "capacite_totale": FLOAT,
        "capacite_securite": FLOAT,
        "localisation": TEXT,
        "statut": TEXT,
        "produit_id": UUID_,
        "created_at": TIME,
    },
    "public.fournisseurs": NAMED,
    "public.clients": NAMED,
    "public.partenaires": NAMED,
    "public.cours_de_route": {
        "id": UUID_,
        "fournisseur_id": UUID_,
        "depot_destination_id": UUID_,
        "produit_id": UUID_,
        "plaque_camion": TEXT,
        "plaque_remorque": TEXT,
        "chauffeur_nom": TEXT,
        "transporteur": TEXT,
        "depart_pays": TEXT,
        "date_chargement": DATE,
        "volume": NUMERIC,
        "statut": TEXT,
        "note": TEXT,
        "created_at": TIME,
    },
    "public.receptions": {
        **MOVEMENT,
        "cours_de_route_id": UUID_,
        "volume_observe": FLOAT,
        "volume_15c": FLOAT,
        "date_reception": DATE,
        "note": TEXT,
    },
    "public.sorties_produit": {
        **MOVEMENT,
        "client_id": UUID_,
        "date_sortie": TIME,
        "chauffeur_nom": TEXT,
        "plaque_camion": TEXT,
        "transporteur": TEXT,
    },
    "public.stocks_snapshot": {**OWNED, **STOCK, "last_movement_at": TIME, "updated_at": TIME},
    "public.stocks_adjustments": {
        **OWNED,
        "mouvement_type": TEXT,
        "mouvement_id": UUID_,
        "delta_ambiant": FLOAT,
        "delta_15c": FLOAT,
        "reason": TEXT,
        "created_by": UUID_,
        "created_at": TIME,
    },
    "public.stocks_journaliers": {
        **OWNED,
        **STOCK,
        "date_jour": DATE,
        "source": TEXT,
        "created_at": TIME,
        "updated_at": TIME,
    },
    "public.profils": {
        "id": UUID_,
        "user_id": UUID_,
        "nom_complet": TEXT,
        "role": TEXT,
        "depot_id": UUID_,
        "email": TEXT,
        "created_at": TIME,
    },
    "public.log_actions": {
        "id": UUID_,
        "user_id": UUID_,
        "action": TEXT,
        "module": TEXT,
        "niveau": TEXT,
        "details": JSONB,
        "cible_id": UUID_,
        "created_at": TIME,
    },
}
V_STOCK_ACTUEL = [
    "depot_id",
    "citerne_id",
    "produit_id",
    "proprietaire_type",
    "stock_ambiant",
    "stock_15c",
    "last_movement_at",
    "updated_at",
    "stock_ambiant_base",
    "stock_15c_base",
    "delta_ambiant_total",
    "delta_15c_total",
]


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def query(sql: str, parameters: list[object] | None = None) -> list[tuple]:
    with as_owner() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


@contextmanager
def owner() -> Iterator[Cursor[Any]]:
    """Cursor of the owner, in a savepoint: what is refused leaves the test's transaction usable."""
    with as_owner() as cursor, transaction.atomic():
        yield cursor


# --- What is there --------------------------------------------------------------------------------


@pytest.mark.parametrize("table", COLUMNS)
def test_each_table_has_the_columns_and_types_of_the_contract(db: None, table: str) -> None:
    found = dict(
        query(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
    )
    assert COLUMNS[table].items() <= found.items()


def test_sorties_have_no_volume_15c_as_on_the_installations_without_it(db: None) -> None:
    columns = query(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = 'public.sorties_produit'::regclass AND attname = 'volume_15c'"
    )
    assert columns == []


def test_v_stock_actuel_has_the_columns_of_the_contract_in_their_order(db: None) -> None:
    columns = query(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = 'public.v_stock_actuel'::regclass ORDER BY attnum"
    )
    assert [name for (name,) in columns] == V_STOCK_ACTUEL


# --- What the constraints refuse ------------------------------------------------------------------


@pytest.mark.parametrize(
    "values", [{"capacite_totale": 0}, {"capacite_securite": -1}, {"statut": "fermee"}]
)
def test_a_tank_with_an_impossible_capacity_or_state_is_refused(
    db: None, values: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError, match="citernes"), owner() as cursor:
        business.citerne(cursor, **values)


def test_a_truck_cannot_be_on_two_open_trips(db: None) -> None:
    with owner() as cursor:
        business.cdr(cursor, plaque_camion="1234AB/05", statut="DECHARGE")
        business.cdr(cursor, plaque_camion="1234AB/05", statut="TRANSIT")
    with pytest.raises(IntegrityError, match="plaque_camion"), owner() as cursor:
        business.cdr(cursor, plaque_camion="1234AB/05", statut="ARRIVE")


def test_an_unknown_state_of_a_trip_is_refused(db: None) -> None:
    with pytest.raises(IntegrityError, match="statut"), owner() as cursor:
        business.cdr(cursor, statut="PERDU")


@pytest.mark.parametrize(
    "values",
    [
        {"index_avant": -1, "index_apres": 10},
        {"index_avant": 10, "index_apres": 10},
        {"volume_ambiant": None},
        {"proprietaire_type": "PARTENAIRE"},
        {"proprietaire_type": "ETAT"},
        {"statut": "brouillon"},
    ],
)
def test_an_incoherent_reception_is_refused(db: None, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="receptions"), owner() as cursor:
        business.reception(cursor, **values)


def test_even_a_rejected_reception_occupies_its_trip_for_ever(db: None) -> None:
    with owner() as cursor:
        trip = business.cdr(cursor)
        business.reception(cursor, cours_de_route_id=trip, statut="rejetee", volume_ambiant=None)
    with pytest.raises(IntegrityError, match="cours_de_route_id"), owner() as cursor:
        business.reception(cursor, cours_de_route_id=trip)


@pytest.mark.parametrize(
    "values", [{"client_id": None}, {"volume_ambiant": None}, {"statut": "partie"}]
)
def test_an_incoherent_sortie_is_refused(db: None, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="sorties_produit"), owner() as cursor:
        business.sortie(cursor, **values)


@pytest.mark.parametrize("litres", [(-1, 0), (0, -1)])
def test_a_snapshot_below_zero_is_refused(db: None, litres: tuple[float, float]) -> None:
    with pytest.raises(IntegrityError, match="stocks_snapshot"), owner() as cursor:
        business.snapshot(cursor, business.citerne(cursor), *litres)


def test_a_second_snapshot_of_one_owner_in_one_tank_is_refused(db: None) -> None:
    with owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 1)
    with (
        pytest.raises(IntegrityError, match="citerne_id, produit_id, proprietaire_type"),
        owner() as cursor,
    ):
        business.snapshot(cursor, tank, 2)


def test_an_adjustment_needs_a_reason_of_ten_characters(db: None) -> None:
    with owner() as cursor:
        tank = business.citerne(cursor)
        business.adjustment(cursor, tank, 1, reason="0123456789")
    with pytest.raises(IntegrityError, match="reason"), owner() as cursor:
        business.adjustment(cursor, tank, 1, reason="012345678")


def test_the_role_operateur_is_refused_in_profils(operateur: User) -> None:
    with pytest.raises(IntegrityError, match="role"), owner() as cursor:
        business.insert(cursor, "profils", user_id=operateur.supabase_user_id, role="operateur")


def test_a_person_may_have_several_profiles(lecture: User) -> None:
    with owner() as cursor:
        business.insert(cursor, "profils", user_id=lecture.supabase_user_id, role="admin")
    roles = query(
        "SELECT role FROM public.profils WHERE user_id = %s ORDER BY 1", [lecture.supabase_user_id]
    )
    assert roles == [("admin",), ("lecture",)]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE public.{table} SET volume_ambiant = 2 WHERE id = %s",
        "DELETE FROM public.{table} WHERE id = %s",
    ],
)
@pytest.mark.parametrize(
    ("table", "plant"),
    [("receptions", business.reception), ("sorties_produit", business.sortie)],
)
def test_a_validated_movement_is_immutable(
    db: None, table: str, plant: Callable[[Cursor[Any]], UUID], sql: str
) -> None:
    with owner() as cursor:
        movement_id = plant(cursor)
    with pytest.raises(IntegrityError, match="Mouvement validé immuable"), owner() as cursor:
        cursor.execute(sql.format(table=table), [movement_id])


def test_a_draft_sortie_can_still_be_validated(db: None) -> None:
    with owner() as cursor:
        sortie_id = business.sortie(cursor, statut="brouillon")
        cursor.execute(
            "UPDATE public.sorties_produit SET statut = 'validee' WHERE id = %s", [sortie_id]
        )
        assert cursor.rowcount == 1


# --- The stock view, its two traps included -------------------------------------------------------


def stock_of(tank: UUID) -> list[tuple]:
    return query(
        "SELECT stock_ambiant, stock_ambiant_base, delta_ambiant_total"
        " FROM public.v_stock_actuel WHERE citerne_id = %s",
        [tank],
    )


def test_v_stock_actuel_adds_the_adjustments_of_the_same_owner(db: None) -> None:
    with owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 1000)
        business.adjustment(cursor, tank, -200)
        business.adjustment(cursor, tank, -100)
        business.adjustment(cursor, tank, -500, proprietaire_type="PARTENAIRE")
    assert stock_of(tank) == [(700, 1000, -300)]


def test_v_stock_actuel_hides_a_negative_stock_behind_zero(db: None) -> None:
    with owner() as cursor:
        tank = business.citerne(cursor)
        business.snapshot(cursor, tank, 1000)
        business.adjustment(cursor, tank, -5000)
    assert stock_of(tank) == [(0, 1000, -5000)]


def test_v_stock_actuel_ignores_the_adjustments_of_a_tank_without_depot(db: None) -> None:
    with owner() as cursor:
        tank = business.citerne(cursor, depot_id=None)
        business.snapshot(cursor, tank, 1000)
        business.adjustment(cursor, tank, -5000)
    assert stock_of(tank) == [(1000, 1000, 0)]


# --- Who may do what ------------------------------------------------------------------------------


def as_authenticated(user: User, sql: str, *parameters: object) -> list[tuple]:
    """Run SQL as ML_PP's own application does for that person; RETURNING rows, or those read."""
    claims = f'{{"sub": "{user.supabase_user_id}", "role": "authenticated"}}'
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute("SET LOCAL ROLE authenticated")
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
        cursor.execute("RESET ROLE")
        return rows


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (None, (None, None)),
        ("", (None, None)),
        ("{}", (None, None)),
        (
            '{"sub": "11111111-1111-1111-1111-111111111111", "role": "authenticated"}',
            (UUID("11111111-1111-1111-1111-111111111111"), "authenticated"),
        ),
    ],
)
def test_auth_functions_read_the_claims_whether_unset_emptied_or_given(
    db: None, claims: str | None, expected: tuple[UUID | None, str | None]
) -> None:
    if claims is not None:
        query("SELECT set_config('request.jwt.claims', %s, true)", [claims])
    assert query("SELECT auth.uid(), auth.role()") == [expected]


@pytest.mark.parametrize("table", COLUMNS)
def test_each_table_has_row_level_security(db: None, table: str) -> None:
    enabled = query("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [table])
    assert enabled == [(True,)]


def test_each_policy_is_for_authenticated_only(db: None) -> None:
    tables = [name.removeprefix("public.") for name in COLUMNS]
    roles = query(
        "SELECT DISTINCT roles::text[] FROM pg_policies"
        " WHERE schemaname = 'public' AND tablename = ANY (%s)",
        [tables],
    )
    assert roles == [(["authenticated"],)]


@pytest.mark.parametrize("relation", [*COLUMNS, "public.v_stock_actuel"])
def test_anonymous_people_have_no_right_on_any_relation(db: None, relation: str) -> None:
    rights = query(
        "SELECT has_table_privilege('anon', %s, p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE',"
        " 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p",
        [relation],
    )
    assert set(rights) == {(False,)}


@pytest.fixture
def some_stock(db: None) -> None:
    with owner() as cursor:
        business.snapshot(cursor, business.citerne(cursor), 1000)


def test_a_person_with_a_profile_reads_the_stock(some_stock: None, lecture: User) -> None:
    assert as_authenticated(lecture, "SELECT stock_ambiant FROM public.v_stock_actuel") == [(1000,)]


def test_a_person_without_profile_reads_nothing(some_stock: None, operateur: User) -> None:
    assert as_authenticated(operateur, "SELECT * FROM public.v_stock_actuel") == []


def test_a_person_sees_their_own_profile_only(admin: User, lecture: User) -> None:
    assert as_authenticated(lecture, "SELECT user_id, role FROM public.profils") == [
        (lecture.supabase_user_id, "lecture")
    ]


def test_a_person_cannot_change_their_own_role(lecture: User) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_authenticated(lecture, "UPDATE public.profils SET role = 'admin' RETURNING role")


def test_a_person_cannot_give_themself_a_second_profile(lecture: User) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_authenticated(
            lecture,
            "INSERT INTO public.profils (user_id, role) VALUES (auth.uid(), 'admin') RETURNING id",
        )


def test_a_gerant_records_a_trip_and_a_reader_does_not(
    db: None, gerant: User, lecture: User
) -> None:
    insert = "INSERT INTO public.cours_de_route (plaque_camion) VALUES (%s) RETURNING statut"
    assert as_authenticated(gerant, insert, "1234AB/05") == [("CHARGEMENT",)]
    with pytest.raises(ProgrammingError, match="row-level security"):
        as_authenticated(lecture, insert, "5678AB/05")


# --- Where it installs ----------------------------------------------------------------------------


@pytest.fixture
def bare_database(template_database: str) -> Iterator[Database]:
    """A database with nothing in it."""
    create_database("mlpp_bare")
    yield Database("mlpp_bare")
    drop_database("mlpp_bare")


def tables(database: Database) -> list[tuple]:
    with database.owner() as owner:
        return owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'auth')"
            " ORDER BY 1, 2"
        ).fetchall()


def test_it_installs_into_an_empty_database_and_only_once(bare_database: Database) -> None:
    assert manage("standin", env=bare_database.env).returncode == 0
    installed = tables(bare_database)
    assert {f"{schema}.{table}" for schema, table in installed} == set(COLUMNS)

    again = manage("standin", env=bare_database.env)
    assert again.returncode == 1
    assert "Cette base contient déjà des tables de ML_PP (auth.users, public.depots" in again.stderr
    assert tables(bare_database) == installed


def test_one_table_of_ml_pp_is_enough_to_refuse_and_nothing_is_changed(
    bare_database: Database,
) -> None:
    with bare_database.owner() as owner:
        owner.execute("CREATE TABLE public.log_actions (id int)")
    refused = manage("standin", env=bare_database.env)
    assert refused.returncode == 1
    assert "déjà des tables de ML_PP (public.log_actions)" in refused.stderr
    assert tables(bare_database) == [("public", "log_actions")]


@pytest.mark.parametrize("app_env", ["staging", "production"])
def test_it_refuses_outside_development(bare_database: Database, app_env: str) -> None:
    deployed = {
        "APP_ENV": app_env,
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "gouvernance.example.org",
        "PUBLIC_URL": "https://gouvernance.example.org",
    }
    refused = manage("standin", env={**bare_database.env, **deployed})
    assert refused.returncode == 1
    assert f"APP_ENV=development (ici : {app_env})" in refused.stderr
    assert tables(bare_database) == []


def test_it_names_the_missing_owner_url(bare_database: Database) -> None:
    env = {**os.environ, "DATABASE_URL": bare_database.url, "DATABASE_OWNER_URL": ""}
    refused = manage("standin", env=env)
    assert refused.returncode == 1
    assert "DATABASE_OWNER_URL" in refused.stderr
