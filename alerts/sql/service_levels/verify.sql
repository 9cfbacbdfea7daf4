SELECT pg_temp.expect_columns('gouvernance.service_levels', ARRAY[
    'check_code text NOT NULL',
    'severity text NOT NULL',
    'hours integer'
]);
SELECT pg_temp.expect_columns('gouvernance.service_level_changes', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'actor uuid NOT NULL',
    'check_code text NOT NULL',
    'severity text NOT NULL',
    'before jsonb',
    'after jsonb'
]);
SELECT pg_temp.expect(format('droits sur %s', name),
    ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT', 'service_role: SELECT'],
    pg_temp.grants(name))
FROM unnest(ARRAY['gouvernance.service_levels', 'gouvernance.service_level_changes']) AS name;

SELECT pg_temp.expect('triggers de gouvernance.service_level_changes', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.service_level_changes'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.service_level_changes', '%'));

SELECT pg_temp.expect('délais généraux', ARRAY['CRITICAL', 'WARN'],
    ARRAY(SELECT severity FROM gouvernance.service_levels WHERE check_code = '*'));

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('deadline(integer, timestamptz, text)', ARRAY['authenticated', 'mlpp_gov_app', 'service_role']),
    ('due_at(text, text, timestamptz, text)', ARRAY['authenticated', 'mlpp_gov_app', 'service_role']),
    ('set_service_level(text, text, integer)', ARRAY['authenticated']),
    ('clear_service_level(text, text)', ARRAY['authenticated'])
) AS f (signature, grantees);
