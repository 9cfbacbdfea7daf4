SELECT
    e.id, e.at, e.kind, r.tag, e.deployment, e.refused, e.person, e.role, t.name AS token,
    NULL AS item, e.details::text AS details
FROM gouvernance.release_events AS e
LEFT JOIN gouvernance.releases AS r ON r.id = e.release
LEFT JOIN gouvernance.release_tokens AS t ON t.id = e.token
WHERE e.refused
ORDER BY e.id DESC
LIMIT %(most)s
