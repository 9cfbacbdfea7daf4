-- Every operation, those that run first, then the latest; how far each is, and its next STOP.
SELECT
    o.code, o.title, o.why, o.state, o.actor, o.at, o.happened_on,
    s.total, s.done, s.next_stop,
    f.frozen
FROM gouvernance.operation_states AS o
CROSS JOIN LATERAL (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE is_done) AS done,
        (array_agg(title ORDER BY position) FILTER (WHERE kind = 'stop' AND NOT is_done))[1] AS next_stop
    FROM gouvernance.operation_step_states
    WHERE operation = o.id
) AS s
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(activity ORDER BY activity), '{}') AS frozen
    FROM gouvernance.operation_freezes
    WHERE operation = o.id AND is_frozen
) AS f
ORDER BY array_position(ARRAY['running', 'planned', 'abandoned', 'done'], o.state), o.id DESC
LIMIT %(limit)s
