-- The last changes of the service levels.
SELECT at, actor, check_code, severity, before, after
FROM gouvernance.service_level_changes
ORDER BY id DESC
LIMIT 50
