SELECT pg_temp.expect_columns('gouvernance.checks', ARRAY[
    'code text NOT NULL',
    'severity text NOT NULL',
    'enabled boolean NOT NULL',
    'time_limit_ms integer NOT NULL',
    'install_error text'
]);

SELECT pg_temp.expect_columns('gouvernance.check_thresholds', ARRAY[
    'check_code text NOT NULL',
    'name text NOT NULL',
    'value numeric NOT NULL',
    'initial numeric NOT NULL',
    'lowest numeric NOT NULL',
    'highest numeric NOT NULL'
]);

SELECT pg_temp.expect_columns('gouvernance.opening_stocks', ARRAY[
    'citerne_id uuid NOT NULL',
    'produit_id uuid NOT NULL',
    'proprietaire_type text NOT NULL',
    'stock_ambiant numeric NOT NULL',
    'stock_15c numeric NOT NULL'
]);

SELECT pg_temp.expect_columns('gouvernance.check_changes', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'actor uuid NOT NULL',
    'subject text NOT NULL',
    'change jsonb NOT NULL'
]);

SELECT pg_temp.expect_columns('gouvernance.check_proofs', ARRAY[
    'check_code text NOT NULL',
    'proven_at timestamp with time zone',
    'tried_at timestamp with time zone NOT NULL',
    'failure text'
]);

SELECT pg_temp.expect('droits sur ' || relation,
    ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT', 'service_role: SELECT'],
    pg_temp.grants(relation))
FROM unnest(ARRAY[
    'gouvernance.checks', 'gouvernance.check_thresholds', 'gouvernance.opening_stocks',
    'gouvernance.check_changes', 'gouvernance.check_proofs'
]) AS relation;

SELECT pg_temp.expect('triggers de gouvernance.check_changes', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.check_changes'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.check_changes', '%'));

SELECT pg_temp.expect('contrôles du catalogue', ARRAY[{{ codes }}],
    ARRAY(SELECT code FROM gouvernance.checks));

SELECT pg_temp.expect(
    format('options et droits de la vue de %s', code),
    ARRAY['security_invoker=true', 'authenticated: SELECT', 'service_role: SELECT'],
    ARRAY(SELECT unnest(reloptions) FROM pg_class WHERE oid = to_regclass(view_name))
        || pg_temp.grants(view_name)
)
FROM gouvernance.checks, LATERAL format('gouvernance.check_%s', lower(code)) AS view_name
WHERE install_error IS NULL;

-- A check that this installation can't have is no difference of the contract, but is never silent.
SELECT pg_temp.expect(format('contrôle %s impossible ici, %s', code, install_error), '{}', ARRAY[code])
FROM gouvernance.checks
WHERE install_error IS NOT NULL;

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('threshold(text, text)', ARRAY['authenticated', 'mlpp_gov_app', 'service_role']),
    ('check_enabled(text)', ARRAY['authenticated', 'mlpp_gov_app', 'service_role']),
    ('tune_check(text, boolean, integer, jsonb)', ARRAY['authenticated']),
    ('declare_opening_stock(uuid, uuid, text, numeric, numeric)', ARRAY['authenticated']),
    ('require_administrator()', '{}'),
    ('check_settings(text)', '{}'),
    ('source_of(text)', '{}'),
    ('separate_checks()', '{}'),
    ('view_is_ours()', '{}')
) AS f (signature, grantees);
