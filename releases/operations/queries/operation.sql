-- One operation, by its code; its activities and whether each is frozen now; who approved which simulation
-- report for its STOPs, the latest first.
SELECT
    o.id, o.code, o.title, o.why, o.state, o.actor, o.at, o.happened_on,
    coalesce((
        SELECT jsonb_agg(to_jsonb(f) - 'operation' ORDER BY f.activity)
        FROM gouvernance.operation_freezes AS f
        WHERE f.operation = o.id
    ), '[]')::text AS freezes,
    CASE
        WHEN EXISTS (
            SELECT FROM gouvernance.operation_steps AS s
            WHERE s.operation = o.id AND s.computed = 'simulation_approved'
        )
        THEN coalesce((
            SELECT jsonb_agg(to_jsonb(a))
            FROM (SELECT * FROM gouvernance.gate_approvals(o.code) LIMIT %(most_approvals)s) AS a
        ), '[]')
        ELSE '[]'
    END::text AS approvals
FROM gouvernance.operation_states AS o
WHERE o.code = %(code)s
