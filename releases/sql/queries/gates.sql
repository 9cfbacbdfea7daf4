-- Every gate of a release, the last first, and what made it worth nothing.
SELECT
    g.id, g.opened_at, g.person, t.name AS token, g.configuration ->> 'staging' AS staging,
    g.configuration ->> 'production' AS production, v.at AS voided_at, v.cause, v.reason,
    v.person AS voided_by
FROM gouvernance.gates AS g
LEFT JOIN gouvernance.gate_voids AS v ON v.gate = g.id
LEFT JOIN gouvernance.release_tokens AS t ON t.id = g.token
WHERE g.release = %(release)s
ORDER BY g.id DESC
LIMIT %(most)s
