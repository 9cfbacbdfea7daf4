"""Each finding sees its own planted fault and nothing else; the stand-in itself is clean."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation

from integrity.rls import audit
from integrity.rls.catalogue import FOLDER, Level, audit_sql, catalogue
from mlpp_gov.sentences import spoken
from tests.database import as_owner
from tests.wording import is_french

FAULTS = Path(__file__).parent / "faults"
RULES = catalogue()
NORMAL = {("FK_AUTH", "constraint profils_user_id_fkey ON public.profils")}


def found():
    """What the audit says now, read with the rights of the application's login."""
    return {(f.rule.code, f.object) for f in audit.run(connection, []).findings}


def plant(sql):
    with as_owner() as cursor:
        cursor.execute(sql)


def test_the_stand_in_has_no_public_policy_and_nothing_that_fails(db):
    result = audit.run(connection, [])
    assert result.public_policies == 0
    assert result.failing == []
    assert found() == NORMAL


@pytest.mark.parametrize("code", RULES)
def test_each_finding_sees_its_planted_fault_and_nothing_else(code, db):
    fault = (FAULTS / f"{code.lower()}.sql").read_text(encoding="utf-8")
    expected = re.match(r"-- expects: (.+)\n", fault)[1]
    plant(fault)
    assert found() - NORMAL == {(code, expected)}
    assert NORMAL - found() == set()
    with translation.override("en"):
        assert not [
            f.detail for f in audit.run(connection, []).findings if is_french(spoken(f.detail))
        ]


@pytest.mark.parametrize("code", RULES)
def test_a_proposed_fix_is_sql_that_removes_what_fails_or_warns(code, db):
    before = found()
    plant((FAULTS / f"{code.lower()}.sql").read_text(encoding="utf-8"))
    (finding,) = (
        f for f in audit.run(connection, []).findings if (f.rule.code, f.object) not in before
    )
    plant(finding.fix)
    if RULES[code].level is not Level.INFO:  # which may well stay
        assert (code, finding.object) not in found()


def test_every_fault_belongs_to_a_finding_and_every_finding_has_a_fault():
    assert {path.stem.upper() for path in FAULTS.glob("*.sql")} == set(RULES)
    assert {path.stem.upper() for path in FOLDER.glob("*.sql")} == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_each_file_runs_alone_with_an_empty_search_path_and_has_the_common_columns(code, db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute(audit_sql((RULES[code],)))
        assert [column.name for column in cursor.description] == [
            "finding",
            "object",
            "detail",
            "fix",
        ]
        cursor.execute("SET LOCAL search_path = gouvernance, public")


POLICY = "CREATE POLICY p ON public.clients "
P = "policy p ON public.clients"
ADMIN = "EXISTS (SELECT FROM public.profils AS p WHERE p.user_id = (SELECT auth.uid()) AND p.role = 'admin')"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # Nothing to say
        (POLICY + "TO service_role USING (true)", set()),
        (
            POLICY + "FOR SELECT TO authenticated"
            " USING ((SELECT gouvernance.role_of(auth.uid())) = 'admin')",
            set(),
        ),
        (
            "DROP POLICY modification ON public.profils; GRANT UPDATE (role) ON public.profils TO"
            f" authenticated; CREATE POLICY p ON public.profils FOR UPDATE TO authenticated USING ({ADMIN})",
            set(),
        ),
        ("CREATE VIEW public.v AS SELECT * FROM public.clients", set()),
        (
            "CREATE VIEW public.v WITH (security_invoker) AS SELECT * FROM public.clients;"
            "GRANT SELECT ON public.v TO authenticated",
            set(),
        ),
        ("CREATE SCHEMA interne; CREATE TABLE interne.t (id integer)", set()),
        (
            "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            " SET search_path = '' AS 'BEGIN RETURN NEW; END'",
            set(),
        ),
        (
            "CREATE TABLE public.personnes (id uuid PRIMARY KEY REFERENCES auth.users, user_id uuid);"
            "ALTER TABLE public.personnes ENABLE ROW LEVEL SECURITY;"
            "CREATE POLICY p ON public.personnes FOR SELECT TO authenticated"
            " USING (id = (SELECT auth.uid()))",
            {("FK_AUTH", "constraint personnes_id_fkey ON public.personnes")},
        ),
        # The same faults in other words
        (POLICY + "FOR INSERT TO authenticated WITH CHECK (true)", {("WRITE_ALWAYS_TRUE", P)}),
        (POLICY + "TO authenticated USING (1 = 1)", {("WRITE_ALWAYS_TRUE", P)}),
        (POLICY + "FOR DELETE USING (true)", {("WRITE_ALWAYS_TRUE", P), ("PUBLIC_POLICY", P)}),
        (
            POLICY + "FOR SELECT TO authenticated USING (EXISTS (SELECT FROM public.profils"
            " WHERE (SELECT auth.uid()) = profils.id))",
            {("WRONG_ID", P)},
        ),
        (
            POLICY + "FOR SELECT TO authenticated USING (EXISTS (SELECT FROM public.profils AS x"
            " WHERE x.id::text = (SELECT auth.uid())::text))",
            {("WRONG_ID", P)},
        ),
        (
            "CREATE FUNCTION public.mon_role() RETURNS text LANGUAGE sql STABLE AS"
            " $$ SELECT current_setting('request.jwt.claims')::jsonb #>> '{user_metadata,role}' $$;"
            + POLICY
            + "FOR SELECT TO authenticated USING ((SELECT public.mon_role()) = 'admin')",
            {("USER_EDITABLE_CLAIM", P)},
        ),
        (
            "GRANT INSERT ON public.profils TO authenticated; CREATE POLICY p ON public.profils"
            " FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()))",
            {("ROLE_SELF_SERVICE", "public.profils")},
        ),
        (
            "CREATE TABLE public.mesures (jour date) PARTITION BY RANGE (jour);"
            "CREATE TABLE public.mesures_2026 PARTITION OF public.mesures"
            " FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
            "ALTER TABLE public.mesures ENABLE ROW LEVEL SECURITY",
            {("RLS_OFF", "public.mesures_2026"), ("RLS_WITHOUT_POLICY", "public.mesures")},
        ),
        (
            "CREATE SCHEMA api; CREATE TABLE api.t (id integer);"
            "ALTER ROLE authenticated SET pgrst.db_schemas = 'public, api'",
            {("RLS_OFF", "api.t")},
        ),
        (
            "CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO PUBLIC; CREATE TABLE api.t (id integer)",
            {("RLS_OFF", "api.t")},
        ),
        ("GRANT UPDATE (nom) ON public.clients TO PUBLIC", {("ANON_GRANT", "public.clients")}),
    ],
)
def test_what_is_sound_is_left_alone_and_a_fault_is_known_by_any_of_its_words(db, sql, expected):
    plant(sql)
    warnings = {"WRITE_WITHOUT_POLICY"}  # of a grant that is there to make the fault possible
    assert {(code, name) for code, name in found() - NORMAL if code not in warnings} == expected
