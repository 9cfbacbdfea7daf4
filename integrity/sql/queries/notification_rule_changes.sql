-- The last changes of the rules.
SELECT at, actor, rule, before, after
FROM gouvernance.notification_rule_changes
ORDER BY id DESC
LIMIT 50
