-- CRITICAL first, then WARN, each the latest detected first. The others, by far the more numerous, are not
-- looked at for a page that the CRITICAL fill.
SELECT id
FROM (
    (
        SELECT id, last_detected_at, 0 AS rank
        FROM found
        WHERE severity = 'CRITICAL'
        ORDER BY last_detected_at DESC, id
        LIMIT (SELECT stop FROM place)
    )
    UNION ALL
    (
        SELECT id, last_detected_at, CASE severity WHEN 'WARN' THEN 1 ELSE 2 END AS rank
        FROM found
        WHERE severity <> 'CRITICAL' AND (SELECT counted.critical < place.stop FROM counted, place)
        ORDER BY rank, last_detected_at DESC, id
        LIMIT (SELECT stop FROM place)
    )
) AS bands
ORDER BY rank, last_detected_at DESC, id
