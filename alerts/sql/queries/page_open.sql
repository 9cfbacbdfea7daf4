-- Those to handle, then those that are over; each CRITICAL first, then the latest detected.
SELECT id FROM found ORDER BY status = 'RESOLVED', severity <> 'CRITICAL', last_detected_at DESC, id
