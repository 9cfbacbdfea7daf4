-- Deployments, rollbacks, freezes and incidents in one order, the latest first. A freeze holds production.
SELECT * FROM (
    SELECT
        d.kind AS what, d.id, coalesce(d.started_at, d.opened_at) AS at, d.environment, d.state, r.tag,
        d.operator AS person, d.finished_at AS ended_at, d.reason AS said, d.outcome
    FROM gouvernance.deployments AS d JOIN gouvernance.releases AS r ON r.id = d.release
    UNION ALL
    SELECT 'freeze_began', f.id, f.began_at, 'production', NULL, r.tag, f.began_by, f.ended_at, f.reason, ''
    FROM gouvernance.freezes AS f JOIN gouvernance.releases AS r ON r.id = f.release
    UNION ALL
    SELECT 'freeze_ended', f.id, f.ended_at, 'production', NULL, r.tag, f.ended_by, f.ended_at, f.ended_why,
        f.ended_for
    FROM gouvernance.freezes AS f JOIN gouvernance.releases AS r ON r.id = f.release
    WHERE f.ended_at IS NOT NULL
    UNION ALL
    SELECT 'incident', i.id, i.at, i.environment, NULL, r.tag, i.person, NULL, i.description, i.severity
    FROM gouvernance.release_incidents AS i
    LEFT JOIN gouvernance.deployments AS d ON d.id = i.deployment
    LEFT JOIN gouvernance.releases AS r ON r.id = d.release
) AS entry
WHERE (%(environment)s::text IS NULL OR environment = %(environment)s)
    AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY at DESC, what, id DESC
LIMIT %(size)s OFFSET %(offset)s
