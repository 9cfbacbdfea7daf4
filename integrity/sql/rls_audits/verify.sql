SELECT pg_temp.expect_columns('gouvernance.rls_audits', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'release text NOT NULL',
    'path text NOT NULL',
    'login text NOT NULL',
    'failing integer NOT NULL',
    'warnings integer NOT NULL',
    'accepted integer NOT NULL',
    'public_policies integer NOT NULL',
    'findings jsonb NOT NULL',
    'matrix jsonb'
]);
SELECT pg_temp.expect('droits sur gouvernance.rls_audits', ARRAY['mlpp_gov_app: SELECT'],
    pg_temp.grants('gouvernance.rls_audits'));
SELECT pg_temp.expect('triggers de gouvernance.rls_audits', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.rls_audits'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.rls_audits', '%'));

SELECT pg_temp.expect('gouvernance.record_rls_audit', ARRAY['SECURITY DEFINER', 'search_path=""'], ARRAY(
    SELECT 'SECURITY DEFINER' FROM pg_proc WHERE oid = to_regprocedure(signature) AND prosecdef
    UNION ALL
    SELECT setting FROM pg_proc, unnest(proconfig) AS setting WHERE oid = to_regprocedure(signature)
)),
    pg_temp.expect('droits sur gouvernance.record_rls_audit', ARRAY['mlpp_gov_app'],
        pg_temp.executors(signature))
FROM (VALUES
    ('gouvernance.record_rls_audit(timestamptz, text, text, jsonb, jsonb)')
) AS f (signature);
