-- Periods opened and resolved on each local day of a span that has any; `measures` defines both.
SELECT
    (m.at AT TIME ZONE %(timezone)s)::date AS day,
    count(m.opened) AS opened,
    count(m.resolved) AS resolved
FROM gouvernance.measured_periods(%(timezone)s) AS p
CROSS JOIN LATERAL (VALUES (p.started_at, true, NULL), (p.ended_at, NULL, true)) AS m (at, opened, resolved)
WHERE m.at >= %(starts)s AND m.at < %(ends)s
    AND p.started_at < %(ends)s AND (p.ended_at IS NULL OR p.ended_at >= %(starts)s)
    AND (%(severity)s::text IS NULL OR p.severity = %(severity)s)
    AND (%(check)s::text IS NULL OR p.check_code = %(check)s)
GROUP BY day
