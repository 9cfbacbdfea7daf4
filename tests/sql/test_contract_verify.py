"""`contract verify`: silent on a healthy database, and names what somebody changed."""

import pytest
from django.core.management import CommandError

from tests.database import Database, run_on_server
from tests.sql.conftest import Manage

SYNC = "FUNCTION gouvernance.sync_alerts(integer)"
GUARDED = "BEFORE UPDATE ON public.system_alerts FOR EACH ROW"

# (what somebody did, what verify must say of it)
SABOTAGES = [
    # Columns
    (
        "ALTER TABLE public.system_alerts ALTER message DROP NOT NULL",
        "colonnes de public.system_alerts : manque message text NOT NULL ; en trop message text",
    ),
    (
        "ALTER TABLE public.system_alerts ADD COLUMN note text",
        "colonnes de public.system_alerts : en trop note text",
    ),
    (
        "ALTER TABLE public.system_alerts DROP COLUMN resolved_at",
        "colonnes de public.system_alerts : manque resolved_at timestamp with time zone",
    ),
    (
        "ALTER TABLE public.system_alerts ALTER entity_type TYPE varchar(40)",
        "en trop entity_type character varying(40) NOT NULL",
    ),
    (
        "ALTER TABLE public.system_alerts DROP COLUMN resolved_by, ADD COLUMN resolved_by uuid",
        "colonnes de public.system_alerts : ordre attendu",
    ),
    (
        "ALTER TABLE public.system_alerts ALTER status DROP DEFAULT",
        "défauts de public.system_alerts : manque status 'OPEN'::text",
    ),
    (
        "DROP TRIGGER keep_recent ON gouvernance.access_events",
        "triggers de gouvernance.access_events : manque keep_recent",
    ),
    (
        "GRANT DELETE ON gouvernance.access_events TO mlpp_gov_app",
        "droits sur gouvernance.access_events : en trop mlpp_gov_app: DELETE",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.record_accesses(jsonb) TO authenticated",
        "droits sur gouvernance.record_accesses(jsonb) : en trop authenticated",
    ),
    (
        "ALTER TABLE gouvernance.access_events DISABLE ROW LEVEL SECURITY",
        "row level security : manque gouvernance.access_events",
    ),
    (
        "GRANT INSERT ON gouvernance.operation_log TO authenticated",
        "droits sur gouvernance.operation_log : en trop authenticated: INSERT",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.evaluate_accesses() TO PUBLIC",
        "droits sur gouvernance.evaluate_accesses : en trop PUBLIC",
    ),
    ("DROP TABLE public.system_alerts", "public.system_alerts : absent"),
    ("DROP VIEW public.v_integrity_checks", "public.v_integrity_checks : absent"),
    (
        "DROP VIEW public.v_integrity_checks;"
        "CREATE VIEW public.v_integrity_checks AS SELECT 'X'::text AS check_code",
        "colonnes de public.v_integrity_checks : manque detected_at timestamp with time zone,",
    ),
    # Constraints
    (
        "ALTER TABLE public.system_alerts DROP CONSTRAINT system_alerts_status_check",
        "contraintes de public.system_alerts : manque CHECK ((status = ANY",
    ),
    (
        "ALTER TABLE public.system_alerts"
        " DROP CONSTRAINT system_alerts_check_code_entity_type_entity_id_key",
        "manque UNIQUE (check_code, entity_type, entity_id)",
    ),
    (
        "ALTER TABLE public.system_alerts ADD CHECK (char_length(message) < 80)",
        "contraintes de public.system_alerts : en trop CHECK ((char_length(message) < 80))",
    ),
    # Triggers
    (
        "DROP TRIGGER zz_gouvernance_guard_update ON public.system_alerts",
        f"gardes de public.system_alerts : manque zz_gouvernance_guard_update {GUARDED}",
    ),
    (
        "ALTER TABLE public.system_alerts DISABLE TRIGGER zz_gouvernance_guard_delete",
        "gardes de public.system_alerts : manque zz_gouvernance_guard_delete BEFORE DELETE",
    ),
    (
        "ALTER TABLE public.system_alerts DISABLE TRIGGER trg_system_alerts_set_updated_at",
        f"triggers de public.system_alerts : manque trg_system_alerts_set_updated_at {GUARDED}",
    ),
    (
        "CREATE TRIGGER zzz_last_word BEFORE UPDATE ON public.system_alerts"
        " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "trigger après les gardes : en trop zzz_last_word",
    ),
    # Rights
    (
        "GRANT TRUNCATE ON public.system_alerts TO anon",
        "droits sur public.system_alerts : en trop anon: TRUNCATE",
    ),
    (
        "GRANT UPDATE (message) ON public.system_alerts TO authenticated",
        "droits sur public.system_alerts : en trop authenticated: UPDATE(message)",
    ),
    (
        "REVOKE SELECT ON public.system_alerts FROM authenticated",
        "droits sur public.system_alerts : manque authenticated: SELECT",
    ),
    (
        "GRANT SELECT ON public.v_integrity_checks TO anon",
        "droits sur public.v_integrity_checks : en trop anon: SELECT",
    ),
    (
        "REVOKE SELECT ON public.v_integrity_checks FROM authenticated",
        "droits sur public.v_integrity_checks : manque authenticated: SELECT",
    ),
    (
        "GRANT INSERT ON gouvernance.sync_runs TO mlpp_gov_app",
        "droits sur gouvernance.sync_runs : en trop mlpp_gov_app: INSERT",
    ),
    (
        "GRANT INSERT ON gouvernance.sync_failures TO mlpp_gov_app",
        "droits sur gouvernance.sync_failures : en trop mlpp_gov_app: INSERT",
    ),
    (
        "GRANT INSERT ON gouvernance.procrastinate_jobs TO authenticated",
        "droits sur gouvernance.procrastinate_jobs : en trop authenticated: INSERT",
    ),
    (
        "REVOKE USAGE ON SEQUENCE gouvernance.procrastinate_jobs_id_seq FROM mlpp_gov_app",
        "droits sur gouvernance.procrastinate_jobs_id_seq : manque mlpp_gov_app: USAGE",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.procrastinate_register_worker_v1() TO PUBLIC",
        "droits sur gouvernance.procrastinate_register_worker_v1() : en trop PUBLIC",
    ),
    (
        f"GRANT EXECUTE ON {SYNC} TO anon",
        "droits sur gouvernance.sync_alerts(integer) : en trop anon",
    ),
    (
        f"REVOKE EXECUTE ON {SYNC} FROM mlpp_gov_app",
        "droits sur gouvernance.sync_alerts(integer) : manque mlpp_gov_app",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.role_of(uuid) TO PUBLIC",
        "droits sur gouvernance.role_of : en trop PUBLIC",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.astm54b_vcf(float8, float8) TO anon",
        "droits sur gouvernance.astm54b_vcf : en trop anon",
    ),
    # What runs with whose rights
    (
        f"ALTER {SYNC} SECURITY INVOKER",
        "gouvernance.sync_alerts(integer) : manque SECURITY DEFINER",
    ),
    (f"ALTER {SYNC} RESET search_path", 'gouvernance.sync_alerts(integer) : manque search_path=""'),
    (
        "ALTER FUNCTION gouvernance.role_of(uuid) RESET search_path",
        'manque role_of(person uuid) STABLE SECURITY DEFINER search_path=""',
    ),
    (
        "ALTER VIEW public.v_integrity_checks SET (security_invoker = false)",
        "options de public.v_integrity_checks : manque security_invoker=true",
    ),
    # Row level security
    (
        "ALTER TABLE public.system_alerts DISABLE ROW LEVEL SECURITY",
        "row level security : manque public.system_alerts",
    ),
    (
        "DROP POLICY gouvernance_floor_handle ON public.system_alerts",
        "manque gouvernance_floor_handle RESTRICTIVE UPDATE authenticated",
    ),
    (
        "ALTER POLICY gouvernance_read ON public.system_alerts TO public",
        "en trop gouvernance_read PERMISSIVE SELECT public",
    ),
    (
        "CREATE POLICY everyone ON public.system_alerts USING (true)",
        "policies permissives {public} sur public.system_alerts : en trop everyone",
    ),
    # What was rewritten under its own name
    (
        "ALTER POLICY gouvernance_floor_handle ON public.system_alerts"
        " USING (true) WITH CHECK (true)",
        "changé depuis le déploiement : policy gouvernance_floor_handle de public.system_alerts",
    ),
    (
        "CREATE OR REPLACE FUNCTION gouvernance.guard_system_alerts() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "changé depuis le déploiement : fonction gouvernance.guard_system_alerts()",
    ),
    (
        "CREATE OR REPLACE VIEW public.v_integrity_checks WITH (security_invoker = true) AS"
        " SELECT '' AS check_code, '' AS severity, '' AS entity_type, NULL::uuid AS entity_id,"
        " '' AS message, NULL::jsonb AS payload, now() AS detected_at WHERE false",
        "changé depuis le déploiement : vue public.v_integrity_checks",
    ),
    (
        "ALTER TABLE gouvernance.sync_runs DROP CONSTRAINT sync_runs_pkey CASCADE",
        "contrainte sync_runs_pkey de gouvernance.sync_runs",
    ),
    (
        "CREATE OR REPLACE FUNCTION gouvernance.astm54b_vcf(density_15 float8, temperature float8)"
        " RETURNS float8 LANGUAGE sql IMMUTABLE RETURN 1",
        "changé depuis le déploiement : fonction gouvernance.astm54b_vcf(",
    ),
    (
        "ALTER FUNCTION gouvernance.astm53b_volume_15(float8, float8, float8, boolean)"
        " RENAME TO astm53b_volume",
        "fonctions ASTM 53B et 54B : manque astm53b_volume_15(volume double precision,",
    ),
    # The simulation report
    (
        "GRANT INSERT ON gouvernance.simulation_approvals TO authenticated",
        "droits sur gouvernance.simulation_approvals : en trop authenticated: INSERT",
    ),
    (
        "DROP TRIGGER append_only ON gouvernance.simulation_approvals",
        "triggers de gouvernance.simulation_approvals : manque append_only",
    ),
    (
        "ALTER TABLE gouvernance.simulation_approvals DISABLE ROW LEVEL SECURITY",
        "row level security : manque gouvernance.simulation_approvals",
    ),
    (
        "ALTER POLICY gouvernance_read ON gouvernance.simulation_approvals USING (true)",
        "changé depuis le déploiement : policy gouvernance_read de gouvernance.simulation_approvals",
    ),
    (
        "ALTER TABLE gouvernance.simulation_approvals DROP CONSTRAINT simulation_approvals_note_check",
        "changé depuis le déploiement : contrainte simulation_approvals_note_check",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.approve_simulation(text, date, date, uuid, uuid, text,"
        " boolean, text) TO anon",
        "droits sur gouvernance.approve_simulation(text, date, date, uuid, uuid, text, boolean, text)"
        " : en trop anon",
    ),
    # The catalogue of checks
    (
        "GRANT UPDATE ON gouvernance.check_thresholds TO mlpp_gov_app",
        "droits sur gouvernance.check_thresholds : en trop mlpp_gov_app: UPDATE",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric)"
        " TO anon",
        "gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric) : en trop anon",
    ),
    (
        "ALTER VIEW gouvernance.check_stock_negatif RESET (security_invoker)",
        "options et droits de la vue de STOCK_NEGATIF : manque security_invoker=true",
    ),
    (
        "CREATE OR REPLACE VIEW gouvernance.check_stock_negatif WITH (security_invoker = true) AS"
        " SELECT * FROM gouvernance.check_stock_over_capacity WHERE false",
        "changé depuis le déploiement : vue gouvernance.check_stock_negatif",
    ),
    (
        "DELETE FROM gouvernance.checks WHERE code = 'STOCK_NEGATIF'",
        "contrôles du catalogue : manque STOCK_NEGATIF",
    ),
    (
        "UPDATE gouvernance.checks SET install_error = 'relation absente' WHERE code = 'STOCK_NEGATIF'",
        "contrôle STOCK_NEGATIF impossible ici, relation absente",
    ),
    (
        "DROP TRIGGER append_only ON gouvernance.check_changes",
        "triggers de gouvernance.check_changes : manque append_only",
    ),
    # The RLS audits
    (
        "GRANT INSERT ON gouvernance.rls_audits TO mlpp_gov_app",
        "droits sur gouvernance.rls_audits : en trop mlpp_gov_app: INSERT",
    ),
    (
        "DROP TRIGGER append_only ON gouvernance.rls_audits",
        "triggers de gouvernance.rls_audits : manque append_only",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.record_rls_audit(timestamptz, text, text, jsonb, jsonb)"
        " TO authenticated",
        "droits sur gouvernance.record_rls_audit : en trop authenticated",
    ),
    # The requests of deploy scripts
    (
        "GRANT INSERT ON gouvernance.release_requests TO mlpp_gov_app",
        "droits sur gouvernance.release_requests : en trop mlpp_gov_app: INSERT",
    ),
    (
        "DROP TRIGGER append_only ON gouvernance.release_requests",
        "triggers de gouvernance.release_requests : manque append_only",
    ),
    (
        "GRANT EXECUTE ON FUNCTION gouvernance.count_release_request() TO authenticated",
        "droits sur gouvernance.count_release_request() : en trop authenticated",
    ),
    # What guards lean on
    (
        "ALTER TABLE public.system_alerts ENABLE REPLICA TRIGGER zz_gouvernance_guard_update",
        "gardes de public.system_alerts : manque zz_gouvernance_guard_update",
    ),
    (
        "ALTER VIEW gouvernance.v_stock_reel SET (security_invoker = false)",
        "options de gouvernance.v_stock_reel : manque security_invoker=true",
    ),
    (
        "GRANT SELECT ON gouvernance.v_stock_reel TO anon",
        "droits sur gouvernance.v_stock_reel : en trop anon: SELECT",
    ),
    (
        "GRANT USAGE ON SCHEMA gouvernance TO anon",
        "droits sur le schéma gouvernance : en trop anon: USAGE",
    ),
    (
        "REVOKE USAGE ON SCHEMA gouvernance FROM mlpp_gov_app",
        "droits sur le schéma gouvernance : manque mlpp_gov_app: USAGE",
    ),
    (
        "GRANT ALL ON gouvernance.contract_objects TO anon",
        "droits sur gouvernance.contract_objects : en trop anon: DELETE",
    ),
    (
        "GRANT UPDATE ON public.v_integrity_checks TO authenticated",
        "droits sur public.v_integrity_checks : en trop authenticated: UPDATE",
    ),
    (
        "GRANT SELECT ON public.v_integrity_checks TO mlpp_gov_app",
        "droits sur public.v_integrity_checks : en trop mlpp_gov_app: SELECT",
    ),
]


@pytest.mark.parametrize(("sabotage", "difference"), SABOTAGES, ids=[s for s, _ in SABOTAGES])
def test_it_names_what_somebody_changed(
    fresh_database: Database, manage: Manage, sabotage: str, difference: str
) -> None:
    assert manage(fresh_database, "contract", "verify") == "Contrat conforme.\n"
    with fresh_database.owner() as connection:
        connection.execute(sabotage)

    with pytest.raises(CommandError) as refusal:
        manage(fresh_database, "contract", "verify")

    assert difference in str(refusal.value)


@pytest.mark.parametrize(
    ("sabotage", "repair", "difference"),
    [
        ("ALTER ROLE mlpp_gov_app INHERIT", "ALTER ROLE mlpp_gov_app NOINHERIT", "en trop INHERIT"),
        (
            "ALTER ROLE mlpp_gov_app BYPASSRLS",
            "ALTER ROLE mlpp_gov_app NOBYPASSRLS",
            "en trop BYPASSRLS",
        ),
        (
            "ALTER ROLE mlpp_gov_app REPLICATION",
            "ALTER ROLE mlpp_gov_app NOREPLICATION",
            "en trop REPLICATION",
        ),
        (
            "GRANT authenticated TO mlpp_gov_app WITH ADMIN OPTION",
            "REVOKE ADMIN OPTION FOR authenticated FROM mlpp_gov_app",
            "en trop authenticated WITH ADMIN OPTION",
        ),
        (
            "GRANT service_role TO mlpp_gov_app",
            "REVOKE service_role FROM mlpp_gov_app",
            "rôles accordés à mlpp_gov_app : en trop service_role",
        ),
    ],
)
def test_it_names_what_the_application_s_login_may_do_too_much(
    fresh_database: Database, manage: Manage, sabotage: str, repair: str, difference: str
) -> None:
    run_on_server(sabotage)  # a role belongs to every database of the server
    try:
        with pytest.raises(CommandError) as refusal:
            manage(fresh_database, "contract", "verify")
    finally:
        run_on_server(repair)

    assert difference in str(refusal.value)
    assert manage(fresh_database, "contract", "verify") == "Contrat conforme.\n"


def test_it_names_every_object_that_differs(fresh_database: Database, manage: Manage) -> None:
    with fresh_database.owner() as connection:
        connection.execute("GRANT SELECT ON public.v_integrity_checks TO anon")
        connection.execute("DROP POLICY gouvernance_read ON public.system_alerts")

    with pytest.raises(CommandError) as refusal:
        manage(fresh_database, "contract", "verify")

    named = [line.split(" : ")[0] for line in str(refusal.value).splitlines()]
    assert named == ["gouvernance", "v_integrity_checks", "policies"]  # the first names the policy


def test_deploy_repairs_rights_triggers_and_policies(
    fresh_database: Database, manage: Manage
) -> None:
    with fresh_database.owner() as connection:
        connection.execute("GRANT ALL ON public.system_alerts TO anon")
        connection.execute("DROP TRIGGER zz_gouvernance_guard_update ON public.system_alerts")
        connection.execute("ALTER POLICY gouvernance_read ON public.system_alerts TO public")

    manage(fresh_database, "contract", "deploy")

    assert manage(fresh_database, "contract", "verify") == "Contrat conforme.\n"
