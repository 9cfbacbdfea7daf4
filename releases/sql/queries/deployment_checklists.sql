SELECT 'preparation' AS list, c.* FROM gouvernance.deployment_checklist(%(deployment)s, 'preparation') AS c
UNION ALL
SELECT 'smoke', c.* FROM gouvernance.deployment_checklist(%(deployment)s, 'smoke') AS c
