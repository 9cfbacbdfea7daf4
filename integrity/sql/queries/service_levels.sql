-- The service levels in force, the general ones first.
SELECT check_code, severity, hours
FROM gouvernance.service_levels
ORDER BY check_code <> '*', check_code, severity
