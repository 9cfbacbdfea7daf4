SELECT pg_temp.expect_columns('gouvernance.checklist_items', ARRAY[
    'code text NOT NULL',
    'list text NOT NULL',
    'scenarios text[] NOT NULL',
    'section text NOT NULL',
    'label text NOT NULL',
    'position integer NOT NULL',
    'computed boolean NOT NULL',
    'by_token boolean NOT NULL',
    'critical boolean NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.gates', ARRAY[
    'id bigint NOT NULL',
    'release bigint NOT NULL',
    'configuration jsonb NOT NULL',
    'opened_at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.gate_voids', ARRAY[
    'gate bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'cause text NOT NULL',
    'reason text NOT NULL',
    'person uuid',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.checklist_answers', ARRAY[
    'id bigint NOT NULL',
    'gate bigint',
    'deployment bigint',
    'item text NOT NULL',
    'verdict text NOT NULL',
    'evidence text NOT NULL',
    'conditions text NOT NULL',
    're_evaluate_on date',
    'at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.nightly_runs', ARRAY[
    'id bigint NOT NULL',
    'branch text NOT NULL',
    'commit text NOT NULL',
    'finished_at timestamp with time zone NOT NULL',
    'passed boolean NOT NULL',
    'evidence text NOT NULL',
    'reported_at timestamp with time zone NOT NULL',
    'person uuid NOT NULL',
    'role text NOT NULL',
    'token bigint'
]);
SELECT pg_temp.expect_columns('gouvernance.contract_checks', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'differences text[] NOT NULL'
]);
SELECT pg_temp.expect('droits sur ' || name, ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT'],
    pg_temp.grants(name))
FROM unnest(ARRAY[
    'gouvernance.checklist_items',
    'gouvernance.gates',
    'gouvernance.gate_voids',
    'gouvernance.checklist_answers',
    'gouvernance.nightly_runs',
    'gouvernance.contract_checks'
]) AS name;
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass(name) AND relrowsecurity
))
FROM unnest(ARRAY[
    'gouvernance.checklist_items',
    'gouvernance.gates',
    'gouvernance.gate_voids',
    'gouvernance.checklist_answers',
    'gouvernance.nightly_runs',
    'gouvernance.contract_checks'
]) AS name;
SELECT pg_temp.expect('triggers de ' || name, ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ' || name
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers(name, '%'))
FROM unnest(ARRAY['gouvernance.gates', 'gouvernance.gate_voids', 'gouvernance.checklist_answers', 'gouvernance.nightly_runs', 'gouvernance.contract_checks']) AS name;

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('current_gate(bigint)', ARRAY[]::text[]),
    ('void_gate(bigint, gouvernance.release_actor, text, text)', ARRAY[]::text[]),
    ('open_gate(bigint, jsonb)', ARRAY['authenticated', 'mlpp_gov_app']),
    ('report_change(bigint, text, text)', ARRAY['authenticated', 'mlpp_gov_app']),
    ('answer_refusal(text, text, text, text, text, date, bigint)', ARRAY[]::text[]),
    ('answer_gate(bigint, text, text, text, text, date)', ARRAY['authenticated', 'mlpp_gov_app']),
    ('report_nightly(text, text, timestamptz, boolean, text)', ARRAY['authenticated', 'mlpp_gov_app']),
    ('record_contract_check(text[])', ARRAY['mlpp_gov_app']),
    ('green_nights(text)', ARRAY[]::text[])
) AS f (signature, grantees);
