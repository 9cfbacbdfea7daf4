SELECT pg_temp.expect_columns('gouvernance.operations', ARRAY[
    'id bigint NOT NULL',
    'code text NOT NULL',
    'title text NOT NULL',
    'why text NOT NULL',
    'activities text[] NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.operation_steps', ARRAY[
    'id bigint NOT NULL',
    'operation bigint NOT NULL',
    'position integer NOT NULL',
    'kind text NOT NULL',
    'title text NOT NULL',
    'requirement text NOT NULL',
    'computed text'
]);
SELECT pg_temp.expect_columns('gouvernance.operation_log', ARRAY[
    'id bigint NOT NULL',
    'operation bigint NOT NULL',
    'step bigint',
    'activity text',
    'kind text NOT NULL',
    'text text NOT NULL',
    'evidence text NOT NULL',
    'actor uuid',
    'role text',
    'at timestamp with time zone NOT NULL',
    'happened_on date'
]);
SELECT pg_temp.expect(format('droits sur gouvernance.%s', name), ARRAY['authenticated: SELECT'],
    pg_temp.grants('gouvernance.' || name))
FROM unnest(ARRAY[
    'operations', 'operation_steps', 'operation_log', 'operation_states', 'operation_step_states',
    'operation_freezes'
]) AS name;
SELECT pg_temp.expect('droits sur gouvernance.restrictions', ARRAY[]::text[],
    pg_temp.grants('gouvernance.restrictions'));
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass('gouvernance.' || name) AND relrowsecurity
))
FROM unnest(ARRAY['operations', 'operation_steps', 'operation_log']) AS name;
SELECT pg_temp.expect('security_invoker', ARRAY[name], ARRAY(
    SELECT name FROM pg_class
    WHERE oid = to_regclass('gouvernance.' || name) AND 'security_invoker=true' = ANY (reloptions)
))
FROM unnest(ARRAY['operation_states', 'operation_step_states', 'operation_freezes']) AS name;
SELECT pg_temp.expect('triggers de gouvernance.' || name, ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.' || name
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.' || name, '%'))
FROM unnest(ARRAY['operations', 'operation_steps', 'operation_log']) AS name;

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('active_restrictions()', ARRAY['authenticated', 'mlpp_gov_app']),
    ('hold_operation(text, text[])', ARRAY[]::text[]),
    ('refuse_late(text, uuid, timestamptz, date)', ARRAY[]::text[]),
    ('require_text(text, text, integer)', ARRAY[]::text[]),
    ('log_operation(bigint, text, text, text, text, bigint, text)', ARRAY[]::text[]),
    ('name_of(uuid)', ARRAY[]::text[]),
    ('operation_condition(bigint, text)', ARRAY[]::text[]),
    ('stop_obstacles(bigint, integer, text)', ARRAY[]::text[]),
    ('step_of(bigint, integer, text)', ARRAY[]::text[]),
    ('gate_approvals(text)', ARRAY['authenticated']),
    ('operation_outlook(text)', ARRAY['authenticated']),
    ('open_operation(text, text, text, text[], jsonb)', ARRAY['authenticated']),
    ('start_operation(text)', ARRAY['authenticated']),
    ('declare_step(text, integer, text)', ARRAY['authenticated']),
    ('reopen_step(text, integer, text)', ARRAY['authenticated']),
    ('pass_stop(text, integer, text)', ARRAY['authenticated']),
    ('withdraw_stop(text, integer, text)', ARRAY['authenticated']),
    ('note_operation(text, text)', ARRAY['authenticated']),
    ('set_freeze(text, text, boolean, text)', ARRAY['authenticated']),
    ('finish_operation(text)', ARRAY['authenticated']),
    ('abandon_operation(text, text)', ARRAY['authenticated'])
) AS f (signature, grantees);
