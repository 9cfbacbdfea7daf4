-- What V1 does, as plainly as it can be written: one upsert over the view, then one anti-join UPDATE that
-- reads the view again. {{ alerts }} is the table it writes. DISTINCT ON spares it the contract's trap 3
-- (two rows with one key stop an upsert), which V1 falls into.
INSERT INTO {{ alerts }} AS a
    (check_code, severity, entity_type, entity_id, message, payload, first_detected_at, last_detected_at)
SELECT DISTINCT ON (v.check_code, v.entity_type, v.entity_id)
    v.check_code, v.severity, v.entity_type, v.entity_id, v.message, v.payload, now(), now()
FROM public.v_integrity_checks AS v
WHERE v.severity IN ('CRITICAL', 'WARN')
ORDER BY v.check_code, v.entity_type, v.entity_id, v.severity
ON CONFLICT (check_code, entity_type, entity_id) DO UPDATE
SET severity = EXCLUDED.severity, message = EXCLUDED.message, payload = EXCLUDED.payload,
    last_detected_at = now(),
    status = CASE a.status WHEN 'RESOLVED' THEN 'OPEN' ELSE a.status END;

UPDATE {{ alerts }} AS a
SET status = 'RESOLVED', resolved_by = NULL, resolved_at = now()
WHERE a.status IN ('OPEN', 'ACK')
    AND NOT EXISTS (
        SELECT FROM public.v_integrity_checks AS v
        WHERE v.check_code = a.check_code AND v.entity_type = a.entity_type AND v.entity_id = a.entity_id
    );
