-- A release, once for every gate that it had, the last first, and what made that one worth nothing.
SELECT
    r.id, r.tag, r.commit, r.category, r.notes, r.registered_at, r.person, r.role, r.token, g.id AS gate,
    g.opened_at, g.person AS opened_by, t.name AS opened_with, g.configuration ->> 'staging' AS staging,
    g.configuration ->> 'production' AS production, v.at AS voided_at, v.cause, v.reason
FROM gouvernance.releases AS r
LEFT JOIN gouvernance.gates AS g ON g.release = r.id
LEFT JOIN gouvernance.gate_voids AS v ON v.gate = g.id
LEFT JOIN gouvernance.release_tokens AS t ON t.id = g.token
WHERE r.tag = %(tag)s
ORDER BY g.id DESC
LIMIT %(most)s
