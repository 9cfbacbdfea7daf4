-- What the filters keep of a period: all of it, each hour or each day, and the addresses and the accounts
-- with the most refusals. `admitted`, beside all of it: whether the database shows the journal to this
-- person; to the others it shows an empty one.
WITH found AS MATERIALIZED (
    SELECT * FROM gouvernance.found_accesses(
        %(from)s, %(to)s, %(event)s, %(reason)s, %(severity)s, %(status)s, %(route)s,
        %(users)s::bigint[], %(typed)s, %(address)s::inet
    )
)
SELECT
    'all' AS kind, NULL::timestamptz AS at, NULL AS address, NULL::bigint AS user_id, '' AS typed_name,
    count(*) AS lines, coalesce(sum(count), 0)::bigint AS events,
    coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals,
    coalesce((SELECT gouvernance.role_of(auth.uid())) IN ('admin', 'directeur'), false) AS admitted
FROM found
UNION ALL
(
    SELECT
        'bucket', s.at, NULL, NULL, '', coalesce(b.lines, 0), coalesce(b.events, 0),
        coalesce(b.refusals, 0), NULL
    FROM generate_series(%(from)s, %(to)s - interval '1 microsecond', %(step)s::interval) AS s (at)
    LEFT JOIN (
        SELECT
            date_bin(%(step)s::interval, at, %(from)s) AS at,
            count(*) AS lines, sum(count)::bigint AS events,
            coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals
        FROM found
        GROUP BY 1
    ) AS b USING (at)
    ORDER BY s.at
)
UNION ALL
(
    SELECT
        'address', max(at), host(address), NULL, '', count(*), sum(count)::bigint AS events,
        coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals, NULL
    FROM found
    WHERE address IS NOT NULL
    GROUP BY address
    ORDER BY refusals DESC, events DESC, address
    LIMIT %(most)s
)
UNION ALL
(
    SELECT
        'account', max(at), NULL, user_id, typed_name, count(*), sum(count)::bigint AS events,
        coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals, NULL
    FROM found
    WHERE user_id IS NOT NULL OR typed_name <> ''
    GROUP BY user_id, typed_name
    ORDER BY refusals DESC, events DESC, user_id, typed_name
    LIMIT %(most)s
)
