-- Periods opened and resolved on each local day of a span that has any.
SELECT
    (at AT TIME ZONE %(timezone)s)::date AS day,
    count(*) FILTER (WHERE metric = 'opened') AS opened,
    count(*) FILTER (WHERE metric = 'resolved') AS resolved
FROM gouvernance.measures(%(starts)s, %(ends)s, %(timezone)s)
WHERE metric IN ('opened', 'resolved')
    AND (%(severity)s::text IS NULL OR severity = %(severity)s)
    AND (%(check)s::text IS NULL OR check_code = %(check)s)
GROUP BY day
