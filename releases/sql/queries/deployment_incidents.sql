-- What it was running at, and what happened there while it was being put in place.
SELECT i.id, i.at, i.severity, i.description, i.person, i.role, i.token
FROM gouvernance.deployments AS d
JOIN gouvernance.release_incidents AS i ON i.deployment = d.id OR (
    i.environment = d.environment AND i.at BETWEEN d.started_at AND coalesce(d.finished_at, now())
)
WHERE d.id = %(deployment)s
ORDER BY i.id
