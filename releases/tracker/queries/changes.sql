-- Who changed what of an action after a version, the latest first.
SELECT at, actor, role, before, after
FROM gouvernance.phase2_changes
WHERE action = %(action)s AND id > %(since)s
ORDER BY id DESC
LIMIT %(limit)s
