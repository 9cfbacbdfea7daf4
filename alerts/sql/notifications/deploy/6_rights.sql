REVOKE ALL ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint),
    gouvernance.digest_due(timestamptz, time, time, text), gouvernance.is_flapping(uuid, integer),
    gouvernance.failing_checks(), gouvernance.notifiable(jsonb),
    gouvernance.queue_notifications(jsonb, text), gouvernance.claim_notification(bigint, text),
    gouvernance.word_notification(bigint, text, text),
    gouvernance.finish_notification(bigint, text, boolean),
    gouvernance.report_figures(timestamptz, timestamptz, timestamptz, text),
    gouvernance.queue_report(jsonb, timestamptz, text, text, text)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gouvernance.set_notification_rule(
        bigint, text, text, text, uuid, text, text, integer, time, time, boolean, boolean, boolean),
    gouvernance.remove_notification_rule(bigint),
    gouvernance.queue_test(text), gouvernance.resend(bigint)
    TO authenticated;
GRANT EXECUTE ON FUNCTION
    gouvernance.queue_notifications(jsonb, text), gouvernance.claim_notification(bigint, text),
    gouvernance.word_notification(bigint, text, text),
    gouvernance.finish_notification(bigint, text, boolean),
    gouvernance.report_figures(timestamptz, timestamptz, timestamptz, text),
    gouvernance.queue_report(jsonb, timestamptz, text, text, text)
    TO mlpp_gov_app;
