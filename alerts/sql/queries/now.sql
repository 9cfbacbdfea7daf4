-- What is to handle now; whether it is late follows the worst severity of the period, as its delay does.
SELECT
    count(*) FILTER (WHERE a.severity = 'CRITICAL') AS critical,
    count(*) FILTER (WHERE a.severity = 'WARN') AS warn,
    count(*) FILTER (WHERE p.late AND a.severity = 'CRITICAL') AS late_critical,
    count(*) FILTER (WHERE p.late AND a.severity = 'WARN') AS late_warn,
    count(*) FILTER (
        WHERE NOT EXISTS (SELECT FROM gouvernance.alert_assignments AS s WHERE s.alert_id = a.id)
    ) AS unassigned,
    (SELECT count(*) FROM gouvernance.alert_acceptances WHERE ended_at IS NULL) AS accepted
FROM (
    SELECT alert_id, due_at <= now() AS late
    FROM gouvernance.measured_periods(%(timezone)s)
    WHERE ended_at IS NULL
    OFFSET 0  -- measured first: the planner takes the open ones for few, and joins them pair by pair
) AS p
JOIN public.system_alerts AS a ON a.id = p.alert_id
WHERE a.status IN ('OPEN', 'ACK')
