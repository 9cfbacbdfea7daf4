"""An installation that already has the view or the table: kept, unless asked to replace."""

import re

import pytest
from django.core.management import CommandError
from psycopg import Connection

from tests.database import Database
from tests.sql.conftest import Dump, Manage

# The view of contract V1: the clamped stock, one row per owner, the view owner's rights.
V1_VIEW = """
CREATE VIEW public.v_integrity_checks WITH (security_barrier = true) AS
SELECT
    'STOCK_NEGATIF'::text AS check_code,
    'CRITICAL'::text AS severity,
    'CITERNE_STOCK'::text AS entity_type,
    s.citerne_id AS entity_id,
    'Stock négatif'::text AS message,
    jsonb_build_object(
        'depot_id', s.depot_id, 'citerne_id', s.citerne_id, 'produit_id', s.produit_id,
        'proprietaire_type', s.proprietaire_type, 'stock_ambiant', s.stock_ambiant,
        'stock_15c', s.stock_15c, 'threshold_negative', -0.01
    ) AS payload,
    now() AS detected_at
FROM public.v_stock_actuel AS s
WHERE s.stock_ambiant < -0.01 OR s.stock_15c < -0.01
UNION ALL
SELECT
    'RECEPTION_ECART_15C', 'WARN', 'RECEPTION', r.id,
    'Écart de volume à 15 °C supérieur à 5 %',
    jsonb_build_object('reception_id', r.id, 'volume_ambiant', r.volume_ambiant),
    now()
FROM public.receptions AS r
WHERE r.statut = 'validee' AND r.volume_ambiant > 0
    AND abs(coalesce(r.volume_15c, r.volume_corrige_15c) - r.volume_ambiant)
        > 0.05 * r.volume_ambiant;

COMMENT ON VIEW public.v_integrity_checks IS 'Contrôles V1';
COMMENT ON COLUMN public.v_integrity_checks.payload IS 'Détails';
GRANT SELECT (check_code, severity) ON public.v_integrity_checks TO anon;
GRANT SELECT ON public.v_integrity_checks TO authenticated;
GRANT SELECT ON public.v_integrity_checks TO pg_monitor;
GRANT ALL ON public.v_integrity_checks TO service_role WITH GRANT OPTION;
"""

# As older installations have it: every right to everyone, and a policy that matches nobody.
V1_TABLE = """
CREATE TABLE public.system_alerts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    check_code text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('CRITICAL', 'WARN')),
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    message text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'ACK', 'RESOLVED')),
    first_detected_at timestamptz NOT NULL DEFAULT now(),
    last_detected_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    resolved_by uuid,
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (check_code, entity_type, entity_id)
);
CREATE FUNCTION public.system_alerts_set_actor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'ACK' THEN
        NEW.acknowledged_by := auth.uid();
        NEW.acknowledged_at := now();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER trg_system_alerts_set_actor BEFORE UPDATE ON public.system_alerts
    FOR EACH ROW EXECUTE FUNCTION public.system_alerts_set_actor();
ALTER TABLE public.system_alerts ENABLE ROW LEVEL SECURITY;
CREATE POLICY update_alerts ON public.system_alerts FOR UPDATE TO authenticated
    USING (EXISTS (SELECT FROM public.profils AS p WHERE p.id = auth.uid()));
GRANT ALL ON public.system_alerts TO anon, authenticated, service_role;
INSERT INTO public.system_alerts
    (check_code, severity, entity_type, entity_id, message, status, acknowledged_at)
VALUES
    ('CDR_ARRIVE_STALE', 'WARN', 'CDR', gen_random_uuid(), 'Camion 1', 'OPEN', NULL),
    ('CDR_ARRIVE_STALE', 'WARN', 'CDR', gen_random_uuid(), 'Camion 2', 'ACK', '2026-02-19 06:00Z'),
    ('STOCK_NEGATIF', 'CRITICAL', 'CITERNE_STOCK', gen_random_uuid(), 'TANK1', 'RESOLVED', NULL);
"""


@pytest.fixture
def v1_database(bare_database: Database) -> Database:
    """ML_PP with both objects of contract V1, and three alerts."""
    with bare_database.owner() as connection:
        connection.execute(V1_VIEW)
        connection.execute(V1_TABLE)
    return bare_database


def view(connection: Connection) -> tuple[object, ...]:
    """Everything that the view is: definition, options, owner, rights, comment."""
    return connection.execute(
        """
        SELECT pg_get_viewdef(c.oid), c.reloptions, c.relowner, c.relacl,
               ARRAY(SELECT attacl::text FROM pg_attribute WHERE attrelid = c.oid ORDER BY attnum),
               obj_description(c.oid)
        FROM pg_class AS c WHERE c.oid = 'public.v_integrity_checks'::regclass
        """
    ).fetchone()


def alerts(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM public.system_alerts ORDER BY id").fetchall()


def statements(sql: str) -> set[str]:
    return {statement.strip() for statement in sql.split("\n\n\n")}


def test_deploy_leaves_a_native_view_as_it_is(v1_database: Database, manage: Manage) -> None:
    with v1_database.owner() as connection:
        before = view(connection)
        manage(v1_database, "contract", "deploy")
        assert view(connection) == before


def test_deploy_leaves_a_native_table_its_definition_and_its_rows(
    v1_database: Database, manage: Manage, dump: Dump
) -> None:
    table = "--table=public.system_alerts"
    before = statements(dump(v1_database, table))
    with v1_database.owner() as connection:
        rows = alerts(connection)
        manage(v1_database, "contract", "deploy")
        assert alerts(connection) == rows

    after = statements(dump(v1_database, table))
    additions = re.compile(
        r"CREATE (TRIGGER (zz_gouvernance_guard|gouvernance_journal)|POLICY gouvernance|INDEX gouvernance)_"
    )
    assert before <= after
    assert all(additions.search(statement) for statement in after - before)


def test_status_says_native_and_what_differs(v1_database: Database, manage: Manage) -> None:
    manage(v1_database, "contract", "deploy")

    status = dict(
        line.split(maxsplit=1) for line in manage(v1_database, "contract", "status").splitlines()
    )

    assert status["v_integrity_checks"].startswith(
        "natif   options de public.v_integrity_checks : manque security_invoker=true"
    )
    assert status["system_alerts"].startswith(
        "natif   triggers de public.system_alerts : manque trg_system_alerts_set_actor"
    )
    assert status["guards"] == status["policies"] == "à nous  conforme"


def test_verify_fails_on_a_native_object_that_differs(
    v1_database: Database, manage: Manage
) -> None:
    manage(v1_database, "contract", "deploy")

    with pytest.raises(CommandError, match=r"^v_integrity_checks : .*\nsystem_alerts : .*$"):
        manage(v1_database, "contract", "verify")


def test_a_native_table_without_row_level_security_is_refused_whole(
    v1_database: Database, manage: Manage, dump: Dump
) -> None:
    with v1_database.owner() as connection:
        connection.execute("ALTER TABLE public.system_alerts DISABLE ROW LEVEL SECURITY")
    before = dump(v1_database)

    with pytest.raises(CommandError, match=r"^policies : row level security : manque"):
        manage(v1_database, "contract", "deploy")

    assert dump(v1_database) == before


def test_revert_leaves_native_objects_exactly_as_they_were(
    v1_database: Database, manage: Manage, dump: Dump
) -> None:
    before = dump(v1_database)
    with v1_database.owner() as connection:
        rows = alerts(connection)
    manage(v1_database, "contract", "deploy")

    manage(v1_database, "contract", "revert", "--no-input")

    assert dump(v1_database) == before
    with v1_database.owner() as connection:
        assert alerts(connection) == rows


def test_replace_brings_the_view_to_the_contract(v1_database: Database, manage: Manage) -> None:
    printed = manage(v1_database, "contract", "deploy", "--replace", "v_integrity_checks")

    assert "v_integrity_checks  à nous  conforme" in printed.splitlines()


def test_revert_puts_the_replaced_view_back_exactly(
    v1_database: Database, manage: Manage, dump: Dump
) -> None:
    before = dump(v1_database)
    with v1_database.owner() as connection:
        native = view(connection)
    manage(v1_database, "contract", "deploy", "--replace", "v_integrity_checks")
    manage(v1_database, "contract", "deploy")  # must not take our view for the native one

    manage(v1_database, "contract", "revert", "--no-input")

    assert dump(v1_database) == before
    with v1_database.owner() as connection:
        assert view(connection) == native


def test_the_native_view_alone_can_be_brought_back_and_the_alerts_stay(
    v1_database: Database, manage: Manage
) -> None:
    with v1_database.owner() as connection:
        native = view(connection)
    manage(v1_database, "contract", "deploy")
    manage(v1_database, "contract", "deploy", "--replace", "v_integrity_checks")

    printed = manage(v1_database, "contract", "revert", "v_integrity_checks", "--no-input")

    assert printed == "Retiré : v_integrity_checks.\n"
    with v1_database.owner() as connection:
        assert view(connection) == native
        assert connection.execute("SELECT gouvernance.sync_alerts()").fetchone() is not None


def test_a_view_that_only_its_owner_may_read_comes_back_so(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    with bare_database.owner() as connection:
        connection.execute(V1_VIEW.split("GRANT")[0])
    before = dump(bare_database)
    manage(bare_database, "contract", "deploy", "--replace", "v_integrity_checks")

    manage(bare_database, "contract", "revert", "--no-input")

    assert dump(bare_database) == before


def test_what_reads_the_view_keeps_reading_it(
    v1_database: Database, manage: Manage, dump: Dump
) -> None:
    with v1_database.owner() as connection:
        connection.execute(
            "CREATE VIEW public.v_nombre AS SELECT count(*) FROM public.v_integrity_checks"
        )
    before = dump(v1_database)
    manage(v1_database, "contract", "deploy", "--replace", "v_integrity_checks")
    with v1_database.owner() as connection:
        assert connection.execute("SELECT * FROM public.v_nombre").fetchone() == (0,)

    manage(v1_database, "contract", "revert", "--no-input")

    assert dump(v1_database) == before


def test_a_view_with_other_columns_is_not_replaced(
    bare_database: Database, manage: Manage, dump: Dump
) -> None:
    with bare_database.owner() as connection:
        connection.execute("CREATE VIEW public.v_integrity_checks AS SELECT 'X'::text AS code")
    before = dump(bare_database)

    with pytest.raises(CommandError, match=r"^v_integrity_checks : déploiement refusé\. "):
        manage(bare_database, "contract", "deploy", "--replace", "v_integrity_checks")

    assert dump(bare_database) == before


def test_the_table_is_never_replaced(v1_database: Database, manage: Manage, dump: Dump) -> None:
    before = dump(v1_database)

    with pytest.raises(CommandError, match=r"^system_alerts ne se remplace pas : "):
        manage(v1_database, "contract", "deploy", "--replace", "system_alerts")

    assert dump(v1_database) == before
