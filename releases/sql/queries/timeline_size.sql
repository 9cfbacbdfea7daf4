-- Deployments have a state; freezes and incidents have none, and a freeze holds production.
SELECT
    (
        SELECT count(*) FROM gouvernance.deployments
        WHERE (%(environment)s::text IS NULL OR environment = %(environment)s)
            AND (%(state)s::text IS NULL OR state = %(state)s)
    ) + CASE WHEN %(state)s::text IS NOT NULL THEN 0 ELSE (
        SELECT count(*) FROM gouvernance.release_incidents
        WHERE %(environment)s::text IS NULL OR environment = %(environment)s
    ) + (
        SELECT count(*) + count(ended_at) FROM gouvernance.freezes
        WHERE coalesce(%(environment)s::text, 'production') = 'production'
    ) END AS entries
