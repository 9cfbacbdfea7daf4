SELECT f.id, r.tag, f.reason, f.began_at
FROM gouvernance.freezes AS f JOIN gouvernance.releases AS r ON r.id = f.release
WHERE f.ended_at IS NULL
