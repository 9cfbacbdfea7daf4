-- Who is told what: the rules in service first, each topic together.
SELECT id, topic, severity, check_code, depot_id, recipient, delivery, delay_hours, quiet_from, quiet_to,
    details, recovery, enabled
FROM gouvernance.notification_rules
ORDER BY NOT enabled,
    array_position(ARRAY['opened', 'overdue', 'reminder', 'check_failing', 'weekly_report'], topic),
    severity NULLS LAST, delay_hours, recipient, id
