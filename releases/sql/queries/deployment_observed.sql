-- What was seen of a deployment: the readings of its watch, the incidents while it was running or being put
-- in place. A reading has a rate, an incident a severity.
SELECT
    w.id, w.at, w.error_percent, w.unavailable_minutes, NULL AS severity, w.note AS said, w.person, w.role, w.token
FROM gouvernance.watch_readings AS w
WHERE w.deployment = %(deployment)s
UNION ALL
SELECT i.id, i.at, NULL, NULL, i.severity, i.description, i.person, i.role, i.token
FROM gouvernance.deployments AS d
JOIN gouvernance.release_incidents AS i ON i.deployment = d.id OR (
    i.environment = d.environment AND i.at BETWEEN d.started_at AND coalesce(d.finished_at, now())
)
WHERE d.id = %(deployment)s
ORDER BY id
