-- A deployment, and what surrounds it; `unmet` is what keeps it from its next state: [{code, said}].
SELECT
    d.id, d.release, r.tag, r.commit, d.environment, d.kind, d.scenario, d.state, d.replaces, d.reason, d.operator,
    d.operator_token, d.opened_at, d.backup_reference, d.rollback_plan, d.window_from, d.window_to, d.gate,
    d.authorised_by, d.authorised_role, d.authorised_at, d.started_at, d.deployed_at, d.finished_at,
    d.outcome, d.freeze_id,
    CASE
        WHEN d.kind = 'deployment' AND d.state IN ('preparation', 'authorised')
        THEN gouvernance.deployment_unmet(d.id)
        WHEN d.state = 'validation' THEN gouvernance.success_unmet(d.id)
        ELSE '[]'
    END::text AS unmet,
    v.cause AS void_cause, v.reason AS void_reason, v.at AS void_at,
    f.reason AS freeze_reason, f.began_at AS freeze_began_at,
    d.id = (gouvernance.to_take_back(d.environment)).id AS is_to_take_back,
    d.id = (gouvernance.running(d.environment)).id AS is_running,
    replaced.tag AS replaces_tag,
    taken_back.id AS taken_back_by,
    p.id AS post_mortem, p.due_on AS post_mortem_due_on,
    p.id IS NOT NULL AND NOT coalesce((
        SELECT w.complete FROM gouvernance.post_mortem_versions AS w
        WHERE w.post_mortem = p.id ORDER BY w.id DESC LIMIT 1
    ), false) AS post_mortem_owed
FROM gouvernance.deployments AS d
JOIN gouvernance.releases AS r ON r.id = d.release
LEFT JOIN gouvernance.gate_voids AS v ON v.gate = d.gate
LEFT JOIN gouvernance.freezes AS f ON f.id = d.freeze_id
LEFT JOIN gouvernance.post_mortems AS p ON p.rollback = d.id
LEFT JOIN LATERAL (
    SELECT taken.tag
    FROM gouvernance.deployments AS before JOIN gouvernance.releases AS taken ON taken.id = before.release
    WHERE before.id = d.replaces
) AS replaced ON true
LEFT JOIN LATERAL (
    SELECT b.id FROM gouvernance.deployments AS b WHERE b.replaces = d.id ORDER BY b.id DESC LIMIT 1
) AS taken_back ON true
WHERE d.id = %(id)s
