-- The latest ones to choose from, and the one that is asked for.
SELECT id, tag, commit FROM (
    (SELECT id, tag, commit FROM gouvernance.releases ORDER BY id DESC LIMIT 200)
    UNION
    SELECT id, tag, commit FROM gouvernance.releases WHERE id = %(id)s
) AS known
ORDER BY id DESC
