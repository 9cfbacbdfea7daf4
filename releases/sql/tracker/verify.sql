SELECT pg_temp.expect_columns('gouvernance.phase2_actions', ARRAY[
    'id integer NOT NULL',
    'title text NOT NULL',
    'axis integer NOT NULL',
    'priority text NOT NULL',
    'status text NOT NULL',
    'status_detail text NOT NULL',
    'owner text NOT NULL',
    'reference text NOT NULL',
    'started_on date',
    'ended_on date',
    'notes text NOT NULL',
    'evidence text NOT NULL',
    'imported boolean NOT NULL',
    'version bigint NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.phase2_changes', ARRAY[
    'id bigint NOT NULL',
    'action integer NOT NULL',
    'at timestamp with time zone NOT NULL',
    'actor uuid NOT NULL',
    'role text NOT NULL',
    'before jsonb NOT NULL',
    'after jsonb NOT NULL'
]);
-- The rules of the tracker, which hold when Python is bypassed.
SELECT pg_temp.expect('règles de gouvernance.phase2_actions', ARRAY[
    'blocked_has_note', 'done_has_end', 'done_has_reference', 'end_after_start', 'end_means_done',
    'in_progress_has_start'
], ARRAY(
    SELECT conname::text FROM pg_constraint
    WHERE conrelid = to_regclass('gouvernance.phase2_actions') AND contype = 'c' AND convalidated
        AND conname NOT LIKE 'phase2\_%'
));
SELECT pg_temp.expect(format('droits sur gouvernance.%s', name), ARRAY['authenticated: SELECT'],
    pg_temp.grants('gouvernance.' || name))
FROM unnest(ARRAY['phase2_actions', 'phase2_changes']) AS name;
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass('gouvernance.' || name) AND relrowsecurity
))
FROM unnest(ARRAY['phase2_actions', 'phase2_changes']) AS name;
SELECT pg_temp.expect('triggers de gouvernance.phase2_changes', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.phase2_changes'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.phase2_changes', '%'));
SELECT pg_temp.expect('droits sur gouvernance.update_phase2_action', ARRAY['authenticated'],
    pg_temp.executors('gouvernance.update_phase2_action(integer, bigint, text, text, text, text, date, date, '
        || 'text, text)'));
