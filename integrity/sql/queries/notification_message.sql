-- One message, with its text as it was sent.
SELECT id, rule, topic, recipient, check_code, created_at, due_at, state, subject, body, requested_by
FROM gouvernance.notification_messages
WHERE id = %(message)s
