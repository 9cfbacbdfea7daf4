-- A page of the messages, the latest first; a page beyond the last is the last one.
SELECT id, rule, topic, recipient, check_code, created_at, due_at, state, subject
FROM gouvernance.notification_messages
WHERE %(state)s::text IS NULL OR state = %(state)s
ORDER BY id DESC
LIMIT %(size)s
OFFSET %(size)s * greatest(0, least(%(page)s - 1, (
    SELECT (count(*) - 1) / %(size)s
    FROM gouvernance.notification_messages
    WHERE %(state)s::text IS NULL OR state = %(state)s
)))
