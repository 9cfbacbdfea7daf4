-- When the checks were last evaluated, which were, and which of those in service failed; and whether the
-- last attempt by some way out that a rule uses failed, among the last 100.
SELECT
    last.finished_at,
    coalesce(array_agg(r.check_code) FILTER (WHERE r.check_code IS NOT NULL), '{}') AS evaluated,
    coalesce(
        array_agg(r.check_code ORDER BY r.check_code)
            FILTER (WHERE r.failure IS NOT NULL AND c.enabled IS DISTINCT FROM false),
        '{}'
    ) AS failing,
    EXISTS (
        SELECT FROM (
            SELECT DISTINCT ON (way) way, outcome
            FROM (
                SELECT a.id, a.outcome,
                    CASE WHEN starts_with(m.recipient, 'person:') THEN 'mail' ELSE m.recipient END AS way
                FROM (SELECT * FROM gouvernance.notification_attempts ORDER BY id DESC LIMIT 100) AS a
                JOIN gouvernance.notification_messages AS m ON m.id = a.message
                WHERE a.outcome IS NOT NULL
            ) AS recent
            ORDER BY way, id DESC
        ) AS latest
        WHERE outcome = 'failed' AND (way = 'mail' OR way IN (
            SELECT recipient FROM gouvernance.notification_rules WHERE enabled
        ))
    ) AS sending_fails
FROM (
    SELECT id, finished_at FROM gouvernance.sync_runs ORDER BY id DESC LIMIT 1
) AS last
LEFT JOIN gouvernance.check_runs AS r ON r.run = last.id
LEFT JOIN gouvernance.checks AS c ON c.code = r.check_code
GROUP BY last.finished_at
