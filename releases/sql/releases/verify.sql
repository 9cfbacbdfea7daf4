SELECT pg_temp.expect_columns('gouvernance.release_tokens', ARRAY[
    'id bigint NOT NULL',
    'name text NOT NULL',
    'scopes text[] NOT NULL',
    'digest bytea NOT NULL',
    'owner uuid NOT NULL',
    'created_at timestamp with time zone NOT NULL',
    'expires_at timestamp with time zone NOT NULL',
    'revoked_at timestamp with time zone',
    'revoked_by uuid'
]);
SELECT pg_temp.expect_columns('gouvernance.releases', ARRAY[
    'id bigint NOT NULL',
    'tag text NOT NULL',
    'commit text NOT NULL',
    'category text NOT NULL',
    'notes text NOT NULL',
    'registered_at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.release_events', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'kind text NOT NULL',
    'release bigint',
    'deployment bigint',
    'freeze_id bigint',
    'refused boolean NOT NULL',
    'person uuid',
    'role text NOT NULL',
    'token bigint',
    'details jsonb NOT NULL'
]);
SELECT pg_temp.expect('droits sur gouvernance.release_tokens', ARRAY(
    SELECT format('%s: SELECT(%s)', grantee, name)
    FROM unnest(ARRAY['authenticated', 'mlpp_gov_app']) AS grantee, unnest(ARRAY[
        'id', 'name', 'scopes', 'owner', 'created_at', 'expires_at', 'revoked_at', 'revoked_by'
    ]) AS name
), pg_temp.grants('gouvernance.release_tokens'));
SELECT pg_temp.expect('droits sur ' || name, ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT'],
    pg_temp.grants(name))
FROM unnest(ARRAY[
    'gouvernance.releases',
    'gouvernance.release_events'
]) AS name;
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass(name) AND relrowsecurity
))
FROM unnest(ARRAY[
    'gouvernance.release_tokens',
    'gouvernance.releases',
    'gouvernance.release_events'
]) AS name;
SELECT pg_temp.expect('triggers de ' || name, ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ' || name
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers(name, '%'))
FROM unnest(ARRAY['gouvernance.releases', 'gouvernance.release_events']) AS name;

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('let_people_read(text[])', ARRAY[]::text[]),
    ('let_governance_read(text[])', ARRAY[]::text[]),
    ('make_append_only(text[])', ARRAY[]::text[]),
    ('current_token()', ARRAY[]::text[]),
    ('release_actor(text, text[])', ARRAY[]::text[]),
    ('one_release_act_at_a_time()', ARRAY[]::text[]),
    ('note_release(text, gouvernance.release_actor, jsonb, bigint, bigint, bigint)', ARRAY[]::text[]),
    ('unmet(text, text)', ARRAY[]::text[]),
    ('refuse_release(text, gouvernance.release_actor, jsonb, bigint, bigint)', ARRAY[]::text[]),
    ('tag_stamp(text)', ARRAY[]::text[]),
    ('same_commit(text, text)', ARRAY[]::text[]),
    ('register_release(text, text, text, text)', ARRAY['authenticated', 'mlpp_gov_app']),
    ('issue_release_token(text, text[], text, timestamptz)', ARRAY['authenticated']),
    ('revoke_release_token(bigint)', ARRAY['authenticated'])
) AS f (signature, grantees);
