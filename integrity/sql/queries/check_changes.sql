-- Who changed what, the latest first.
SELECT at, actor, change
FROM gouvernance.check_changes
WHERE subject = %(subject)s
ORDER BY id DESC
LIMIT 100
