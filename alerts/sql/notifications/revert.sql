DROP FUNCTION IF EXISTS
    gouvernance.resend(bigint),
    gouvernance.queue_test(text),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean);
DROP TABLE IF EXISTS
    gouvernance.notification_attempts, gouvernance.notification_items,
    gouvernance.notification_messages, gouvernance.notification_rule_changes,
    gouvernance.notification_rules;
