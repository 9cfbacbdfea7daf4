-- One page of the news, by alert, the last that moved first: the last events of each. A page beyond the end
-- is the last one.
WITH last AS MATERIALIZED (SELECT * FROM gouvernance.news_since(%s, %s)),
moved AS (
    SELECT alert_id, max(at) AS at, count(*) AS events, (array_agg(id ORDER BY at DESC, id DESC))[:{each}] AS ids
    FROM last
    GROUP BY alert_id
),
place AS (
    SELECT size, size * (least(page, greatest(ceil(total / size), 1)) - 1) AS start, total
    FROM (SELECT %s::numeric AS page, %s::numeric AS size) AS asked, (SELECT count(*) AS total FROM moved) AS counted
)
SELECT
    ({counts}) AS news,
    (SELECT total FROM place)::bigint AS total,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(alert_id, events, ids) ORDER BY at DESC, alert_id), '[]')
        FROM (
            SELECT * FROM moved ORDER BY at DESC, alert_id
            LIMIT (SELECT size::bigint FROM place) OFFSET (SELECT start::bigint FROM place)
        ) AS page
    ) AS page
