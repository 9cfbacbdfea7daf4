-- The corrections of one movement, latest first, 50 at most. Litres; NULL when NaN or infinite.
SELECT
    CASE WHEN a.created_at BETWEEN '0002-01-01' AND '9998-12-31' THEN a.created_at END AS typed_at,
    gouvernance.finite(a.delta_ambiant::numeric) AS ambiant,
    gouvernance.finite(a.delta_15c::numeric) AS v15c,
    a.reason,
    a.created_by
FROM public.stocks_adjustments AS a
WHERE a.mouvement_type = %(kind)s AND a.mouvement_id = %(id)s
ORDER BY a.created_at DESC, a.id DESC
LIMIT 50
