-- The counters of a list, which alerts are on one page of it, and the news above it. `found` is read once where telling them
-- takes more than an index. A page beyond the end is the last one.
WITH found AS {once} MATERIALIZED ({found}),
counted AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE severity = 'CRITICAL') AS critical,
        count(*) FILTER (WHERE severity = 'WARN') AS warn
    FROM found
),
place AS (
    SELECT asked.size, (asked.size * least(asked.page, greatest(ceil(total / asked.size), 1)))::bigint AS stop
    FROM counted, (SELECT %s::numeric AS page, %s::numeric AS size) AS asked
),
page AS ({order} LIMIT (SELECT size::bigint FROM place) OFFSET (SELECT stop - size::bigint FROM place))
SELECT
    (SELECT count(*) FROM public.system_alerts) AS everything,
    total,
    critical,
    warn,
    (
        SELECT count(*)
        FROM public.system_alerts AS a
        JOIN gouvernance.alert_acceptances AS c ON c.alert_id = a.id AND c.ended_at IS NULL
    ) AS accepted,
    ARRAY(SELECT id FROM page) AS ids,
    {news} AS news
FROM counted
