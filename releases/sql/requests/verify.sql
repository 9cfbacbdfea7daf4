SELECT pg_temp.expect_columns('gouvernance.release_requests', ARRAY[
    'token bigint NOT NULL',
    'key text NOT NULL',
    'at timestamp with time zone NOT NULL',
    'digest bytea NOT NULL',
    'status integer NOT NULL',
    'response jsonb NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.release_token_uses', ARRAY[
    'token bigint NOT NULL',
    'moments timestamp with time zone[] NOT NULL'
]);
SELECT pg_temp.expect('droits sur gouvernance.release_requests', ARRAY[
    'authenticated: SELECT', 'mlpp_gov_app: SELECT'
], pg_temp.grants('gouvernance.release_requests'));
SELECT pg_temp.expect('droits sur gouvernance.release_token_uses', ARRAY[]::text[],
    pg_temp.grants('gouvernance.release_token_uses'));
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass(name) AND relrowsecurity
))
FROM unnest(ARRAY['gouvernance.release_requests', 'gouvernance.release_token_uses']) AS name;
SELECT pg_temp.expect('triggers de gouvernance.release_requests', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.release_requests'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.release_requests', '%'));
SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), ARRAY['mlpp_gov_app'],
    pg_temp.executors('gouvernance.' || signature))
FROM unnest(ARRAY[
    'release_token_standing()',
    'count_release_request()',
    'begin_release_request(text, text)',
    'keep_release_answer(text, text, integer, jsonb)'
]) AS signature;
