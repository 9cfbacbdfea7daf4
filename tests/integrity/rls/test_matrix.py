"""The matrix says what each role meets when it tries, and trying leaves no trace."""

import pytest
from django.db import DatabaseError, connections

from integrity.rls import matrix

WRITER = "00000000-0000-4000-8000-00000000000{}"


@pytest.fixture
def owner(fresh_database, django_db_blocker):
    """The owner's connection to a database with a person of two roles and a client."""
    with fresh_database.owner() as connection, connection.cursor() as cursor:
        for n, role in enumerate(("admin", "lecture"), 1):
            cursor.execute("INSERT INTO auth.users (id) VALUES (%s)", [WRITER.format(n)])
            cursor.execute(
                "INSERT INTO public.profils (user_id, role) VALUES (%s, %s)",
                [WRITER.format(n), role],
            )
        cursor.execute("INSERT INTO public.clients (nom) VALUES ('Client')")
    owner = connections["owner"]
    usual = owner.settings_dict["NAME"]
    owner.close()
    owner.settings_dict["NAME"] = fresh_database.name
    with django_db_blocker.unblock():
        yield owner
    owner.close()
    owner.settings_dict["NAME"] = usual


def cells(owner, relation):
    found = matrix.compute(owner)
    (row,) = (row for row in found["relations"] if row["name"] == relation)
    return dict(zip(found["visitors"], row["cells"], strict=True))


def run(owner, sql):
    with owner.cursor() as cursor:
        cursor.execute(sql)


def test_each_role_meets_what_its_rights_and_policies_allow(owner):
    found = cells(owner, "public.clients")
    assert found == {
        "anon": ["refusé"] * 4,
        "admin": ["oui", "oui", "oui", "refusé"],
        "lecture": ["oui", "refusé", "aucune ligne", "refusé"],
        "directeur": ["inconnu"] * 4,
        "pca": ["inconnu"] * 4,
        "gerant": ["inconnu"] * 4,
        "operateur": ["inconnu"] * 4,
        "sans profil": ["aucune ligne", "refusé", "aucune ligne", "refusé"],
        "service_role": ["oui"] * 4,
        "mlpp_gov_app": ["refusé"] * 4,
    }


def test_a_restrictive_policy_takes_away_what_a_permissive_one_gives(owner):
    run(
        owner,
        "CREATE POLICY plancher ON public.clients AS RESTRICTIVE FOR UPDATE TO authenticated"
        " USING (false)",
    )
    assert cells(owner, "public.clients")["admin"][2] == "aucune ligne"


def test_a_policy_that_the_role_may_not_evaluate_is_a_refusal_that_no_catalogue_shows(owner):
    run(owner, "CREATE TABLE public.secrets (id integer)")
    run(
        owner,
        "CREATE POLICY p ON public.clients AS RESTRICTIVE FOR SELECT TO authenticated"
        " USING (EXISTS (SELECT FROM public.secrets))",
    )
    assert cells(owner, "public.clients")["admin"][0] == "refusé"


def test_a_view_that_can_not_be_written_says_so(owner):
    assert cells(owner, "public.v_stock_actuel")["service_role"][1:] == ["sans objet"] * 3


def test_trying_changes_nothing_fires_nothing_and_holds_nothing(owner, fresh_database):
    run(
        owner,
        "CREATE TABLE public.traces (id integer);"
        "CREATE FUNCTION public.tracer() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO public.traces VALUES (1); RETURN NULL; END';"
        "CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON public.clients"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.tracer();"
        "CREATE SEQUENCE public.numeros; GRANT USAGE ON SEQUENCE public.numeros TO service_role;"
        "CREATE TABLE public.lots (n bigint DEFAULT nextval('public.numeros'));"
        "GRANT ALL ON public.lots TO service_role",
    )
    with fresh_database.owner() as connection:
        connection.execute("VACUUM public.clients")
        before = connection.execute("SELECT ctid, xmin, * FROM public.clients").fetchall()
        matrix.compute(owner)
        assert connection.execute("SELECT ctid, xmin, * FROM public.clients").fetchall() == before
        assert connection.execute("SELECT count(*) FROM public.traces").fetchone() == (0,)
        assert connection.execute("SELECT is_called FROM public.numeros").fetchone() == (False,)
        locks = "SELECT count(*) FROM pg_locks WHERE relation = 'public.clients'::regclass"
        assert connection.execute(locks).fetchone() == (0,)
    with owner.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("postgres", "off")


def test_a_table_that_somebody_is_changing_is_unknown_instead_of_waited_for(owner, fresh_database):
    with fresh_database.owner() as connection, connection.transaction():
        connection.execute("LOCK TABLE public.clients IN EXCLUSIVE MODE")
        found = cells(owner, "public.clients")
    assert found["admin"] == ["oui", *["inconnu"] * 3]


def test_a_table_that_nobody_may_even_read_now_is_an_error_in_a_few_seconds(owner, fresh_database):
    with fresh_database.owner() as connection, connection.transaction():
        connection.execute("LOCK TABLE public.clients IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseError, match="lock timeout"):
            matrix.compute(owner)


@pytest.mark.parametrize("name", ["a b", 'a"b', "x'; SELECT 1; --", "é\n<b>", "%s %(x)s {}"])
def test_a_hostile_name_is_tried_like_any_other(owner, name):
    quoted = '"' + name.replace('"', '""') + '"'
    with owner.cursor() as cursor:
        cursor.cursor.execute(f"CREATE TABLE public.{quoted} ({quoted} integer)".encode())
        cursor.cursor.execute(f"GRANT ALL ON public.{quoted} TO service_role".encode())
    assert cells(owner, f"public.{quoted}")["service_role"] == ["aucune ligne", "oui", "oui", "oui"]


def test_without_ml_pp_profiles_people_are_unknown_and_the_others_are_tried(owner):
    run(owner, "ALTER TABLE public.profils RENAME TO personnes")
    found = cells(owner, "public.fournisseurs")
    assert found["admin"] == ["inconnu"] * 4
    assert found["anon"] == ["refusé"] * 4
