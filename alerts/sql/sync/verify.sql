SELECT pg_temp.expect_columns('gouvernance.sync_runs', ARRAY[
    'id bigint NOT NULL',
    'started_at timestamp with time zone NOT NULL',
    'finished_at timestamp with time zone NOT NULL',
    'opened integer NOT NULL',
    'refreshed integer NOT NULL',
    'reopened integer NOT NULL',
    'resolved integer NOT NULL'
]);

SELECT pg_temp.expect('droits sur gouvernance.sync_runs', ARRAY['mlpp_gov_app: SELECT'],
    pg_temp.grants('gouvernance.sync_runs'));

SELECT pg_temp.expect('gouvernance.sync_alerts',
    ARRAY['p_limit integer DEFAULT NULL::integer, OUT opened integer, OUT refreshed integer,'
        || ' OUT reopened integer, OUT resolved integer SECURITY DEFINER search_path=""'],
    ARRAY(
        SELECT pg_get_function_arguments(oid)
            || CASE WHEN prosecdef THEN ' SECURITY DEFINER' ELSE '' END
            || coalesce(' ' || array_to_string(proconfig, ' '), '')
        FROM pg_proc WHERE oid = to_regprocedure('gouvernance.sync_alerts(integer)')
    )
);

SELECT pg_temp.expect('droits sur gouvernance.sync_alerts', ARRAY['mlpp_gov_app'],
    pg_temp.executors('gouvernance.sync_alerts(integer)'));
