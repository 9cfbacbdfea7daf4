-- What was tried for some messages, in order.
SELECT message, started_at, finished_at, outcome, failure
FROM gouvernance.notification_attempts
WHERE message = ANY(%(messages)s)
ORDER BY message, id
