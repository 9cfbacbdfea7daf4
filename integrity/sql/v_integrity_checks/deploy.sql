-- The branches that the catalogue could install, one after the other.
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW public.v_integrity_checks WITH (security_invoker = true) AS ' || (
        SELECT string_agg(
            format(
                'SELECT check_code, severity, entity_type, entity_id, message, payload, detected_at FROM gouvernance.%I',
                'check_' || lower(code)
            ),
            ' UNION ALL ' ORDER BY code
        )
        FROM gouvernance.checks
        WHERE install_error IS NULL
    );
END
$$;

REVOKE ALL ON public.v_integrity_checks FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON public.v_integrity_checks TO authenticated, service_role;

-- Branches of checks that are no longer in the catalogue.
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_catalog.pg_class
        WHERE relnamespace = 'gouvernance'::pg_catalog.regnamespace AND relkind = 'v'
            AND relname LIKE 'check\_%'
            AND relname NOT IN (SELECT 'check_' || lower(code) FROM gouvernance.checks)
            AND relname NOT IN (SELECT 'check_' || lower(code) FROM gouvernance.other_sources() AS code)
    LOOP
        EXECUTE format('DROP VIEW %s', relation);
    END LOOP;
END
$$;
