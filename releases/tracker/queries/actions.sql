-- The actions of Phase 2, or one of them.
SELECT
    id, title, axis, priority, status, status_detail, owner, reference, started_on, ended_on, notes,
    evidence, imported, version
FROM gouvernance.phase2_actions
WHERE %(action)s::integer IS NULL OR id = %(action)s
ORDER BY axis, id
