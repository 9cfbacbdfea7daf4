-- What is known of each check, or of the one that is named: its settings, what the last evaluation made
-- of it, since when it fails, its proof, and what it found at most on each of the days that begin at
-- `midnights`. A check that ML_PP's own view names was read there, and that view is a row of its own.
WITH last AS (
    SELECT max(id) AS run FROM gouvernance.sync_runs
), daily AS MATERIALIZED (  -- once for all the checks
    SELECT
        check_code,
        width_bucket(at, %(midnights)s::timestamptz[]) AS day,
        max(anomalies) AS most,
        count(failure) AS failures
    FROM gouvernance.check_runs
    WHERE at >= (%(midnights)s::timestamptz[])[1]
        AND (%(code)s::text IS NULL OR check_code = %(code)s)
    GROUP BY 1, 2
)
SELECT
    known.code,
    c.enabled,
    c.time_limit_ms,
    c.install_error,
    latest.check_code <> known.code AS read_in_view,
    latest.at,
    latest.duration_ms,
    latest.anomalies,
    latest.failure,
    (
        SELECT r.at
        FROM gouvernance.check_runs AS r
        WHERE latest.failure IS NOT NULL
            AND r.check_code = latest.check_code
            AND r.run > coalesce((
                SELECT max(good.run) FROM gouvernance.check_runs AS good
                WHERE good.check_code = latest.check_code AND good.failure IS NULL
            ), 0)
        ORDER BY r.run
        LIMIT 1
    ) AS failing_since,
    p.proven_at,
    p.tried_at,
    p.failure AS proof_failure,
    (
        SELECT jsonb_object_agg(day, jsonb_build_array(most, failures))
        FROM daily
        WHERE check_code = known.code
    ) AS days
FROM (
    SELECT code FROM gouvernance.checks
    UNION
    SELECT check_code FROM gouvernance.check_runs WHERE run = (SELECT run FROM last)
) AS known
LEFT JOIN gouvernance.checks AS c ON c.code = known.code
LEFT JOIN gouvernance.check_proofs AS p ON p.check_code = known.code
LEFT JOIN LATERAL (
    SELECT *
    FROM gouvernance.check_runs AS r
    WHERE r.run = (SELECT run FROM last) AND r.check_code IN (known.code, 'v_integrity_checks')
    ORDER BY r.check_code = known.code DESC
    LIMIT 1
) AS latest ON true
WHERE %(code)s::text IS NULL OR known.code = %(code)s
