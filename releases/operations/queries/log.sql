-- The log of an operation, the latest first.
SELECT
    l.kind, l.text, l.evidence, l.activity, l.actor, l.role, l.at, l.happened_on,
    s.position, s.title
FROM gouvernance.operation_log AS l
LEFT JOIN gouvernance.operation_steps AS s ON s.id = l.step
WHERE l.operation = %(operation)s
ORDER BY l.id DESC
LIMIT %(limit)s
