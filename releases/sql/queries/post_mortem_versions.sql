-- The versions of a post-mortem, the latest first; the texts of the latest and of the one asked for only.
SELECT
    v.id, v.at, v.person, v.role, v.complete,
    CASE WHEN v.id = %(version)s OR v.id = max(v.id) OVER () THEN to_jsonb(v)::text END AS texts
FROM gouvernance.post_mortem_versions AS v
WHERE v.post_mortem = %(id)s
ORDER BY v.id DESC
