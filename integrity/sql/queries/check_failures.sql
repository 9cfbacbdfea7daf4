-- Each way in which a check failed, the latest first: a check that fails at every evaluation says it once.
SELECT failure, count(*) AS times, min(at) AS first_at, max(at) AS last_at, max(duration_ms) AS duration_ms
FROM gouvernance.check_runs
WHERE check_code = %(code)s AND failure IS NOT NULL
GROUP BY failure
ORDER BY last_at DESC
LIMIT 10
