SELECT pg_temp.expect_columns('gouvernance.notification_rules', ARRAY[
    'id bigint NOT NULL',
    'topic text NOT NULL',
    'severity text',
    'check_code text',
    'depot_id uuid',
    'recipient text NOT NULL',
    'delivery text NOT NULL',
    'delay_hours integer NOT NULL',
    'quiet_from time without time zone',
    'quiet_to time without time zone',
    'details boolean NOT NULL',
    'recovery boolean NOT NULL',
    'enabled boolean NOT NULL',
    'since timestamp with time zone NOT NULL'
]);
SELECT pg_temp.expect_columns('gouvernance.notification_rule_changes', ARRAY[
    'id bigint NOT NULL',
    'at timestamp with time zone NOT NULL',
    'actor uuid NOT NULL',
    'rule bigint NOT NULL',
    'before jsonb',
    'after jsonb'
]);
SELECT pg_temp.expect_columns('gouvernance.notification_messages', ARRAY[
    'id bigint NOT NULL',
    'rule bigint',
    'topic text NOT NULL',
    'recipient text NOT NULL',
    'check_code text',
    'created_at timestamp with time zone NOT NULL',
    'due_at timestamp with time zone NOT NULL',
    'state text NOT NULL',
    'subject text',
    'body text',
    'requested_by uuid'
]);
SELECT pg_temp.expect_columns('gouvernance.notification_items', ARRAY[
    'id bigint NOT NULL',
    'message bigint NOT NULL',
    'rule bigint',
    'recipient text NOT NULL',
    'topic text NOT NULL',
    'alert_id uuid',
    'period integer',
    'severity text',
    'key text',
    'dropped_at timestamp with time zone'
]);
SELECT pg_temp.expect_columns('gouvernance.notification_attempts', ARRAY[
    'id bigint NOT NULL',
    'message bigint NOT NULL',
    'started_at timestamp with time zone NOT NULL',
    'finished_at timestamp with time zone',
    'outcome text',
    'failure text'
]);
SELECT pg_temp.expect(format('droits sur gouvernance.%s', name), rights,
    pg_temp.grants('gouvernance.' || name))
FROM (VALUES
    ('notification_rules', ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT']),
    ('notification_rule_changes', ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT']),
    ('notification_attempts', ARRAY['authenticated: SELECT', 'mlpp_gov_app: SELECT']),
    ('notification_messages', ARRAY[
        'authenticated: SELECT', 'mlpp_gov_app: SELECT(due_at)', 'mlpp_gov_app: SELECT(id)',
        'mlpp_gov_app: SELECT(recipient)', 'mlpp_gov_app: SELECT(state)'
    ]),
    ('notification_items', ARRAY[]::text[])
) AS r (name, rights);
SELECT pg_temp.expect('row level security', ARRAY[name], ARRAY(
    SELECT name FROM pg_class WHERE oid = to_regclass('gouvernance.' || name) AND relrowsecurity
))
FROM unnest(ARRAY[
    'notification_rules', 'notification_rule_changes', 'notification_messages', 'notification_items',
    'notification_attempts'
]) AS name;

SELECT pg_temp.expect('triggers de gouvernance.notification_rule_changes', ARRAY[
    'append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gouvernance.notification_rule_changes'
        || ' FOR EACH STATEMENT EXECUTE FUNCTION gouvernance.refuse_rewriting()'
], pg_temp.triggers('gouvernance.notification_rule_changes', '%'));

-- Without it, one fact could be told twice.
SELECT pg_temp.expect('index des notifications', ARRAY['unique sans distinguer les NULL'], ARRAY(
    SELECT 'unique sans distinguer les NULL' FROM pg_index
    WHERE indexrelid = to_regclass('gouvernance.notification_items_once')
        AND indisunique AND indnullsnotdistinct
));

SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('set_notification_rule(bigint, text, text, text, uuid, text, text, integer, time, time, boolean,'
        || ' boolean, boolean)', ARRAY['authenticated']),
    ('remove_notification_rule(bigint)', ARRAY['authenticated']),
    ('queue_test(text)', ARRAY['authenticated']),
    ('resend(bigint)', ARRAY['authenticated']),
    ('digest_due(timestamptz, time, time, text)', ARRAY[]::text[]),
    ('is_flapping(uuid, integer)', ARRAY[]::text[]),
    ('failing_checks()', ARRAY[]::text[]),
    ('notifiable(jsonb)', ARRAY[]::text[]),
    ('queue_notifications(jsonb, text)', ARRAY['mlpp_gov_app']),
    ('claim_notification(bigint, text)', ARRAY['mlpp_gov_app']),
    ('word_notification(bigint, text, text)', ARRAY['mlpp_gov_app']),
    ('finish_notification(bigint, text, boolean)', ARRAY['mlpp_gov_app']),
    ('report_figures(timestamptz, timestamptz, timestamptz, text)', ARRAY['mlpp_gov_app']),
    ('queue_report(jsonb, timestamptz, text, text, text)', ARRAY['mlpp_gov_app'])
) AS f (signature, grantees);
