SELECT
    d.id, d.release, r.tag, r.commit, d.environment, d.kind, d.scenario, d.state, d.replaces, d.reason, d.operator,
    d.operator_token, d.opened_at, d.backup_reference, d.rollback_plan, d.window_from, d.window_to, d.gate,
    d.authorised_by, d.authorised_role, d.authorised_at, d.started_at, d.deployed_at, d.finished_at,
    d.outcome, d.freeze_id
FROM gouvernance.to_take_back(%(environment)s) AS d JOIN gouvernance.releases AS r ON r.id = d.release
