SELECT pg_temp.expect_columns('gouvernance.sync_runs', ARRAY[
    'id bigint NOT NULL',
    'started_at timestamp with time zone NOT NULL',
    'finished_at timestamp with time zone NOT NULL',
    'opened integer NOT NULL',
    'refreshed integer NOT NULL',
    'reopened integer NOT NULL',
    'resolved integer NOT NULL',
    'path text'
]);

SELECT pg_temp.expect_columns('gouvernance.sync_failures', ARRAY[
    'id bigint NOT NULL',
    'started_at timestamp with time zone NOT NULL',
    'failed_at timestamp with time zone NOT NULL',
    'path text NOT NULL',
    'failure text NOT NULL'
]);

SELECT pg_temp.expect_columns('gouvernance.check_runs', ARRAY[
    'run bigint NOT NULL',
    'check_code text NOT NULL',
    'at timestamp with time zone NOT NULL',
    'duration_ms real NOT NULL',
    'anomalies integer',
    'opened integer NOT NULL',
    'refreshed integer NOT NULL',
    'reopened integer NOT NULL',
    'resolved integer NOT NULL',
    'failure text'
]);

SELECT pg_temp.expect('droits sur ' || relation, ARRAY['mlpp_gov_app: SELECT'], pg_temp.grants(relation))
FROM unnest(ARRAY[
    'gouvernance.sync_runs', 'gouvernance.sync_failures', 'gouvernance.check_runs'
]) AS relation;

SELECT pg_temp.expect('gouvernance.' || signature, ARRAY['SECURITY DEFINER', 'search_path=""'], ARRAY(
    SELECT CASE WHEN prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END
    FROM pg_proc WHERE oid = to_regprocedure('gouvernance.' || signature)
    UNION ALL
    SELECT setting
    FROM pg_proc, unnest(proconfig) AS setting
    WHERE oid = to_regprocedure('gouvernance.' || signature) AND setting LIKE 'search_path=%'
)),
    pg_temp.expect('droits sur gouvernance.' || signature, ARRAY['mlpp_gov_app'],
        pg_temp.executors('gouvernance.' || signature))
FROM unnest(ARRAY[
    'begin_evaluation()', 'evaluate_check(text,integer)', 'finish_evaluation()', 'sync_alerts(integer)',
    'record_failed_evaluation(text,double precision,text)'
]) AS signature;
