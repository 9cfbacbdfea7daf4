-- What an administrator may tune in a check, with the bounds that the database holds it to.
SELECT name, value, initial, lowest, highest
FROM gouvernance.check_thresholds
WHERE check_code = %(code)s
ORDER BY name
