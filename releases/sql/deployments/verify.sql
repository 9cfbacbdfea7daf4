SELECT pg_temp.expect_columns('gouvernance.deployments', ARRAY[
    'id bigint NOT NULL',
    'release bigint NOT NULL',
    'environment text NOT NULL',
    'kind text NOT NULL',
    'scenario text',
    'state text NOT NULL',
    'replaces bigint',
    'reason text NOT NULL',
    'operator uuid NOT NULL',
    'operator_token bigint',
    'opened_at timestamp with time zone NOT NULL',
    'backup_reference text NOT NULL',
    'rollback_plan text NOT NULL',
    'window_from timestamp with time zone',
    'window_to timestamp with time zone',
    'gate bigint',
    'authorised_by uuid',
    'authorised_role text',
    'authorised_at timestamp with time zone',
    'started_at timestamp with time zone',
    'deployed_at timestamp with time zone',
    'finished_at timestamp with time zone',
    'outcome text NOT NULL',
    'freeze_id bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.freezes', ARRAY[
    'id bigint NOT NULL',
    'release bigint NOT NULL',
    'gate bigint NOT NULL',
    'reason text NOT NULL',
    'began_at timestamp with time zone NOT NULL',
    'began_by uuid NOT NULL',
    'began_role text NOT NULL',
    'ended_at timestamp with time zone',
    'ended_by uuid',
    'ended_role text',
    'ended_for text',
    'ended_why text',
    'gate_held boolean'
]);
SELECT pg_temp.expect_columns('gouvernance.release_incidents', ARRAY[
    'id bigint NOT NULL',
    'environment text NOT NULL',
    'deployment bigint',
    'severity text NOT NULL',
    'description text NOT NULL',
    'at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.watch_readings', ARRAY[
    'id bigint NOT NULL',
    'deployment bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'error_percent numeric NOT NULL',
    'unavailable_minutes numeric NOT NULL',
    'note text NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.post_mortems', ARRAY[
    'id bigint NOT NULL',
    'rollback bigint NOT NULL',
    'opened_at timestamp with time zone NOT NULL',
    'due_on date NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.post_mortem_versions', ARRAY[
    'id bigint NOT NULL',
    'post_mortem bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'context text NOT NULL',
    'symptoms text NOT NULL',
    'cause text NOT NULL',
    'sql_proof text NOT NULL',
    'fix text NOT NULL',
    'prevention text NOT NULL',
    'validation text NOT NULL',
    'complete boolean'
]);
SELECT pg_temp.expect('droits sur ' || name, ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT'],
    pg_temp.grants(name))
FROM unnest(ARRAY[
    'gouvernance.deployments',
    'gouvernance.freezes',
    'gouvernance.release_incidents',
    'gouvernance.watch_readings',
    'gouvernance.post_mortems',
    'gouvernance.post_mortem_versions'
]) AS name;
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass(name) AND relrowsecurity
))
FROM unnest(ARRAY[
    'gouvernance.deployments',
    'gouvernance.freezes',
    'gouvernance.release_incidents',
    'gouvernance.watch_readings',
    'gouvernance.post_mortems',
    'gouvernance.post_mortem_versions'
]) AS name;
SELECT pg_temp.expect('triggers de ' || name, ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ' || name
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers(name, '%'))
FROM unnest(ARRAY['gouvernance.release_incidents', 'gouvernance.watch_readings', 'gouvernance.post_mortems', 'gouvernance.post_mortem_versions']) AS name;
SELECT pg_temp.expect('triggers de gouvernance.deployments', ARRAY[
    'append_only BEFORE DELETE OR TRUNCATE ON gouvernance.deployments'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()',
    'keep_history BEFORE UPDATE ON gouvernance.deployments'
        || ' FOR EACH ROW EXECUTE FUNCTION gouvernance.keep_deployment_history()'
], pg_temp.triggers('gouvernance.deployments', '%'));
SELECT pg_temp.expect('triggers de gouvernance.freezes', ARRAY[
    'append_only BEFORE DELETE OR TRUNCATE ON gouvernance.freezes'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()',
    'keep_history BEFORE UPDATE ON gouvernance.freezes'
        || ' FOR EACH ROW EXECUTE FUNCTION gouvernance.keep_freeze_history()'
], pg_temp.triggers('gouvernance.freezes', '%'));

-- Without them, two could be under way at once in one environment, or two freezes hold.
SELECT pg_temp.expect('index uniques des déploiements', ARRAY[
    'deployments_one_at_a_time', 'freezes_one'
], ARRAY(
    SELECT c.relname::text
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indisunique AND i.indisvalid AND i.indexrelid IN (
        to_regclass('gouvernance.deployments_one_at_a_time'), to_regclass('gouvernance.freezes_one')
    )
));
-- What holds whoever writes: nobody authorises what they carry out.
SELECT pg_temp.expect('contraintes de gouvernance.deployments', ARRAY['CHECK ((authorised_by <> operator))'],
    ARRAY(
        SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = to_regclass('gouvernance.deployments') AND convalidated
            AND pg_get_constraintdef(oid) LIKE '%<> operator%'
    ));

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('keep_deployment_history()', ARRAY[]::text[]),
    ('keep_freeze_history()', ARRAY[]::text[])
) AS f (signature, grantees);
