-- A page of the log of an operation, the latest first; beyond the last page, the last.
SELECT
    l.kind, l.text, l.evidence, l.activity, l.actor, l.role, l.at, l.happened_on,
    s.position, s.title, counted.total
FROM (SELECT count(*) AS total FROM gouvernance.operation_log WHERE operation = %(operation)s) AS counted
CROSS JOIN LATERAL (
    SELECT * FROM gouvernance.operation_log AS of_it
    WHERE of_it.operation = %(operation)s
    ORDER BY of_it.id DESC
    LIMIT %(size)s
    OFFSET greatest(least((%(page)s::bigint - 1) * %(size)s, (counted.total - 1) / %(size)s * %(size)s), 0)
) AS l
LEFT JOIN gouvernance.operation_steps AS s ON s.id = l.step
ORDER BY l.id DESC
