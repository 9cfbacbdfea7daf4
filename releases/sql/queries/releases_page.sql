-- A page of the releases, the last registered first; beyond the last page, the last.
WITH counted AS (SELECT count(*) AS total FROM gouvernance.releases),
page AS (
    SELECT r.*
    FROM gouvernance.releases AS r
    ORDER BY r.id DESC
    LIMIT %(size)s
    OFFSET (SELECT greatest(least((%(page)s::bigint - 1) * %(size)s, (total - 1) / %(size)s * %(size)s), 0) FROM counted)
)
SELECT
    p.id, p.tag, p.commit, p.category, p.registered_at, p.person, t.name AS token, counted.total,
    CASE WHEN v.gate IS NOT NULL THEN 'void' WHEN g.id IS NOT NULL THEN 'open' END AS gate,
    staging.state AS staging, production.state AS production,
    p.id IS NOT DISTINCT FROM runs.staging AS runs_in_staging,
    p.id IS NOT DISTINCT FROM runs.production AS runs_in_production
FROM page AS p
CROSS JOIN counted
CROSS JOIN (
    SELECT
        (SELECT d.release FROM gouvernance.running('staging') AS d) AS staging,
        (SELECT d.release FROM gouvernance.running('production') AS d) AS production
) AS runs
LEFT JOIN gouvernance.release_tokens AS t ON t.id = p.token
LEFT JOIN LATERAL (
    SELECT last.id FROM gouvernance.gates AS last WHERE last.release = p.id ORDER BY last.id DESC LIMIT 1
) AS g ON true
LEFT JOIN gouvernance.gate_voids AS v ON v.gate = g.id
LEFT JOIN LATERAL (
    SELECT d.state FROM gouvernance.deployments AS d
    WHERE d.release = p.id AND d.environment = 'staging' AND d.kind = 'deployment' ORDER BY d.id DESC LIMIT 1
) AS staging ON true
LEFT JOIN LATERAL (
    SELECT d.state FROM gouvernance.deployments AS d
    WHERE d.release = p.id AND d.environment = 'production' AND d.kind = 'deployment' ORDER BY d.id DESC LIMIT 1
) AS production ON true
ORDER BY p.id DESC
