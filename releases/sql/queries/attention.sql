-- What holds up the next release: the freeze under way, and the post-mortems owed.
SELECT 'freeze' AS kind, f.id, r.tag, f.reason, f.began_at AS at, f.began_by AS person, NULL::date AS due_on
FROM gouvernance.freezes AS f JOIN gouvernance.releases AS r ON r.id = f.release
WHERE f.ended_at IS NULL
UNION ALL
SELECT 'post_mortem', p.id, r.tag, d.reason, p.opened_at, d.operator, p.due_on
FROM gouvernance.post_mortems_owed() AS p
JOIN gouvernance.deployments AS d ON d.id = p.rollback
JOIN gouvernance.deployments AS taken_back ON taken_back.id = d.replaces
JOIN gouvernance.releases AS r ON r.id = taken_back.release
ORDER BY kind, at
