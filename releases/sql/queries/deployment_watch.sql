SELECT at, error_percent, unavailable_minutes, note, person, role, token
FROM gouvernance.watch_readings
WHERE deployment = %(deployment)s
ORDER BY id
