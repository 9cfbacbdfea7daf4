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

SELECT pg_temp.expect('lecture de public.v_integrity_checks par anon', ARRAY[]::text[], ARRAY(
    SELECT g FROM unnest(pg_temp.grants('public.v_integrity_checks')) AS g WHERE g ~ '^(anon|PUBLIC):'
));

SELECT pg_temp.expect('lecture de public.v_integrity_checks', ARRAY['authenticated: SELECT'], ARRAY(
    SELECT g FROM unnest(pg_temp.grants('public.v_integrity_checks')) AS g
    WHERE g = 'authenticated: SELECT'
));

-- Every row must be readable: a view that raises when read would silence every check.
SELECT count(payload) FROM public.v_integrity_checks;
