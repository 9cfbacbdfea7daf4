-- A page of the messages, the latest first.
SELECT id, rule, topic, recipient, check_code, created_at, due_at, state, subject
FROM gouvernance.notification_messages
WHERE %(state)s::text IS NULL OR state = %(state)s
ORDER BY id DESC
LIMIT %(size)s OFFSET %(offset)s
