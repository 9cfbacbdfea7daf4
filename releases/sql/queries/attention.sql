-- What asks for attention: the freeze under way, the post-mortems owed, and the last acts that were refused,
-- as lines of the journal.
SELECT *
FROM (
    SELECT
        'freeze' AS what, f.id, f.began_at AS at, r.tag, f.began_by AS person, f.reason, NULL::date AS due_on,
        NULL AS kind, NULL::bigint AS deployment, false AS refused, NULL AS role, NULL AS token, NULL AS item,
        NULL AS details
    FROM gouvernance.freezes AS f JOIN gouvernance.releases AS r ON r.id = f.release
    WHERE f.ended_at IS NULL
    UNION ALL
    SELECT
        'post_mortem', p.id, p.opened_at, r.tag, d.operator, d.reason, p.due_on,
        NULL, NULL, false, NULL, NULL, NULL, NULL
    FROM gouvernance.post_mortems_owed() AS p
    JOIN gouvernance.deployments AS d ON d.id = p.rollback
    JOIN gouvernance.deployments AS taken_back ON taken_back.id = d.replaces
    JOIN gouvernance.releases AS r ON r.id = taken_back.release
    UNION ALL
    SELECT
        'refusal', e.id, e.at, r.tag, e.person, NULL, NULL,
        e.kind, e.deployment, e.refused, e.role, t.name, NULL, e.details::text
    FROM (
        SELECT * FROM gouvernance.release_events WHERE refused ORDER BY id DESC LIMIT %(refusals)s
    ) AS e
    LEFT JOIN gouvernance.releases AS r ON r.id = e.release
    LEFT JOIN gouvernance.release_tokens AS t ON t.id = e.token
) AS found
ORDER BY what, CASE WHEN refused THEN -id ELSE id END
