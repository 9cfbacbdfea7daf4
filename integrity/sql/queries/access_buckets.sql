-- What happened in each hour, or each day, of the period.
SELECT s.at AS started_at, coalesce(b.refusals, 0) AS refusals, coalesce(b.others, 0) AS others
FROM generate_series(%(from)s, %(to)s - interval '1 microsecond', %(step)s::interval) AS s (at)
LEFT JOIN (
    SELECT
        date_bin(%(step)s::interval, at, %(from)s) AS at,
        coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals,
        coalesce(sum(count) FILTER (WHERE NOT refused), 0)::bigint AS others
    FROM gouvernance.found_accesses(
        %(from)s, %(to)s, %(event)s, %(reason)s, %(severity)s, %(status)s, %(route)s,
        %(users)s::bigint[], %(typed)s, %(address)s::inet
    )
    GROUP BY 1
) AS b USING (at)
ORDER BY 1
