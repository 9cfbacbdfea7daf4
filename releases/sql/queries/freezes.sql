-- A page of the freezes, the latest first; beyond the last page, the last.
SELECT
    f.id, r.tag, f.reason, f.began_at, f.began_by, f.ended_at, f.ended_by, f.ended_for, f.ended_why,
    f.gate_held, counted.total
FROM (SELECT count(*) AS total FROM gouvernance.freezes) AS counted
CROSS JOIN LATERAL (
    SELECT * FROM gouvernance.freezes
    ORDER BY id DESC
    LIMIT %(size)s
    OFFSET greatest(least((%(page)s::bigint - 1) * %(size)s, (counted.total - 1) / %(size)s * %(size)s), 0)
) AS f
JOIN gouvernance.releases AS r ON r.id = f.release
ORDER BY f.id DESC
