SELECT pg_temp.expect_columns('gouvernance.simulation_approvals', ARRAY[
    'id bigint NOT NULL',
    'checksum text NOT NULL',
    'parameters jsonb NOT NULL',
    'totals jsonb NOT NULL',
    'note text NOT NULL',
    'stop_gate text NOT NULL',
    'approved_by uuid NOT NULL',
    'approved_at timestamp with time zone NOT NULL'
]);
SELECT pg_temp.expect('droits sur gouvernance.simulation_approvals', ARRAY['authenticated: SELECT'],
    pg_temp.grants('gouvernance.simulation_approvals'));
SELECT pg_temp.expect('row level security', ARRAY['gouvernance.simulation_approvals'], ARRAY(
    SELECT 'gouvernance.simulation_approvals' FROM pg_class
    WHERE oid = to_regclass('gouvernance.simulation_approvals') AND relrowsecurity
));
SELECT pg_temp.expect('triggers de gouvernance.simulation_approvals', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.simulation_approvals'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.simulation_approvals', '%'));

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), ARRAY['authenticated'],
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('simulation_lines(date, date, uuid, uuid, text, boolean)'),
    ('simulation_checksum(date, date, uuid, uuid, text, boolean, text[])'),
    ('approve_simulation(text, date, date, uuid, uuid, text, boolean, text)')
) AS f (signature);
