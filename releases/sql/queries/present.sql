-- What runs in each environment, what is under way, and all that was done with that release.
WITH running AS (
    SELECT d.id
    FROM unnest(ARRAY['staging', 'production']) AS environment
    CROSS JOIN LATERAL gouvernance.running(environment) AS d
    WHERE d.id IS NOT NULL
)
SELECT
    d.id, d.release, r.tag, r.commit, d.environment, d.kind, d.scenario, d.state, d.replaces, d.reason, d.operator,
    d.operator_token, d.opened_at, d.backup_reference, d.rollback_plan, d.window_from, d.window_to, d.gate,
    d.authorised_by, d.authorised_role, d.authorised_at, d.started_at, d.deployed_at, d.finished_at,
    d.outcome, d.freeze_id
FROM gouvernance.deployments AS d JOIN gouvernance.releases AS r ON r.id = d.release
WHERE d.state IN ('preparation', 'authorised', 'execution', 'validation')
    OR d.id IN (SELECT id FROM running)
    OR d.release = %(release)s
ORDER BY d.id DESC
