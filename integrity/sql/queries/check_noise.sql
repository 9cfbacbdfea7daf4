-- How many alerts of each check closed and came back since a moment; read as the person.
SELECT a.check_code, count(*) AS reopened
FROM gouvernance.alert_periods AS p JOIN public.system_alerts AS a ON a.id = p.alert_id
WHERE p.number > 1 AND p.started_at >= %(since)s
GROUP BY a.check_code
