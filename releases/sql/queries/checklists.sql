-- The gate of a release for each scenario; with no release given, of the candidate: the last one registered
-- since what runs in production, that never got there.
SELECT
    r.id AS release, r.tag, gate.id AS gate, gate.void, s.scenario, c.code, c.section, c.label, c.computed,
    c.verdict, c.evidence, c.conditions, c.re_evaluate_on, c.person, c.role, c.token, t.name AS token_name,
    c.at, c.blocks, NOT EXISTS (
        SELECT FROM (SELECT v.at FROM gouvernance.contract_checks AS v ORDER BY v.id DESC LIMIT 1) AS last
        WHERE last.at > now() - %(freshness)s
    ) AS contract_check_is_due
FROM gouvernance.releases AS r
LEFT JOIN LATERAL (
    SELECT g.id, v.reason AS void
    FROM gouvernance.gates AS g LEFT JOIN gouvernance.gate_voids AS v ON v.gate = g.id
    WHERE g.release = r.id
    ORDER BY g.id DESC LIMIT 1
) AS gate ON true
CROSS JOIN unnest(ARRAY['A', 'B', 'C']) AS s (scenario)
CROSS JOIN LATERAL gouvernance.gate_checklist(r.id, s.scenario) AS c
JOIN gouvernance.checklist_items AS i ON i.code = c.code
LEFT JOIN gouvernance.release_tokens AS t ON t.id = c.token
WHERE r.id = coalesce(%(release)s, (
    SELECT newer.id FROM gouvernance.releases AS newer
    WHERE newer.id > coalesce((SELECT present.release FROM gouvernance.running('production') AS present), 0)
        AND NOT EXISTS (
            SELECT FROM gouvernance.deployments AS d
            WHERE d.release = newer.id AND d.environment = 'production' AND d.deployed_at IS NOT NULL
        )
    ORDER BY newer.id DESC LIMIT 1
))
ORDER BY s.scenario, i.position
