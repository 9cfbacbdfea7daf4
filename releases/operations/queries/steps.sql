-- The steps and STOPs of an operation in their order, each with its last entry and what PostgreSQL can
-- tell of it now.
SELECT
    s.position, s.kind, s.title, s.requirement, s.computed, s.is_done, s.last_kind, s.text, s.evidence,
    s.actor, s.at, s.happened_on,
    k.met, k.said, k.obstacles
FROM gouvernance.operation_step_states AS s
JOIN gouvernance.operations AS o ON o.id = s.operation
LEFT JOIN gouvernance.operation_outlook(o.code) AS k ON k.position = s.position
WHERE s.operation = %(operation)s
ORDER BY s.position
