-- The activities of an operation, and whether each is frozen now.
SELECT activity, is_frozen, actor, at, happened_on
FROM gouvernance.operation_freezes
WHERE operation = %(operation)s
ORDER BY activity
