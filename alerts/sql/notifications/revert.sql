DROP FUNCTION IF EXISTS
    gouvernance.queue_report(jsonb, timestamptz, text, text, text),
    gouvernance.report_figures(timestamptz, timestamptz, timestamptz, text),
    gouvernance.finish_notification(bigint, text, boolean),
    gouvernance.word_notification(bigint, text, text),
    gouvernance.claim_notification(bigint, text),
    gouvernance.queue_notifications(jsonb, text),
    gouvernance.notifiable(jsonb),
    gouvernance.failing_checks(),
    gouvernance.is_flapping(uuid, integer),
    gouvernance.digest_due(timestamptz, time, time, text),
    gouvernance.resend(bigint),
    gouvernance.queue_test(text),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean);
DROP TABLE IF EXISTS
    gouvernance.notification_attempts, gouvernance.notification_items,
    gouvernance.notification_messages, gouvernance.notification_rule_changes,
    gouvernance.notification_rules;
