SELECT pg_temp.expect_columns('gouvernance.access_events', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'event text NOT NULL',
    'reason text NOT NULL',
    'severity text NOT NULL',
    'status integer',
    'method text NOT NULL',
    'route text NOT NULL',
    'user_id bigint',
    'role text NOT NULL',
    'address inet',
    'user_agent text NOT NULL',
    'request_id uuid',
    'session text NOT NULL',
    'typed_name text NOT NULL',
    'detail text NOT NULL',
    'release text NOT NULL',
    'count integer NOT NULL',
    'refused boolean NOT NULL'
]);

SELECT pg_temp.expect('droits sur gouvernance.access_events', ARRAY['authenticated: SELECT'],
    pg_temp.grants('gouvernance.access_events'));
SELECT pg_temp.expect('row level security', ARRAY['gouvernance.access_events'], ARRAY(
    SELECT 'gouvernance.access_events' FROM pg_class
    WHERE oid = to_regclass('gouvernance.access_events') AND relrowsecurity
));
SELECT pg_temp.expect('policies de gouvernance.access_events', ARRAY['gouvernance_read r'], ARRAY(
    SELECT concat_ws(' ', polname, polcmd) FROM pg_policy
    WHERE polrelid = to_regclass('gouvernance.access_events') AND polroles = ARRAY['authenticated'::regrole::oid]
));

SELECT pg_temp.expect('triggers de gouvernance.access_events', ARRAY[
        'append_only BEFORE UPDATE OR TRUNCATE ON gouvernance.access_events'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()',
        'keep_recent AFTER DELETE ON gouvernance.access_events REFERENCING OLD TABLE AS forgotten'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.keep_recent_accesses()'
    ],
    pg_temp.triggers('gouvernance.access_events', '%'));

SELECT pg_temp.expect('options et droits de gouvernance.check_acces_suspects',
    ARRAY['security_invoker=true', 'authenticated: SELECT', 'service_role: SELECT'],
    ARRAY(SELECT unnest(reloptions) FROM pg_class WHERE oid = to_regclass('gouvernance.check_acces_suspects'))
        || pg_temp.grants('gouvernance.check_acces_suspects'));

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('record_accesses(jsonb)', ARRAY['mlpp_gov_app']),
    (
        'found_accesses(timestamptz, timestamptz, text, text, text, integer, text, bigint[], text, inet)',
        ARRAY['authenticated', 'service_role']
    ),
    ('access_spikes(timestamptz, timestamptz)', ARRAY['authenticated', 'service_role']),
    ('suspect_accesses()', ARRAY['authenticated', 'service_role']),
    ('keep_recent_accesses()', '{}')
) AS f (signature, grantees);
