DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT oid FROM pg_catalog.pg_class
        WHERE relnamespace = 'gouvernance'::pg_catalog.regnamespace AND relkind = 'v'
            AND relname LIKE 'check\_%'
            AND relname NOT IN (SELECT 'check_' || lower(code) FROM gouvernance.other_sources() AS code)
    LOOP
        EXECUTE format('DROP VIEW %s', relation);
    END LOOP;
END
$$;
DROP FUNCTION IF EXISTS
    gouvernance.declare_opening_stock(uuid, uuid, text, numeric, numeric),
    gouvernance.tune_check(text, boolean, integer, jsonb),
    gouvernance.check_settings(text),
    gouvernance.require_administrator(),
    gouvernance.source_of(text),
    gouvernance.separate_checks(),
    gouvernance.view_is_ours(),
    gouvernance.check_enabled(text),
    gouvernance.threshold(text, text);
DROP TABLE IF EXISTS
    gouvernance.check_proofs,
    gouvernance.check_changes,
    gouvernance.opening_stocks,
    gouvernance.check_thresholds,
    gouvernance.checks;
