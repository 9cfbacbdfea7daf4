SELECT id, tag, commit, category, notes, registered_at, person, role, token
FROM gouvernance.releases
WHERE id = %(id)s OR tag = %(tag)s
