-- A page of the periods behind a figure, the latest counted first, and how many there are in all.
WITH behind AS MATERIALIZED (
    SELECT alert_id, number, at
    FROM gouvernance.measures(%(starts)s, %(ends)s, %(timezone)s)
    WHERE metric = %(metric)s
        AND (%(severity)s::text IS NULL OR severity = %(severity)s)
        AND (%(check)s::text IS NULL OR check_code = %(check)s)
), counted AS (
    SELECT total, least(%(page)s::bigint, greatest((total - 1) / %(size)s + 1, 1)) AS page
    FROM (SELECT count(*) AS total FROM behind) AS c
), page AS (
    SELECT * FROM behind
    ORDER BY at DESC, alert_id, number
    LIMIT %(size)s OFFSET (SELECT (page - 1) * %(size)s FROM counted)
)
SELECT counted.total, p.*, a.message
FROM counted, page
JOIN gouvernance.measured_periods(%(timezone)s) AS p
    ON p.alert_id = page.alert_id AND p.number = page.number
JOIN public.system_alerts AS a ON a.id = page.alert_id
ORDER BY page.at DESC, page.alert_id, page.number
