"""`contract status` names what native objects let happen around the alerts, one risk at a time."""

import pytest
from psycopg import Connection

from mlpp_gov import contract
from tests.database import Database
from tests.sql.conftest import Manage

POLICY = "CREATE POLICY ancienne ON public.system_alerts "
FUNCTION = "CREATE FUNCTION public.ancienne() RETURNS bigint LANGUAGE "
DEFINER = FUNCTION + "sql SECURITY DEFINER SET search_path = '' "
COUNT = "AS 'SELECT count(*) FROM public.system_alerts'"
CLOSED = "; REVOKE EXECUTE ON FUNCTION public.ancienne() FROM PUBLIC"

RISKS = [
    (
        "GRANT SELECT ON public.v_integrity_checks TO anon",
        ("vue public.v_integrity_checks", "lisible par anon"),
    ),
    (
        "ALTER VIEW public.v_integrity_checks RESET (security_invoker)",
        (
            "vue public.v_integrity_checks",
            "sans security_invoker : elle montre tout à toute personne connectée",
        ),
    ),
    (
        "CREATE VIEW public.v_alertes AS SELECT * FROM public.system_alerts;"
        "GRANT SELECT ON public.v_alertes TO anon",
        (
            "vue public.v_alertes",
            "lisible par anon, sans security_invoker : elle montre tout à Internet",
        ),
    ),
    (
        "ALTER TABLE public.system_alerts DISABLE ROW LEVEL SECURITY",
        ("table public.system_alerts", "RLS désactivée : les policies ne comptent pas"),
    ),
    (
        "GRANT TRUNCATE ON public.system_alerts TO anon",
        (
            "table public.system_alerts",
            "droits trop larges : anon : TRUNCATE (retenu par nos policies et nos gardes)",
        ),
    ),
    (
        POLICY + "FOR SELECT USING (auth.uid() IS NOT NULL)",
        (
            "policy ancienne",
            "{public}, permissive : elle vaut aussi pour anon (retenu par nos policies)",
        ),
    ),
    (
        POLICY + "FOR SELECT TO authenticated USING (true)",
        (
            "policy ancienne",
            "USING (true), permissive : elle ouvre toutes les alertes (retenu par nos policies)",
        ),
    ),
    (
        POLICY + "FOR UPDATE TO authenticated USING"
        " (EXISTS (SELECT FROM public.profils AS p WHERE p.id = (SELECT auth.uid())))",
        (
            "policy ancienne",
            "elle compare profils.id à auth.uid() : 0 ligne modifiée, sans erreur"
            " (la nôtre, à côté, laisse agir qui le doit)",
        ),
    ),
    (DEFINER + COUNT, ("fonction public.ancienne()", "SECURITY DEFINER, exécutable par anon")),
    (
        FUNCTION + "sql SECURITY DEFINER " + COUNT + CLOSED,
        ("fonction public.ancienne()", "SECURITY DEFINER sans search_path fixé"),
    ),
    (
        DEFINER + "AS 'SELECT 1 FROM public.v_integrity_checks LIMIT 200'" + CLOSED,
        (
            "fonction public.ancienne()",
            "LIMIT sans ORDER BY : des CRITICAL peuvent ne jamais arriver",
        ),
    ),
]

HARMLESS = [
    POLICY + "AS RESTRICTIVE FOR SELECT USING (true)",
    POLICY + "FOR UPDATE TO authenticated USING"
    " (EXISTS (SELECT FROM public.profils AS p WHERE p.user_id = auth.uid()))",
    DEFINER + COUNT + CLOSED,
    "CREATE FUNCTION public.ancienne() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
    "CREATE VIEW public.v_alertes WITH (security_invoker = on) AS SELECT * FROM public.system_alerts;"
    "GRANT SELECT ON public.v_alertes TO authenticated",
]


@pytest.fixture
def owner(fresh_database: Database) -> Connection:
    with fresh_database.owner() as connection:
        yield connection


def risks(connection: Connection) -> list[tuple[object, ...]]:
    connection.execute("SET search_path = ''")
    return connection.execute(contract.RISKS.read_text(encoding="utf-8")).fetchall()


@pytest.mark.parametrize(("planted", "risk"), RISKS, ids=[risk for _, (_, risk) in RISKS])
def test_it_names_the_risk(owner: Connection, planted: str, risk: tuple[str, str]) -> None:
    owner.execute(planted)

    assert risks(owner) == [risk]


@pytest.mark.parametrize("planted", HARMLESS)
def test_it_says_nothing_of_what_is_harmless(owner: Connection, planted: str) -> None:
    owner.execute(planted)

    assert risks(owner) == []


def test_a_risk_does_not_keep_from_deploying(fresh_database: Database, manage: Manage) -> None:
    with fresh_database.owner() as connection:
        connection.execute(POLICY + "FOR SELECT TO authenticated USING (true)")

    assert "Risques" not in manage(fresh_database, "contract", "deploy")


def test_an_installation_of_ours_has_none(fresh_database: Database, manage: Manage) -> None:
    assert manage(fresh_database, "contract", "status").splitlines()[-1] == "Aucun risque connu."


def test_one_object_alone_is_told_without_the_risks(
    fresh_database: Database, manage: Manage
) -> None:
    assert manage(fresh_database, "contract", "status", "sync") == "sync  à nous  conforme\n"
