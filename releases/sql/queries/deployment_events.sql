SELECT e.id, e.at, e.kind, e.refused, e.person, e.role, e.token, t.name AS token_name, e.details::text AS details
FROM gouvernance.release_events AS e
LEFT JOIN gouvernance.release_tokens AS t ON t.id = e.token
WHERE e.deployment = %(deployment)s
ORDER BY e.id
