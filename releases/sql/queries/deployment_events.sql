-- The journal of one deployment, oldest first.
SELECT
    e.id, e.at, e.kind, NULL AS tag, NULL AS deployment, e.refused, e.person, e.role, e.token AS token_id,
    t.name AS token, i.label AS item, e.details::text AS details
FROM gouvernance.release_events AS e
LEFT JOIN gouvernance.release_tokens AS t ON t.id = e.token
LEFT JOIN gouvernance.checklist_items AS i ON i.code = e.details ->> 'item'
WHERE e.deployment = %(deployment)s
ORDER BY e.id
