-- When the checks were last evaluated, which were, and which of those in service failed.
SELECT
    last.finished_at,
    coalesce(array_agg(r.check_code) FILTER (WHERE r.check_code IS NOT NULL), '{}') AS evaluated,
    coalesce(
        array_agg(r.check_code ORDER BY r.check_code)
            FILTER (WHERE r.failure IS NOT NULL AND c.enabled IS DISTINCT FROM false),
        '{}'
    ) AS failing
FROM (
    SELECT id, finished_at FROM gouvernance.sync_runs ORDER BY id DESC LIMIT 1
) AS last
LEFT JOIN gouvernance.check_runs AS r ON r.run = last.id
LEFT JOIN gouvernance.checks AS c ON c.code = r.check_code
GROUP BY last.finished_at
