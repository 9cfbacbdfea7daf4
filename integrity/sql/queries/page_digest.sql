-- What the rows of a page show, as one text: every column but the payload, what handling adds to them, what
-- their entities are called, « en retard de … » as it is worded (to the minute, then to the tenth of a day).
WITH page AS MATERIALIZED ({page})
SELECT md5(string_agg(concat(page::text, CASE WHEN m < 2880 THEN m ELSE round(m / 144, 0) END), E'\n'))
FROM page, LATERAL (
    SELECT CASE WHEN due_at <= now() THEN round(extract(epoch FROM now() - due_at) / 60) END AS m
) AS late
