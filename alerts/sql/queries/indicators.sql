-- Each indicator over a span and over the one before it: how many, of how many the time is known, its
-- median and its 90th percentile in seconds; over everything, by severity, and by check.
WITH measured AS (
    SELECT
        check_code COLLATE "C" AS check_code, severity COLLATE "C" AS severity,
        metric COLLATE "C" AS metric, at >= %(starts)s AS is_current, seconds
    FROM gouvernance.measures(%(previous)s, %(ends)s, %(timezone)s)
    WHERE (%(severity)s::text IS NULL OR severity = %(severity)s)
        AND (%(check)s::text IS NULL OR check_code = %(check)s)
)
SELECT
    is_current, metric, severity, check_code,
    count(*) AS number,
    count(seconds) AS known,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds))[1] AS median,
    (percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds))[2] AS ninth_decile
FROM measured
GROUP BY GROUPING SETS (
    (is_current, metric), (is_current, metric, severity), (is_current, metric, check_code)
)
