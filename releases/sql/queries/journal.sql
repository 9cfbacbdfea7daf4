-- A page of the journal of one release, the latest first; beyond the last page, the last.
SELECT
    e.id, e.at, e.kind, NULL AS tag, e.deployment, e.refused, e.person, e.role, t.name AS token,
    i.label AS item, e.details::text AS details, counted.total
FROM (SELECT count(*) AS total FROM gouvernance.release_events WHERE release = %(release)s) AS counted
CROSS JOIN LATERAL (
    SELECT * FROM gouvernance.release_events AS of_it
    WHERE of_it.release = %(release)s
    ORDER BY of_it.id DESC
    LIMIT %(size)s
    OFFSET greatest(least((%(page)s::bigint - 1) * %(size)s, (counted.total - 1) / %(size)s * %(size)s), 0)
) AS e
LEFT JOIN gouvernance.release_tokens AS t ON t.id = e.token
LEFT JOIN gouvernance.checklist_items AS i ON i.code = e.details ->> 'item'
ORDER BY e.id DESC
