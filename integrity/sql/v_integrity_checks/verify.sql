SELECT pg_temp.expect_columns('public.v_integrity_checks', ARRAY[
    'check_code text',
    'severity text',
    'entity_type text',
    'entity_id uuid',
    'message text',
    'payload jsonb',
    'detected_at timestamp with time zone'
]);

SELECT pg_temp.expect('options de public.v_integrity_checks', ARRAY['security_invoker=true'], ARRAY(
    SELECT unnest(reloptions) FROM pg_class WHERE oid = 'public.v_integrity_checks'::regclass
));

-- Other roles of an installation keep what they had on a view that this one replaced.
SELECT pg_temp.expect('droits sur public.v_integrity_checks', ARRAY['authenticated: SELECT'], ARRAY(
    SELECT g FROM unnest(pg_temp.grants('public.v_integrity_checks')) AS g
    WHERE g ~ '^(PUBLIC|anon|authenticated|mlpp_gov_app):'
));

SELECT pg_temp.expect('branches de public.v_integrity_checks',
    ARRAY(SELECT 'gouvernance.check_' || lower(code) FROM gouvernance.checks WHERE install_error IS NULL),
    ARRAY(
        SELECT DISTINCT d.refobjid::regclass::text
        FROM pg_rewrite AS r
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
        WHERE r.ev_class = 'public.v_integrity_checks'::regclass
    ));

-- Every row must be readable: a view that raises when read would silence every check. The application's
-- own login reads it as a person only, and takes the rest of this file's word.
DO $$
BEGIN
    IF has_table_privilege('public.v_integrity_checks', 'SELECT') THEN
        PERFORM count(payload) FROM public.v_integrity_checks;
    END IF;
END
$$;
