SELECT
    p.id, p.rollback, p.opened_at, p.due_on, d.environment, d.reason, r.tag, taken.tag AS taken_back_tag
FROM gouvernance.post_mortems AS p
JOIN gouvernance.deployments AS d ON d.id = p.rollback
JOIN gouvernance.releases AS r ON r.id = d.release
JOIN gouvernance.deployments AS before ON before.id = d.replaces
JOIN gouvernance.releases AS taken ON taken.id = before.release
WHERE p.id = %(id)s
