-- The addresses and the accounts with the most refusals.
WITH found AS MATERIALIZED (
    SELECT * FROM gouvernance.found_accesses(
        %(from)s, %(to)s, %(event)s, %(reason)s, %(severity)s, %(status)s, %(route)s,
        %(users)s::bigint[], %(typed)s, %(address)s::inet
    )
)
(
    SELECT
        'address' AS kind, host(address) AS address, NULL::bigint AS user_id, '' AS typed_name,
        sum(count)::bigint AS events, coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals,
        max(at) AS last_at
    FROM found
    WHERE address IS NOT NULL
    GROUP BY address
    ORDER BY refusals DESC, events DESC, address
    LIMIT %(most)s
)
UNION ALL
(
    SELECT
        'account', NULL, user_id, typed_name,
        sum(count)::bigint AS events, coalesce(sum(count) FILTER (WHERE refused), 0)::bigint AS refusals,
        max(at)
    FROM found
    WHERE user_id IS NOT NULL OR typed_name <> ''
    GROUP BY user_id, typed_name
    ORDER BY refusals DESC, events DESC, user_id, typed_name
    LIMIT %(most)s
)
